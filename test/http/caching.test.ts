import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { request } from 'undici';
import { openEngine } from '../../src/search/open-engine.js';
import { type Fixtures, makeFixtures } from '../helpers/fixtures.js';
import { engineOptions } from '../helpers/queries.js';
import { type RunningApp, startApp } from '../helpers/start-app.js';

describe('what browsers and proxies may keep', () => {
  let fixtures: Fixtures;
  let app: RunningApp;
  before(async () => {
    fixtures = await makeFixtures();
    app = await startApp({ engine: await openEngine(engineOptions({ dictionariesDir: fixtures.dictionaries })) });
  });
  after(async () => {
    await app.close();
    await fixtures.remove();
  });

  /** Not by fetch, which says `Cache-Control: no-cache` with every If-None-Match. */
  async function get(path: string, headers: Record<string, string> = {}, method: 'GET' | 'HEAD' = 'GET') {
    const response = await request(app.url + path, { method, headers });
    return { status: response.statusCode, headers: response.headers, text: await response.body.text() };
  }

  for (const path of ['/', '/?term=love', '/api/v1/web', '/api/v1/dictionaries']) {
    it(`is ${path}, if it is asked for again each time: 304 where it is the same`, async () => {
      const first = await get(path);
      expect(first.headers['cache-control']).to.equal('no-cache');
      const etag = String(first.headers.etag);
      expect(etag).to.match(/^"[\w-]{43}"$/);
      expect(first.text).to.have.length.above(100);

      for (const method of ['GET', 'HEAD'] as const) {
        const second = await get(path, { 'If-None-Match': etag }, method);
        expect(second.status).to.equal(304);
        expect(second.text).to.equal('');
        expect(second.headers.etag).to.equal(etag);
        expect(second.headers['cache-control']).to.equal('no-cache');
        expect(second.headers['content-type']).to.equal(undefined);
      }
      const other = await get(path, { 'If-None-Match': '"another"' });
      expect(other.status).to.equal(200);
      expect(other.headers['content-type']).to.equal(first.headers['content-type']);
      expect(other.text).to.equal(first.text);
    });
  }

  it('is another list of dictionaries when one is added', async () => {
    const etag = String((await get('/api/v1/dictionaries')).headers.etag);
    await writeFile(join(fixtures.dictionaries, 'new.txt'), 'new\n');
    const second = await get('/api/v1/dictionaries', { 'If-None-Match': etag });
    expect(second.status).to.equal(200);
    expect(second.text).to.include('new.txt');
  });

  for (const path of ['/healthz', '/readyz', '/nope', '/?term=a&dictionary=nope', '/total']) {
    it(`is not ${path}`, async () => {
      const response = await get(path);
      expect(response.headers['cache-control']).to.equal('no-store');
      expect(response.headers.etag).to.equal(undefined);
    });
  }

  it('is left open where a POST is answered, which nobody keeps', async () => {
    const response = await app.post({ action: 'search', term: 'love', dictionary: 'plain.txt' });
    expect(response.headers.get('cache-control')).to.equal(null);
  });
});
