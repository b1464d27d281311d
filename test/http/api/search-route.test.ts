import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { pino } from 'pino';
import { request } from 'undici';
import { ApiKeys, createApiKey } from '../../../src/auth/api-keys.js';
import { AppError } from '../../../src/errors.js';
import { createAnswerCounts } from '../../../src/http/api/answer-cache.js';
import type { EntryObject } from '../../../src/search/engine.js';
import { type AppOptions, type RunningApp, startApp } from '../../helpers/start-app.js';
import { stubEngine, untilAborted } from '../../helpers/stub-engine.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { useFixtureApp } from '../../helpers/use-app.js';
import { compareWithPost } from './search-questions.js';

const PATH = '/api/v1/search';

/** Unlike fetch, sends no `Cache-Control: no-cache` with If-None-Match. */
async function get(url: string, query: string, headers: Record<string, string> = {}, method: 'GET' | 'HEAD' = 'GET') {
  const response = await request(`${url}${PATH}${query}`, { method, headers });
  return { status: response.statusCode, headers: response.headers, text: await response.body.text() };
}

/** Waits until the engine is sure of the version of a new file, and returns the ETag. */
async function etagOf(url: string, query: string): Promise<string> {
  for (;;) {
    const { etag } = (await get(url, query)).headers;
    if (etag !== undefined) return String(etag);
    await sleep(20);
  }
}

describe('GET /api/v1/search', () => {
  const suite = useFixtureApp({ cacheBytes: 1_000_000 });
  before(async () => {
    await writeFile(join(suite.dictionaries, 'growing.txt'), 'a\n');
    await etagOf(suite.url, '?action=all&dictionary=growing.txt');
  });

  it('answers as a POST of the same request', async () => {
    const { status, headers, text } = await get(suite.url, '?term=love&dictionary=plain.txt&n_before=1&nresults=2');
    expect([status, headers['content-type']]).to.deep.equal([200, 'application/json; charset=utf-8']);
    expect(JSON.parse(text)).to.deep.equal({ 'nr of entries': 4, results: ['one\ntwo love', 'three\nfour love'] });
    const all = await get(suite.url, '?action=all&dictionary=folder/a.txt&nresults=1');
    expect(JSON.parse(all.text)).to.deep.equal({ 'nr of entries': 2, results: ['a1'] });
  });

  it('answers 100 generated requests as a POST', async function () {
    this.timeout(10_000);
    const { succeeded, failed } = await compareWithPost(suite.app, { seed: 21, questions: 100 });
    // Otherwise the test would prove nothing.
    expect(succeeded).to.be.above(40);
    expect(failed).to.be.above(10);
  });

  it('answers NDJSON, CSV and TSV', async () => {
    const query = '?term=two&dictionary=plain.txt&format=object';
    for (const [accept, text] of [
      [
        'application/x-ndjson',
        '{"file":"plain.txt","line":2,"text":"two love","before":[],"after":[],"matches":[[0,3]]}',
      ],
      ['text/csv', 'plain.txt,2,two love,,,0-3\r\n'],
      ['text/tab-separated-values', 'plain.txt\t2\ttwo love\t\t\t0-3\n'],
    ] as const) {
      const { headers, text: answer } = await get(suite.url, query, { Accept: accept });
      expect(headers['content-type']).to.match(new RegExp(`^${accept}`));
      expect(headers.vary).to.equal('Accept, Accept-Encoding');
      expect(answer).to.include(text);
    }
  });

  for (const query of [
    '',
    '?term=a&term=b',
    '?term=a&nope=1',
    '?action=list',
    '?term=%ff',
    '?term=a&dictionary=nope',
  ]) {
    it(`answers an error that is not stored, as JSON to browsers too: ${query}`, async () => {
      const { status, headers, text } = await get(suite.url, query, { Accept: 'text/html', 'If-None-Match': '*' });
      expect(status).to.equal(query.includes('=nope') ? 404 : 400);
      expect(headers['content-type']).to.equal('application/json; charset=utf-8');
      expect(headers).to.include({ 'cache-control': 'no-store' }).and.not.have.property('etag');
      expect(JSON.parse(text)).to.have.keys('Code', 'message');
    });
  }

  it('revalidates an answer, in each format with an ETag of its own', async () => {
    const query = '?term=love&dictionary=plain.txt&format=object';
    const etags = new Set<string>();
    for (const accept of ['application/json', 'application/x-ndjson', 'text/csv', 'text/tab-separated-values']) {
      const first = await get(suite.url, query, { Accept: accept });
      expect(first.headers['cache-control']).to.equal('no-cache');
      const etag = String(first.headers.etag);
      expect(etag).to.match(/^W\/"[\w-]{43}"$/);
      for (const method of ['GET', 'HEAD'] as const) {
        for (const condition of [etag, etag.slice(2), `"a", ${etag}`, '*']) {
          const second = await get(suite.url, query, { Accept: accept, 'If-None-Match': condition }, method);
          expect([second.status, second.text]).to.deep.equal([304, '']);
          expect(second.headers).to.include({ etag, 'cache-control': 'no-cache', vary: 'Accept, Accept-Encoding' });
          expect(second.headers).to.not.have.any.keys('content-type', 'content-length', 'trailer');
        }
        expect((await get(suite.url, query, { Accept: accept, 'If-None-Match': '"a"' }, method)).status).to.equal(200);
      }
      etags.add(etag);
    }
    expect(etags.size).to.equal(4);
  });

  it('gives requests that differ different ETags, and equal ones the same', async () => {
    const etag = async (query: string) => (await get(suite.url, `${query}&dictionary=plain.txt`)).headers.etag;
    const first = await etag('?term=love');
    expect(await etag('?nresults=0&term=l%6Fve&action=search')).to.equal(first);
    for (const query of ['?term=Love', '?term=love&nresults=1', '?term=love&escape=html', '?action=all']) {
      expect(await etag(query), query)
        .to.be.a('string')
        .and.not.equal(first);
    }
  });

  it('has another ETag when the dictionary has changed', async () => {
    const query = '?term=a&dictionary=growing.txt';
    const etag = await etagOf(suite.url, query);
    await writeFile(join(suite.dictionaries, 'growing.txt'), 'a\nab\n');
    const second = await get(suite.url, query, { 'If-None-Match': etag });
    expect([second.status, JSON.parse(second.text)['nr of entries']]).to.deep.equal([200, 2]);
    expect(second.headers.etag).to.not.equal(etag);
  });

  it('forbids storing a draw without a seed', async () => {
    const draw = '?action=all&order=random&nresults=1&dictionary=plain.txt';
    const { headers } = await get(suite.url, draw);
    expect(headers['cache-control']).to.equal('no-store');
    expect(headers.etag).to.equal(undefined);
    expect((await get(suite.url, `${draw}&seed=1`)).headers.etag).to.be.a('string');
  });

  it('has the headers of a GET for HEAD', async () => {
    const query = '?term=love&dictionary=plain.txt';
    const [head, { headers }] = [await get(suite.url, query, {}, 'HEAD'), await get(suite.url, query)];
    // undici closes the connection after HEAD.
    const ignored = { date: '', 'x-request-id': '', connection: '', 'keep-alive': '' };
    expect({ ...head.headers, ...ignored }).to.deep.equal({ ...headers, ...ignored });
    expect(head.text).to.equal('');
  });
});

describe('GET /api/v1/search of an engine', () => {
  let app: RunningApp;
  let version: string | undefined;
  let searches: number;
  let failure: Error | undefined;
  afterEach(() => app.close());

  const entry = (text: string): EntryObject => ({ file: 'a', line: 1, text, before: [], after: [], matches: [] });
  async function start(options: AppOptions = {}): Promise<void> {
    version = 'v1';
    searches = 0;
    failure = undefined;
    const engine = stubEngine(async function* (query, signal) {
      searches += 1;
      const term = 'term' in query ? query.term : '';
      if (term === 'slow') await untilAborted(signal);
      const text = term === 'large' ? 'x'.repeat(100_000) : 'short';
      yield ['format' in query && query.format === 'object' ? entry(text) : text];
      if (failure !== undefined) throw failure;
      return { nrOfEntries: 1, version };
    });
    app = await startApp({ engine: { ...engine, version: () => version }, ...options });
  }

  it('answers 304 without a search, even without a cache', async () => {
    await start();
    const { headers } = await get(app.url, '?term=a');
    expect(searches).to.equal(1);
    const conditional = { 'If-None-Match': String(headers.etag) };
    expect((await get(app.url, '?term=a', conditional)).status).to.equal(304);
    expect(searches).to.equal(1);
    expect((await get(app.url, '?term=b', conditional)).status).to.equal(200);
    version = 'v2';
    expect((await get(app.url, '?term=a', conditional)).status).to.equal(200);
    expect(searches).to.equal(3);
  });

  it('shares the cache of answers with POST', async () => {
    const counts = createAnswerCounts();
    await start({ cacheBytes: 1_000_000, counts });
    const posted = await (await app.post({ action: 'search', term: 'a', n_after: 1 })).text();
    expect((await get(app.url, '?n_after=1&term=a')).text).to.equal(posted);
    expect([searches, counts.hits]).to.deep.equal([1, 1]);
  });

  it('has no ETag if the engine is not sure of the version', async () => {
    await start();
    version = undefined;
    for (const term of ['a', 'large']) {
      const { headers } = await get(app.url, `?term=${term}&format=object`, { Accept: 'text/csv' });
      expect(headers).to.include({ 'cache-control': 'no-store' }).and.not.have.property('etag');
    }
  });

  it('has no ETag for streamed JSON, which can end early and still be valid', async () => {
    await start();
    for (const condition of ['', '"a"', '*']) {
      const { headers } = await get(app.url, '?term=large', condition === '' ? {} : { 'If-None-Match': condition });
      expect(headers).to.include({ 'transfer-encoding': 'chunked', 'cache-control': 'no-store' });
      expect(headers.etag).to.equal(undefined);
    }
  });

  it('has an ETag for streamed CSV, whose connection breaks off on a failure', async () => {
    await start();
    const csv = { Accept: 'text/csv' };
    const { headers } = await get(app.url, '?term=large&format=object', csv);
    expect(headers).to.include({ 'transfer-encoding': 'chunked', 'cache-control': 'no-cache' });
    for (const condition of [String(headers.etag), '*']) {
      const conditional = { ...csv, 'If-None-Match': condition };
      const { status, headers: unchanged } = await get(app.url, '?term=large&format=object', conditional);
      expect(status, condition).to.equal(304);
      expect(unchanged).to.not.have.property('trailer');
    }
    // `*` needs a search, which then isn't streamed.
    expect(searches).to.equal(2);
  });

  it('answers an error to a conditional request whose search fails', async () => {
    await start({ searchTimeoutMs: 20 });
    const timedOut = await get(app.url, '?term=slow', { 'If-None-Match': '"a"' });
    failure = new AppError('damaged_dictionary', 'Damaged.');
    const damaged = await get(app.url, '?term=a', { 'If-None-Match': '*' });
    expect([timedOut.status, damaged.status]).to.deep.equal([504, 503]);
    for (const { headers } of [timedOut, damaged]) {
      expect(headers).to.include({ 'cache-control': 'no-store' }).and.not.have.property('etag');
    }
  });

  it('requires a key, counts toward the rate limit, and allows other origins, as POST does', async () => {
    const folder = await tempFolder();
    const { key, line } = createApiKey('reader');
    await writeFile(join(folder.path, 'keys'), line);
    const keys = new ApiKeys(join(folder.path, 'keys'), pino({ level: 'silent' }));
    const callers: string[] = [];
    const limit = {
      rate: { maxRequests: 1, windowMs: 60_000 },
      consume: async (caller: string) => {
        callers.push(caller);
        return { isAllowed: callers.length < 2, remaining: 0, resetMs: 60_000 };
      },
    };
    await start({ keys, limit, corsOrigins: ['http://b'] });
    const headers = { Authorization: `Bearer ${key}`, Origin: 'http://b' };
    expect((await get(app.url, '?term=a')).status).to.equal(401);
    const allowed = await get(app.url, '?term=a', headers);
    expect(allowed.status).to.equal(200);
    expect(allowed.headers['access-control-allow-origin']).to.equal('http://b');
    expect(allowed.headers['access-control-expose-headers']).to.include('Grepd-Entries,Grepd-Truncated');
    expect(allowed.headers.vary).to.equal('Origin, Accept, Accept-Encoding');
    expect((await get(app.url, '?term=a', headers)).status).to.equal(429);
    expect(callers).to.deep.equal(['key reader', 'key reader']);
    await folder.remove();
  });

  for (const logTerms of [false, true]) {
    it(`logs and counts a search by its action, ${logTerms ? 'with' : 'without'} its term`, async () => {
      const observed: object[] = [];
      await start({ logTerms, observe: ({ route, action, status }) => observed.push({ route, action, status }) });
      await get(app.url, '?term=secret&dictionary=d');
      await get(app.url, '?term=secret&n_before=secret');
      const lines = () => app.log.filter(({ msg }) => msg === 'request');
      while (lines().length < 2) await new Promise((resolve) => setImmediate(resolve));
      expect(lines()[0]).to.include({ method: 'GET', path: PATH, action: 'search', dictionary: 'd' });
      expect(lines()[0]?.term).to.equal(logTerms ? 'secret' : undefined);
      expect(lines()[1]).to.include({ path: PATH, status: 400 });
      expect(JSON.stringify(lines()).includes('secret')).to.equal(logTerms);
      expect(observed).to.deep.equal([
        { route: PATH, action: 'search', status: 200 },
        { route: PATH, action: '', status: 400 },
      ]);
    });
  }
});
