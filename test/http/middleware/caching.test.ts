import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { request } from 'undici';
import { useFixtureApp } from '../../helpers/use-app.js';

/** The duration of a search differs each time. */
const withoutTime = (text: string) => text.replace(/in \d+ ms/, '');

describe('caching', () => {
  const suite = useFixtureApp();

  /** Unlike fetch, sends no `Cache-Control: no-cache` with If-None-Match. */
  async function get(path: string, headers: Record<string, string> = {}, method: 'GET' | 'HEAD' = 'GET') {
    const response = await request(suite.url + path, { method, headers });
    return { status: response.statusCode, headers: response.headers, text: await response.body.text() };
  }

  for (const path of [
    '/',
    '/?term=love',
    '/api/v1/web',
    '/api/v1/dictionaries',
    '/d',
    '/d/folder',
    '/d/plain.txt?line=3',
    '/docs',
    '/help',
    '/openapi.json',
  ]) {
    it(`revalidates ${path}, and answers 304 if it is unchanged`, async () => {
      const first = await get(path);
      expect(first.headers['cache-control']).to.equal('no-cache');
      const etag = String(first.headers.etag);
      expect(etag).to.match(/^W\/"[\w-]{43}"$/);
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
      expect(withoutTime(other.text)).to.equal(withoutTime(first.text));
    });
  }

  it('lets clients cache assets forever, as their paths contain a hash', async () => {
    const paths = [...(await get('/docs')).text.matchAll(/(?:src|href)="(\/static\/[^"]+)"/g)].map(([, path]) =>
      String(path),
    );
    expect(paths).to.have.length.above(4);
    for (const path of paths) {
      const { status, headers } = await get(path);
      expect(status, path).to.equal(200);
      expect(headers['cache-control'], path).to.equal('public, max-age=31536000, immutable');
    }
    // During a reload, a page may refer to the assets of another version.
    const other = await get((paths[0] as string).replace(/\.[\w-]{12}\./, '.aaaaaaaaaaaa.'));
    expect(other.status).to.equal(200);
    expect(other.headers['cache-control']).to.equal('no-store');
    expect((await get('/static/nope.aaaaaaaaaaaa.css')).status).to.equal(404);
  });

  it('revalidates the list of dictionaries after one is added', async () => {
    const etag = String((await get('/api/v1/dictionaries')).headers.etag);
    await writeFile(join(suite.dictionaries, 'new.txt'), 'new\n');
    const second = await get('/api/v1/dictionaries', { 'If-None-Match': etag });
    expect(second.status).to.equal(200);
    expect(second.text).to.include('new.txt');
  });

  for (const path of ['/healthz', '/readyz', '/nope', '/?term=a&dictionary=nope', '/d/nope', '/random', '/total']) {
    it(`forbids to store ${path}`, async () => {
      const response = await get(path);
      expect(response.headers['cache-control']).to.equal('no-store');
      expect(response.headers.etag).to.equal(undefined);
    });
  }

  it('sets no Cache-Control on a POST, which is not cacheable', async () => {
    const response = await suite.app.post({ action: 'search', term: 'love', dictionary: 'plain.txt' });
    expect(response.headers.get('cache-control')).to.equal(null);
  });
});
