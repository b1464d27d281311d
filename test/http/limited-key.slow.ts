// A limited key on every route: each answers as if the hidden dictionaries didn't exist.
import { expect } from 'chai';
import { ASSETS_PATH } from '../../src/http/pages/assets.js';
import { API_ROUTE, MCP_ROUTE, type RouteName, routes, TEXTS_ROUTE } from '../../src/http/routes.js';
import { openEngine } from '../../src/search/open-engine.js';
import type { QueryEngine } from '../../src/search/query.js';
import { describeWithClickHouse, type Nodes, startNodes } from '../helpers/clickhouse.js';
import { HIDDEN_NAMES, type LimitedApps, SECRET, startLimitedApps, VISIBLE_NAMES } from '../helpers/limited-apps.js';
import { loadFolder } from '../helpers/load-folder.js';
import { engineOptions } from '../helpers/queries.js';
import type { RunningApp } from '../helpers/start-app.js';

interface RouteRequest {
  path?: string;
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** Whether the answers differ each time, so that they can't be compared. */
  differs?: boolean;
}

const HTML = { Accept: 'text/html' };
const names = [...HIDDEN_NAMES, ...VISIBLE_NAMES];
const all = [...names, '*', 'zqname*'];
const encoded = (name: string) => name.split('/').map(encodeURIComponent).join('/');

/** Requests to each route that could reveal hidden dictionaries. A new route needs an entry. */
const requests: Record<RouteName | 'api' | 'mcp' | 'textsApi' | 'assets', RouteRequest[]> = {
  page: [
    {},
    { path: '?order=random&seed=5&nresults=2' },
    { path: '?term=zqtext' },
    ...['list', 'kwic', 'count', 'frequencies'].flatMap((view) => [
      { path: `?term=love&view=${view}` },
      ...all.map((name) => ({ path: `?term=love&view=${view}&dictionary=${encodeURIComponent(name)}` })),
    ]),
    ...['aaa-zqname.txt', 'quotes.txt'].map((name) => ({
      path: `?term=love&dictionary=public-plain.txt&dictionary=${name}`,
    })),
  ].map((request) => ({ ...request, headers: HTML })),
  random: [
    { differs: true },
    ...all.map((name) => ({ path: `?dictionary=${encodeURIComponent(name)}`, differs: true })),
  ],
  texts: [
    {},
    { path: '?filter=*' },
    { path: '?filter=zq' },
    { path: '/*' },
    ...names.map((name) => ({ path: `/${encoded(name)}` })),
    ...names.map((name) => ({ path: `/${encoded(name)}?term=love&dictionary=*&line=1` })),
    { path: '/public-plain.txt?term=love&dictionary=zqname' },
    { path: '/public-folder/a.txt?term=love&dictionary=public-folder' },
    { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: 'x' },
  ].map((request) => ({ headers: HTML, ...request })),
  instructions: [{}],
  help: [{}],
  openapi: [{}],
  opensearch: [{}],
  docs: [{}],
  dictionaries: [{}, { path: '?filter=*' }, { path: '?filter=zq*' }, { path: '?offset=1&nresults=2' }],
  search: [
    { path: '?term=love' },
    { path: '?term=love&dictionary=public-plain.txt&dictionary=zqname' },
    ...all.flatMap((name) => [
      { path: `?term=love&dictionary=${encodeURIComponent(name)}` },
      { path: `?term=love&format=object&download=csv&dictionary=${encodeURIComponent(name)}` },
      { path: `?action=all&format=object&dictionary=${encodeURIComponent(name)}` },
    ]),
  ],
  total: [{}],
  healthz: [{}],
  readyz: [{}],
  status: [{ differs: true }],
  metrics: [{ differs: true }],
  robots: [{}],
  favicon: [{}],
  wait: [{ path: '?seconds=1' }],
  api: [
    ...all.flatMap((dictionary) => [
      { action: 'search', term: 'love', dictionary, format: 'object' },
      { action: 'search', term: 'love', dictionary, format: 'kwic' },
      { action: 'search', term: 'love', dictionary, order: 'random', seed: 1 },
      { action: 'search', all_of: ['love', 'o'], unit: 'quote', dictionary },
      { action: 'count', term: 'love', dictionary },
      { action: 'frequencies', term: '[a-z]*', syntax: 'regex', dictionary },
      { action: 'frequencies', term: 'love', by: 'left', dictionary },
      { action: 'all', dictionary, format: 'object' },
      { action: 'search', term: '(', syntax: 'regex', dictionary },
      { action: 'list', folder: dictionary },
    ]),
    { action: 'search', term: 'love' },
    { action: 'search', term: 'zqtext', dictionary: '*' },
    { action: 'all', dictionary: ['public-plain.txt', 'zqname', 'nope'] },
    { action: 'all', dictionary: ['public-plain.txt', 'aaa', 'zqname'] },
    { action: 'all', dictionary: ['quotes.txt', 'marks.txt', 'public-link'], format: 'object' },
    { action: 'list', folder: '' },
    { action: 'list', folder: '', options: ['-a', '-r'] },
    { action: 'list', folder: '', options: ['-R'] },
    { action: 'list', folder: '', options: ['-R', '-a', '-t', '-1'] },
    { action: 'list', folder: '', filter: '*zq*' },
    { action: 'list', folder: '', filter: '*', options: ['-S'] },
    { action: 'list', folder: '', options: ['-l', '-R'], differs: true },
    { action: 'list', folder: '', options: ['-l', '-h'], differs: true },
    { action: 'list', folder: 'public-folder', options: ['-R'] },
    { action: 'zqaction' },
  ].map(({ differs = false, ...body }: { action: string; differs?: boolean }) => ({ method: 'POST', body, differs })),
  mcp: [
    { tool: 'list_dictionaries' },
    { tool: 'list_dictionaries', filter: '*zq*' },
    { tool: 'search', term: 'love' },
    { tool: 'search', term: 'love', dictionary: ['public-plain.txt', 'zqname'] },
    ...all.flatMap((dictionary) => [
      { tool: 'search', term: 'love', dictionary },
      { tool: 'count', term: 'love', dictionary },
      { tool: 'list_files', dictionary },
      { tool: 'read', file: dictionary },
      { tool: 'read', file: dictionary, line: 1 },
    ]),
    { tool: 'zqtool' },
  ].map(({ tool, ...args }) => {
    const params = { name: tool, arguments: args };
    return { method: 'POST', body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params } };
  }),
  textsApi: [
    ...HIDDEN_NAMES.map((name) => ({ path: `/${encoded(name)}`, method: 'PUT', body: 'new text', differs: true })),
    ...HIDDEN_NAMES.map((name) => ({ path: `/${encoded(name)}`, method: 'DELETE', differs: true })),
    { path: '/public-nope.txt', method: 'DELETE' },
    { path: '/public-folder', method: 'DELETE' },
  ],
  assets: [{ path: '/nope.css' }, { path: '/zqnam.txt' }],
};

const pathOf: Record<string, string> = {
  ...Object.fromEntries(Object.entries(routes).map(([name, { path }]) => [name, path])),
  api: API_ROUTE,
  mcp: MCP_ROUTE,
  textsApi: TEXTS_ROUTE,
  assets: ASSETS_PATH,
};

interface Suite {
  open?: (dictionariesDir: string) => Promise<QueryEngine>;
  /** Which of the requests to send: the first, and every so many. */
  every: number;
}

function answersAsIfAlone({ open, every }: Suite): void {
  let apps: LimitedApps;
  before(async () => {
    apps = await startLimitedApps(open);
  });
  after(() => apps.close());

  async function send({ url }: RunningApp, route: string, { path = '', method = 'GET', body, headers }: RouteRequest) {
    const response = await fetch(`${url}${pathOf[route]}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...apps.headers, ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: response.status, headers: [...response.headers], text: await response.text() };
  }

  type Answered = Awaited<ReturnType<typeof send>>;

  /** Leaves out what differs between two applications: ports, ids and durations. */
  function comparable({ status, headers, text }: Answered, { port }: RunningApp) {
    const ignored = ['date', 'x-request-id', 'etag', 'content-length'];
    return {
      status,
      headers: headers.filter(([name]) => !ignored.includes(name)),
      text: text
        .replaceAll(`:${port}`, ':PORT')
        .replace(/\d[\d,.]* (ms|s)\b/g, 'TIME')
        .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID'),
    };
  }

  /** Removes what the caller sent, which messages and forms repeat. */
  function withoutEcho(text: string, { path = '', body }: RouteRequest): string {
    const sent = `${decodeURIComponent(path)} ${JSON.stringify(body) ?? ''}`;
    const words = [...new Set(sent.match(/[\w.-]*zq[\w.-]*/gi) ?? [])].sort((a, b) => b.length - a.length);
    return words.reduce((rest, word) => rest.replaceAll(word, ''), text);
  }

  for (const [route, ofRoute] of Object.entries(requests)) {
    it(`answers ${route} as if no other dictionary existed`, async () => {
      for (const request of ofRoute.filter((_, index) => index % every === 0)) {
        const limited = await send(apps.limited, route, request);
        const title = `${route} ${JSON.stringify(request)}`;
        expect(limited.status, title).to.be.below(500);
        expect(withoutEcho(JSON.stringify(limited), request), title).to.not.match(SECRET);
        if (request.differs) continue;
        const reference = await send(apps.reference, route, request);
        expect(comparable(limited, apps.limited), title).to.deep.equal(comparable(reference, apps.reference));
      }
    });
  }
}

describe('a key that is limited to some dictionaries', function () {
  this.timeout(60_000);
  answersAsIfAlone({ every: 1 });
});

describeWithClickHouse('a key that is limited to some dictionaries of a cluster', function () {
  this.timeout(60_000);
  let nodes: Nodes;
  let databases = 0;
  before(async () => {
    nodes = await startNodes([1]);
  });
  after(() => nodes.leave());

  answersAsIfAlone({
    open: async (dictionariesDir) => {
      databases += 1;
      const urls = nodes.urls.map((url) => `${url}/limited${databases}`);
      await loadFolder(dictionariesDir, { ...nodes, urls });
      return openEngine(engineOptions({ dictionariesDir, engine: 'clickhouse', urls, searchQueue: 100 }));
    },
    every: 5,
  });
});
