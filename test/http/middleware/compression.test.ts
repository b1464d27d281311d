import { setTimeout as sleep } from 'node:timers/promises';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { request } from 'undici';
import { compression } from '../../../src/http/middleware/compression.js';
import { type RunningApp, startApp } from '../../helpers/start-app.js';
import { stubEngine } from '../../helpers/stub-engine.js';

describe('compression', () => {
  const short = 'short';
  const long = 'é'.repeat(10_000);
  /** Longer than the answer buffer. */
  const streamed = 'x'.repeat(100_000);
  let app: RunningApp;
  before(async () => {
    const entries: Record<string, string> = { short, long, streamed };
    app = await startApp({
      engine: stubEngine(async function* (query) {
        yield [entries['term' in query ? query.term : ''] ?? ''];
        return { nrOfEntries: 1 };
      }),
    });
  });
  after(() => app.close());

  async function send(term: string, encoding?: string, accept = '*/*') {
    const { headers, body } = await request(`${app.url}/api/v1/json`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: accept, ...(encoding && { 'Accept-Encoding': encoding }) },
      body: JSON.stringify({ action: 'search', term }),
    });
    return { headers, bytes: Buffer.from(await body.arrayBuffer()) };
  }
  const answerOf = (bytes: Buffer) => JSON.parse(bytes.toString()).results[0];

  for (const [encoding, decompress] of [
    ['gzip', gunzipSync],
    ['br', brotliDecompressSync],
  ] as const) {
    it(`compresses a complete answer with ${encoding}`, async () => {
      const { headers, bytes } = await send('long', encoding);
      expect(headers['content-encoding']).to.equal(encoding);
      expect(headers['content-type']).to.equal('application/json; charset=utf-8');
      expect(headers['x-content-type-options']).to.equal('nosniff');
      expect(String(headers.vary).split(', ').sort()).to.deep.equal(['Accept', 'Accept-Encoding']);
      expect(bytes.length).to.be.below(1_000);
      expect(answerOf(decompress(bytes))).to.equal(long);
    });

    it(`compresses pages, assets and documents with ${encoding}`, async () => {
      const [, style = ''] = /href="([^"]*\.css)"/.exec(await (await fetch(`${app.url}/`)).text()) ?? [];
      for (const path of ['/api/v1/web', style, '/openapi.json']) {
        const plain = await (await request(app.url + path)).body.text();
        const { headers, body } = await request(app.url + path, { headers: { 'Accept-Encoding': encoding } });
        expect(headers['content-encoding'], path).to.equal(encoding);
        expect(headers.vary, path).to.include('Accept-Encoding');
        expect(decompress(Buffer.from(await body.arrayBuffer())).toString(), path).to.equal(plain);
      }
    });
  }

  it('sends identity by default, with Vary', async () => {
    for (const encoding of [undefined, 'identity', 'gzip;q=0']) {
      const { headers, bytes } = await send('long', encoding);
      expect(headers['content-encoding'], encoding).to.equal(undefined);
      expect(String(headers.vary).split(', ').sort()).to.deep.equal(['Accept', 'Accept-Encoding']);
      expect(answerOf(bytes)).to.equal(long);
    }
  });

  it('sends identity if the client accepts no encoding at all', async () => {
    for (const encoding of ['*;q=0', 'identity;q=0', 'gzip;q=0, br;q=0, identity;q=0', 'nonsense, identity;q=0']) {
      const { headers, bytes } = await send('long', encoding);
      expect(headers['content-encoding'], encoding).to.equal(undefined);
      expect(answerOf(bytes)).to.equal(long);
      const page = await request(`${app.url}/api/v1/web`, { headers: { 'Accept-Encoding': encoding } });
      await page.body.dump();
      expect(page.statusCode).to.equal(200);
    }
    expect(app.log.filter(({ msg }) => msg === 'bug')).to.deep.equal([]);
  });

  it('does not compress short or streamed answers', async () => {
    const small = await send('short', 'gzip');
    expect(small.headers['content-encoding']).to.equal(undefined);
    expect(answerOf(small.bytes)).to.equal(short);
    for (const accept of ['*/*', 'application/x-ndjson']) {
      const { headers, bytes } = await send('streamed', 'gzip, br', accept);
      expect(headers['content-encoding']).to.equal(undefined);
      expect(headers['transfer-encoding']).to.equal('chunked');
      expect(bytes.toString()).to.include(streamed);
    }
  });

  it('does not compress errors', async () => {
    const response = await request(`${app.url}/api/v1/json`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Accept-Encoding': 'gzip' },
      body: JSON.stringify({ action: 'search', [`no field ${long}`]: 1 }),
    });
    expect(response.statusCode).to.equal(400);
    expect(response.headers['content-encoding']).to.equal(undefined);
    expect(await response.body.json()).to.have.keys('Code', 'message');
  });

  it('gives HEAD the headers of GET', async () => {
    for (const path of ['/docs', '/help', '/api/v1/web']) {
      const headersOf = async (method: 'GET' | 'HEAD') => {
        const { headers, body } = await request(app.url + path, { method, headers: { 'Accept-Encoding': 'br' } });
        await body.dump();
        return [headers['content-encoding'], headers['content-length'], headers.etag];
      };
      expect(await headersOf('HEAD')).to.deep.equal(await headersOf('GET'));
    }
  });

  describe('of concurrent responses', () => {
    const body = Buffer.alloc(10_000, 'a');
    const key = {};

    /** Runs `count` requests. Returns the total and the maximum concurrent compressions. */
    async function run(count: number, compressOnce?: object): Promise<{ compressed: number; maxRunning: number }> {
      let compressed = 0;
      let running = 0;
      let maxRunning = 0;
      const middleware = compression(async (_encoding, bytes) => {
        compressed += 1;
        running += 1;
        maxRunning = Math.max(maxRunning, running);
        await sleep(1);
        running -= 1;
        return bytes.subarray(0, 10);
      });
      const one = async () => {
        const ctx = {
          body: undefined as unknown,
          state: { compressOnce },
          res: { closed: false },
          acceptsEncodings: () => 'br',
          vary: () => {},
          set: () => {},
        };
        await middleware(ctx as never, async () => {
          ctx.body = body;
        });
        expect(ctx.body).to.have.length(10);
      };
      await Promise.all(Array.from({ length: count }, one));
      return { compressed, maxRunning };
    }

    it('happens once for a constant body', async () => {
      expect(await run(200, key)).to.deep.equal({ compressed: 1, maxRunning: 1 });
    });

    it('is limited to four at a time for other bodies', async () => {
      expect(await run(50)).to.deep.equal({ compressed: 50, maxRunning: 4 });
    });
  });
});
