// Searches whose answer is a file.
import { expect } from 'chai';
import { request } from 'undici';
import { useFixtureApp } from '../../helpers/use-app.js';

describe('GET /api/v1/search with download', () => {
  const suite = useFixtureApp();

  async function get(query: string, headers: Record<string, string> = {}) {
    const response = await request(`${suite.url}/api/v1/search?dictionary=plain.txt&${query}`, { headers });
    return { status: response.statusCode, headers: response.headers, text: await response.body.text() };
  }

  for (const [download, type] of [
    ['csv', 'text/csv'],
    ['tsv', 'text/tab-separated-values'],
    ['ndjson', 'application/x-ndjson'],
  ] as const) {
    it(`returns a ${download} file, whatever the Accept header`, async () => {
      const query = 'term=two&format=object';
      const { status, headers, text } = await get(`${query}&download=${download}`, { Accept: 'text/html' });
      expect(status).to.equal(200);
      expect(headers['content-disposition']).to.equal(`attachment; filename="grepd-search.${download}"`);
      expect(headers['content-type']).to.match(new RegExp(`^${type}`));
      expect(text).to.equal((await get(query, { Accept: type })).text);
    });
  }

  it('is not a file without the field', async () => {
    expect((await get('term=two', { Accept: 'application/x-ndjson' })).headers).to.not.have.property(
      'content-disposition',
    );
  });

  for (const [query, message] of [
    ['term=two&download=pdf', '"download" must be one of "csv", "tsv", "ndjson", got "pdf".'],
    ['term=two&download=csv&download=tsv', '"download" takes one value, but the query has 2.'],
    ['term=two&download=csv', '"download": "csv" requires "format": "object" or "kwic".'],
    ['term=two&format=object&escape=html&download=csv', '"escape": "html" can\'t be combined with text/csv.'],
    ['download=csv', '"term" is required'],
  ] as const) {
    it(`returns the error in ${query}, not a file`, async () => {
      const { status, headers, text } = await get(query);
      expect(status).to.equal(400);
      expect(headers).to.not.have.property('content-disposition');
      expect(JSON.parse(text).message).to.include(message);
    });
  }
});
