// The service's responses, errors above all, are those of its OpenAPI document.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { pino } from 'pino';
import { ApiKeys, createApiKey } from '../../../src/auth/api-keys.js';
import { AppError, type ErrorCode, errorKinds } from '../../../src/errors.js';
import { API_ROUTE, routes } from '../../../src/http/routes.js';
import type { QueryEngine } from '../../../src/search/query.js';
import { ApiDocument } from '../../helpers/api-document.js';
import { rawText } from '../../helpers/raw-http.js';
import { type AppOptions, type RunningApp, startApp } from '../../helpers/start-app.js';
import { stubEngine, untilAborted } from '../../helpers/stub-engine.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { useFixtureApp } from '../../helpers/use-app.js';

/** Without its term, the search of the API fails before it starts. */
const SEARCH = `${routes.search.path}?term=a&format=object`;
const PAGES = ['/?term=a', '/?order=random', '/random', '/d', '/d/a', '/d/a/b.txt'];
const OTHERS = Object.values(routes)
  .map(({ path }) => path)
  .filter((path) => path !== routes.wait.path && path !== routes.search.path);
const ADDRESSES = [...PAGES, SEARCH, ...OTHERS];

/** The errors of a search (see engine.ts). */
const searchFailures: ErrorCode[] = [
  'unknown_dictionary',
  'unreadable_dictionary',
  'damaged_dictionary',
  'dictionary_changed',
  'invalid_request',
  'search_memory',
  'search_timeout',
  'too_busy',
  'engine_unavailable',
  'no_dictionaries',
];
const listFailures: ErrorCode[] = ['unknown_folder', 'unreadable_folder', 'not_a_folder'];
const listingFailures: ErrorCode[] = ['no_dictionaries', 'engine_unavailable', 'too_busy', 'search_timeout'];

/** An engine that throws an error from every method that can throw it. */
function failingEngine(failure: unknown): QueryEngine {
  const fail = (codes: ErrorCode[]) => async () => {
    if (failure instanceof AppError && !codes.includes(failure.code)) return Promise.reject(new Error('never'));
    throw failure;
  };
  const searching = fail(searchFailures);
  const stub = stubEngine(() => {
    throw failure;
  });
  const isListing = !(failure instanceof AppError) || listingFailures.includes(failure.code);
  return {
    ...stub,
    files: searching,
    lineCounts: searching,
    entryCounts: searching,
    wordCounts: searching,
    version: async () => undefined,
    dictionaries: isListing ? fail(listingFailures) : stub.dictionaries,
    check:
      failure instanceof AppError && failure.code !== 'engine_unavailable' ? stub.check : fail(['engine_unavailable']),
  };
}

describe('the OpenAPI document and the responses', function () {
  this.timeout(30_000);
  const seen = new Map<number, number>();
  after(() => {
    // Every status in the table of errors.
    const statuses = new Set<number>(Object.values(errorKinds).map(({ status }) => status));
    expect([...seen.keys()]).to.include.members([200, 302, 303, 304, ...statuses]);
  });

  const suite = useFixtureApp({ waitRoute: true, total: { get: async () => '5', close: async () => {} } });
  let document: ApiDocument;
  before(async () => {
    document = await ApiDocument.fetch(suite.url);
  });

  async function check(method: string, path: string, response: Response): Promise<number> {
    const { status, headers } = response;
    document.check(method, path, { status, headers, text: await response.text() });
    seen.set(status, (seen.get(status) ?? 0) + 1);
    return status;
  }

  async function withApp(options: AppOptions, use: (app: RunningApp) => Promise<void>): Promise<void> {
    const app = await startApp(options);
    try {
      await use(app);
    } finally {
      await app.close();
    }
  }

  /** Requests a path as a browser and as a program. Returns the statuses. */
  async function checkAddresses(url: string, headers: Record<string, string> = {}): Promise<Map<string, number>> {
    const statuses = new Map<string, number>();
    for (const path of ADDRESSES) {
      for (const accept of ['text/html', 'application/json', '*/*']) {
        const response = await fetch(url + path, { headers: { Accept: accept, ...headers }, redirect: 'manual' });
        statuses.set(path, await check('GET', path, response));
      }
    }
    return statuses;
  }

  const bodies: [status: number, body: unknown, headers?: Record<string, string>][] = [
    [200, { action: 'search', term: 'love', dictionary: 'folder', format: 'object', n_before: 1 }],
    [200, { action: 'search', term: 'love', dictionary: 'folder' }, { Accept: 'application/x-ndjson' }],
    [200, { action: 'search', term: 'love', dictionary: 'folder', format: 'object' }, { Accept: 'text/csv' }],
    [200, { action: 'all', format: 'object' }, { Accept: 'text/tab-separated-values' }],
    [400, { action: 'all', format: 'object', escape: 'html' }, { Accept: 'text/csv' }],
    [200, { action: 'search', term: 'l.ve', syntax: 'regex', dictionary: 'latin-1.txt', escape: 'html' }],
    [200, { action: 'all', unit: 'quote', dictionary: 'fortunes', order: 'random', nresults: 2 }],
    [200, { action: 'all', dictionary: 'empty.txt' }],
    [200, { action: 'list', options: ['-l', '-R'] }],
    [400, '{'],
    [400, '[]'],
    [400, ''],
    [400, { action: 'nope' }],
    [400, { action: 'search', term: 'love', nope: 1 }],
    [400, { action: 'search', term: '(', syntax: 'regex' }],
    [400, { action: 'list', folder: 'plain.txt' }],
    [403, { action: 'search', term: 'love', dictionary: 'shut.txt' }],
    [403, { action: 'list', folder: 'shut' }],
    [404, { action: 'search', term: 'love', dictionary: 'nope' }],
    [404, { action: 'list', folder: 'nope' }],
    [413, ' '.repeat(70_000)],
    [415, '{}', { 'Content-Type': 'text/plain' }],
    [415, '{}', { 'Content-Encoding': 'gzip' }],
    [503, { action: 'all', dictionary: 'damaged.txt' }],
  ];
  for (const [status, body, headers] of bodies) {
    const title = typeof body === 'string' ? body.slice(0, 10) : JSON.stringify(body);
    it(`agree on the ${status} to ${title} with ${JSON.stringify(headers ?? {})}`, async () => {
      expect(await check('POST', API_ROUTE, await suite.app.post(body, headers))).to.equal(status);
    });
  }

  it('agree on redirects and 304', async () => {
    for (const path of ['/random', '/d/folder/folder/a.txt', '/d/folder/folder/a.txt?line=1']) {
      for (const accept of ['text/html', 'application/json', '*/*']) {
        const response = await fetch(suite.url + path, { headers: { Accept: accept }, redirect: 'manual' });
        expect(await check('GET', path, response)).to.be.oneOf([302, 303]);
      }
    }
    for (const path of [
      '/',
      '/d',
      '/openapi.json',
      '/docs',
      '/help',
      '/api/v1/web',
      '/api/v1/dictionaries',
      '/d/plain.txt',
    ]) {
      const headers = { 'If-None-Match': '*', 'Cache-Control': 'max-age=0' };
      expect(await check('GET', path, await fetch(suite.url + path, { headers })), path).to.equal(304);
    }
  });

  for (const [status, query] of [
    [200, 'term=love&dictionary=folder'],
    [200, 'action=all&dictionary=folder&format=object'],
    [200, 'action=all&order=random&seed=1&dictionary=folder'],
    [400, ''],
    [400, 'term=%FF'],
    [403, 'term=a&dictionary=shut.txt'],
    [404, 'term=a&dictionary=nope'],
    [503, 'action=all&dictionary=damaged.txt'],
  ] as const) {
    it(`agree on the ${status} to ${routes.search.path}?${query}`, async () => {
      const path = `${routes.search.path}?${query}`;
      for (const accept of ['*/*', 'application/x-ndjson', 'text/csv', 'text/html']) {
        const headers = { Accept: accept };
        expect(await check('GET', path, await fetch(suite.url + path, { headers }))).to.equal(status);
        const conditional = { ...headers, 'If-None-Match': '*', 'Cache-Control': 'max-age=0' };
        const unchanged = await check('GET', path, await fetch(suite.url + path, { headers: conditional }));
        // The files may be so new that the engine is not sure of their versions.
        expect(unchanged).to.be.oneOf(status === 200 ? [200, 304] : [status]);
      }
    });
  }

  it('agree on invalid requests', async () => {
    const post = `POST ${API_ROUTE} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n`;
    const requests: [status: number, method: string, path: string, bytes: string][] = [
      [400, 'GET', '/', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
      [400, 'GET', '/', 'GET / HTTP/1.1\r\nHost: a\r\nbroken\r\n\r\n'],
      [400, 'POST', API_ROUTE, `${post}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`],
      [404, 'GET', '/nope', 'GET /nope HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
      [405, 'PUT', '/', 'PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
      [408, 'GET', '/healthz', 'GET /healthz HTTP/1.1\r\nHost: a\r\n'],
      [408, 'POST', API_ROUTE, `${post}Content-Length: 5\r\n\r\n{`],
      [417, 'GET', '/total', 'GET /total HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: all\r\n\r\n'],
      [417, 'POST', API_ROUTE, `${post}Connection: close\r\nExpect: all\r\n\r\n`],
      [431, 'GET', '/metrics', `GET /metrics HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
      [501, 'TRACE', '/', 'TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
      [501, 'CONNECT', '/', 'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n'],
      [501, 'FROB', '/', 'FROB / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ];
    await withApp({ requestTimeoutMs: 100 }, async ({ port }) => {
      for (const [status, method, path, bytes] of requests) {
        const answer = await rawText(port, bytes);
        const [, ...fields] = answer.headers.split('\r\n');
        const headers = fields.map((field) => field.split(/: ?(.*)/s, 2) as [string, string]);
        expect(answer.status, bytes.slice(0, 60)).to.equal(status);
        await check(method, path, new Response(answer.text, { status, headers }));
      }
    });
  });

  for (const code of [...new Set([...searchFailures, ...listFailures])]) {
    it(`agree on ${code} of every route`, async () => {
      await withApp({ engine: failingEngine(new AppError(code, 'For this reason.')) }, async (app) => {
        const action = listFailures.includes(code) ? 'list' : 'all';
        expect(await check('POST', API_ROUTE, await app.post({ action }))).to.equal(errorKinds[code].status);
        if (action === 'all') await checkAddresses(app.url);
      });
    });
  }

  for (const [title, failure] of [
    ['bugs', new Error('a bug')],
    ['a machine that is out of files', Object.assign(new Error('too many open files'), { code: 'EMFILE' })],
  ] as const) {
    it(`agree on ${title}`, async () => {
      const fail = () => Promise.reject(failure);
      const options = { engine: failingEngine(failure), total: { get: fail, close: async () => {} }, metrics: fail };
      await withApp(options, async (app) => {
        const status = title === 'bugs' ? 500 : 503;
        expect(await check('POST', API_ROUTE, await app.post({ action: 'all' }))).to.equal(status);
        const statuses = await checkAddresses(app.url);
        expect([...statuses.values()].filter((each) => each === status).length).to.equal(statuses.size - 8);
      });
    });
  }

  for (const code of ['cross_site', 'unwritable_folder', 'text_exists', 'disk_full'] as const) {
    it(`agree on ${code} of uploads`, async () => {
      const fail = () => Promise.reject(new AppError(code, 'For this reason.'));
      const uploads = { store: { put: fail, remove: fail }, limits: { maxBytes: 10, graceMs: 10_000 } };
      await withApp({ uploads }, async ({ url }) => {
        const path = '/api/v1/texts/a.txt';
        const response = await fetch(url + path, { method: 'PUT', body: 'x' });
        const { status, headers } = response;
        expect(status).to.equal(errorKinds[code].status);
        (await ApiDocument.fetch(url)).check('PUT', path, { status, headers, text: await response.text() });
        seen.set(status, 1);
      });
    });
  }

  for (const code of ['numbers_failed', 'numbers_timeout', 'not_ready', 'too_busy'] as const) {
    it(`agree on ${code} of /total`, async () => {
      const get = () => Promise.reject(new AppError(code, 'For this reason.'));
      await withApp({ total: { get, close: async () => {} } }, async ({ url }) => {
        expect(await check('GET', '/total', await fetch(`${url}/total`))).to.equal(errorKinds[code].status);
      });
    });
  }

  it('agree on a search timeout', async () => {
    const engine = stubEngine(async function* (_, signal) {
      yield* [];
      return untilAborted(signal);
    });
    await withApp({ engine, searchTimeoutMs: 50 }, async (app) => {
      expect(await check('POST', API_ROUTE, await app.post({ action: 'all' }))).to.equal(504);
      for (const path of ['/?term=a', '/random'])
        expect(await check('GET', path, await fetch(app.url + path))).to.equal(504);
    });
  });

  it('agree on a draining worker', async () => {
    await withApp({ phase: () => 'draining' }, async ({ url }) => {
      expect(await check('GET', '/readyz', await fetch(`${url}/readyz`))).to.equal(503);
    });
  });

  it('agree on a missing key and on the rate limit', async () => {
    const folder = await tempFolder();
    const { key, line } = createApiKey('reader');
    await writeFile(join(folder.path, 'keys'), line);
    const keys = new ApiKeys(join(folder.path, 'keys'), pino({ level: 'silent' }));
    let isAllowed = true;
    const limit = {
      rate: { maxRequests: 5, windowMs: 60_000 },
      consume: async () => ({ isAllowed, remaining: isAllowed ? 4 : 0, resetMs: 60_000 }),
    };
    const engine = failingEngine(new AppError('unknown_dictionary', 'There is none.'));
    const total = { get: async () => '5', close: async () => {} };
    await withApp({ engine, keys, limit, total }, async (app) => {
      expect(await check('POST', API_ROUTE, await app.post({ action: 'all' }))).to.equal(401);
      const refused = await checkAddresses(app.url);
      const closed = [...refused.values()].filter((status) => status === 401).length;
      expect(closed).to.be.above(8);
      const authorization = { Authorization: `Bearer ${key}` };
      expect(await check('POST', API_ROUTE, await app.post({ action: 'all' }, authorization))).to.equal(404);
      await checkAddresses(app.url, authorization);
      isAllowed = false;
      expect(await check('POST', API_ROUTE, await app.post({ action: 'all' }, authorization))).to.equal(429);
      const limited = await checkAddresses(app.url, authorization);
      // The metrics have no rate limit.
      expect([...limited.values()].filter((status) => status === 429).length).to.equal(closed - 1);
    });
    await folder.remove();
  });
});
