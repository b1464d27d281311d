// Hostile traffic: messages that aren't JSON-RPC, batch bombs, streams, and more calls than fit.
import { expect } from 'chai';
import fc from 'fast-check';
import { MCP_ROUTE } from '../../../src/http/routes.js';
import { openEngine } from '../../../src/search/open-engine.js';
import { connectMcp, postMcp, toolCall } from '../../helpers/mcp.js';
import { PROJECT } from '../../helpers/project.js';
import { engineOptions } from '../../helpers/queries.js';
import { type RunningApp, startApp } from '../../helpers/start-app.js';
import { stubEngine } from '../../helpers/stub-engine.js';
import { useFixtureApp } from '../../helpers/use-app.js';

const METHODS = [
  'initialize',
  'ping',
  'tools/list',
  'tools/call',
  'server/discover',
  'subscriptions/listen',
  'notifications/cancelled',
  'notifications/initialized',
  'resources/read',
  'prompts/get',
  'completion/complete',
  'logging/setLevel',
  'sampling/createMessage',
  'constructor',
  '',
];
const META = 'io.modelcontextprotocol/';
const STREAMS = 10_000;
const CONCURRENCY = 50;

const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>('search', '2.0', '2026-07-28', {}, [], -1),
);
const mostly = (valid: fc.Arbitrary<unknown>) =>
  fc.oneof({ arbitrary: valid, weight: 9 }, { arbitrary: odd, weight: 1 });

const envelope = fc
  .record({
    protocolVersion: mostly(fc.constant('2026-07-28')),
    clientInfo: mostly(fc.constant({ name: 'a', version: '1' })),
    clientCapabilities: mostly(fc.constant({})),
  })
  .map((fields) => Object.fromEntries(Object.entries(fields).map(([key, value]) => [META + key, value])));
const params = fc.record(
  {
    name: mostly(fc.constantFrom('search', 'count', 'list_dictionaries', 'list_files', 'read', 'nope')),
    arguments: mostly(fc.dictionary(fc.constantFrom('term', 'dictionary', 'file', 'offset', 'filter', 'x'), odd)),
    protocolVersion: odd,
    _meta: envelope,
  },
  { requiredKeys: [] },
);
const message = fc.record(
  {
    jsonrpc: mostly(fc.constant('2.0')),
    id: mostly(fc.oneof(fc.integer(), fc.string())),
    method: mostly(fc.constantFrom(...METHODS)),
    params: mostly(params),
    result: odd,
  },
  { requiredKeys: ['jsonrpc', 'method'] },
);
const headers = fc.dictionary(
  fc.constantFrom('Mcp-Protocol-Version', 'Mcp-Method', 'Mcp-Name', 'Mcp-Session-Id', 'Last-Event-Id', 'Accept'),
  fc.constantFrom('2026-07-28', '2025-06-18', 'tools/call', 'search', '1', 'text/event-stream', '*/*'),
);

describe('hostile messages of MCP', function () {
  this.timeout(60_000);
  const suite = useFixtureApp();

  it('are answered with JSON, and never with 500', async () => {
    const statuses = new Set<number>();
    await fc.assert(
      fc.asyncProperty(
        fc.oneof({ arbitrary: message, weight: 8 }, fc.array(message), odd),
        headers,
        async (sent, sentHeaders) => {
          const response = await postMcp(suite.url, sent, sentHeaders);
          statuses.add(response.status);
          expect(response.status).to.be.oneOf([200, 202, 400, 404]);
          const text = await response.text();
          if (response.status === 202) expect(text).to.equal('');
          else expect(JSON.parse(text)).to.have.property('jsonrpc', '2.0');
        },
      ),
      { seed: 23, numRuns: 1_000 },
    );
    expect([...statuses]).to.include.members([200, 202, 400]);
    expect(suite.app.log.filter(({ msg }) => msg === 'bug')).to.deep.equal([]);
    const mcp = await connectMcp(suite.url);
    expect(await mcp.call('search', { term: 'love' })).to.include({ isError: false });
    await mcp.client.close();
  });

  it('open no stream', async () => {
    const listen = { jsonrpc: '2.0', id: 1, method: 'subscriptions/listen', params: { notifications: {} } };
    const statuses: number[] = [];
    for (let n = 0; n < STREAMS; n += CONCURRENCY) {
      const answers = Array.from({ length: CONCURRENCY }, async (_, at) => {
        const response =
          at % 2 === 0
            ? await postMcp(suite.url, listen)
            : await fetch(suite.url + MCP_ROUTE, { headers: { Accept: 'text/event-stream' } });
        // A stream would never end.
        await response.text();
        statuses.push(response.status);
      });
      await Promise.all(answers);
    }
    expect([...new Set(statuses)]).to.have.members([404, 405]);
    expect(statuses).to.have.length(STREAMS);
  });
});

describe('batches of MCP', () => {
  it('run no search', async () => {
    let searches = 0;
    const engine = stubEngine(() => {
      searches += 1;
      throw new Error('No search was expected');
    });
    const app = await startApp({ engine });
    try {
      const bomb = Array.from({ length: 400 }, (_, n) => toolCall('search', { term: 'a' }, n));
      for (const batch of [bomb, bomb.slice(0, 1), [bomb]]) {
        const response = await postMcp(app.url, batch);
        expect(response.status).to.equal(400);
      }
      expect(searches).to.equal(0);
      await postMcp(app.url, bomb[0]);
      expect(searches).to.equal(1);
    } finally {
      await app.close();
    }
  });
});

describe('more calls of MCP than a worker may run', function () {
  this.timeout(30_000);
  let app: RunningApp;
  before(async () => {
    const limits = { searchesPerWorker: 1, searchQueue: 2 };
    app = await startApp({
      engine: await openEngine(engineOptions({ dictionariesDir: `${PROJECT}/dictionaries`, ...limits })),
    });
  });
  after(() => app.close());

  it('wait, or are rejected, as those of the API', async () => {
    const texts = await Promise.all(
      Array.from({ length: 40 }, async (_, n) => {
        const input = { term: `${n}[a-z]*x*`, syntax: 'regex', dictionary: 'king-james-bible.txt', nresults: 1 };
        const response = await postMcp(app.url, toolCall('search', input));
        return response.text();
      }),
    );
    const rejected = texts.filter((text) => text.includes('"isError":true'));
    expect(rejected.length).to.be.within(1, 39);
    for (const text of rejected) expect(text).to.match(/search queue is full|too many searches|busy/i);
  });
});
