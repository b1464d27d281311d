import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { pino } from 'pino';
import { ApiKeys, createApiKey } from '../../../src/auth/api-keys.js';
import { MCP_ROUTE } from '../../../src/http/routes.js';
import type { RequestObservation } from '../../../src/runtime/metrics/metrics.js';
import { connectMcp, type McpClient, postMcp, toolCall, VERSIONS } from '../../helpers/mcp.js';
import { type AppOptions, type RunningApp, startApp } from '../../helpers/start-app.js';
import { stubEngine, untilAborted } from '../../helpers/stub-engine.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { useFixtureApp } from '../../helpers/use-app.js';

const TOOLS = ['search', 'count', 'list_dictionaries', 'list_files', 'read'];

describe('MCP with the client of the SDK', () => {
  const suite = useFixtureApp();

  for (const version of VERSIONS)
    describe(`of ${version}`, () => {
      let mcp: McpClient;
      before(async () => {
        mcp = await connectMcp(suite.url, version);
      });
      after(() => mcp.client.close());

      it('names the server, and says how to use it', () => {
        expect(mcp.client.getNegotiatedProtocolVersion()).to.equal(version);
        expect(mcp.client.getServerVersion()).to.include({ name: 'grepd', version: '1.2.3' });
        expect(mcp.client.getInstructions()).to.include('list_dictionaries');
      });

      it('lists the tools, which only read', async () => {
        const { tools } = await mcp.client.listTools();
        expect(tools.map(({ name }) => name)).to.deep.equal(TOOLS);
        for (const { annotations } of tools)
          expect(annotations).to.include({ readOnlyHint: true, openWorldHint: false });
      });

      it('searches, and returns the entries of the API with their locations', async () => {
        const query = { term: 'love', dictionary: 'folder', files: ['a.txt', 'z.txt'], n_after: 1 };
        const { text, structured } = await mcp.call('search', query);
        const posted = await suite.app.post({ action: 'search', format: 'object', ...query });
        const answer = (await posted.json()) as Record<string, unknown>;
        expect(structured).to.deep.equal({ ...answer, offset: 0 });
        expect(text).to.equal('2 entries:\nfolder/a.txt:2: a2 love\n--\nfolder/a/z.txt:1: z1 love\nfolder/a/z.txt- z2');
      });

      it('reports errors as results, with the messages of the API', async () => {
        for (const fields of [{}, { term: 'a', dictionary: 'plane.txt' }, { term: '(', syntax: 'regex' }]) {
          const posted = await suite.app.post({ action: 'search', ...fields });
          const { message } = (await posted.json()) as { message: string };
          const { isError, text } = await mcp.call('search', fields);
          expect([isError, `${text} See /api/v1/web for instructions.`]).to.deep.equal([true, message]);
        }
      });

      it('rejects an unknown tool as a JSON-RPC error', async () => {
        const failure = await mcp.call('constructor').catch((error: unknown) => error);
        expect(failure).to.include({ code: -32_602 });
        expect(String(failure)).to.include('Unknown tool "constructor". Tools: search, count, list_dictionaries');
      });
    });
});

describe('MCP', () => {
  let app: RunningApp;
  const observed: RequestObservation[] = [];
  const start = async (options: AppOptions) => {
    app = await startApp({ observe: (request) => observed.push(request), ...options });
  };
  afterEach(() => app.close());
  beforeEach(() => observed.splice(0));

  const requests = () => app.log.filter(({ msg }) => msg === 'request');
  const untilLogged = async () => {
    while (requests().length === 0) await sleep(5);
  };
  const failing = () => stubEngine(() => Promise.reject(new Error('a bug')) as never);

  it('is off with MCP=false', async () => {
    await start({ mcp: false });
    expect((await postMcp(app.url, toolCall('search'))).status).to.equal(404);
  });

  it('answers other methods with 405', async () => {
    await start({});
    for (const method of ['GET', 'DELETE', 'PUT']) {
      const response = await fetch(app.url + MCP_ROUTE, { method });
      expect([response.status, response.headers.get('allow')]).to.deep.equal([405, 'POST']);
    }
  });

  it('needs an API key if keys are set', async () => {
    const folder = await tempFolder();
    const { key, line } = createApiKey('agent');
    const file = join(folder.path, 'keys');
    await writeFile(file, `${line}\n`);
    try {
      await start({ keys: new ApiKeys(file, pino({ level: 'silent' })) });
      expect((await postMcp(app.url, toolCall('list_dictionaries'))).status).to.equal(401);
      const mcp = await connectMcp(app.url, '2026-07-28', { Authorization: `Bearer ${key}` });
      expect(await mcp.call('list_dictionaries')).to.include({ isError: false, text: 'No dictionaries.' });
      expect(observed.at(-1)).to.include({ key: 'agent', route: MCP_ROUTE });
    } finally {
      await folder.remove();
    }
  });

  it('counts each message for RATE_LIMIT', async () => {
    let free = 1;
    const consume = async () => {
      free -= 1;
      return { isAllowed: free >= 0, remaining: 0, resetMs: 1_000 };
    };
    await start({ limit: { rate: { maxRequests: 1, windowMs: 1_000 }, consume } });
    const statuses = [];
    for (let n = 0; n < 2; n += 1) statuses.push((await postMcp(app.url, toolCall('list_dictionaries'))).status);
    expect(statuses).to.deep.equal([200, 429]);
  });

  it('observes each call by route and tool, and logs its dictionary, but no term', async () => {
    await start({ engine: failing() });
    await postMcp(app.url, toolCall('search', { term: 'secret', dictionary: 'a' }));
    await untilLogged();
    expect(observed[0]).to.include({ route: MCP_ROUTE, action: 'search', status: 200 });
    expect(requests()[0]).to.include({ path: MCP_ROUTE, action: 'search', dictionary: 'a' });
    expect(JSON.stringify(app.log)).to.not.include('secret');
  });

  it("doesn't use the name of an unknown tool as a label", async () => {
    await start({});
    await postMcp(app.url, toolCall('x'.repeat(1_000)));
    await untilLogged();
    expect(observed[0]).to.include({ route: MCP_ROUTE, action: '', status: 200 });
  });

  it('reports a bug as an internal error, and logs it', async () => {
    await start({ engine: failing() });
    const response = await postMcp(app.url, toolCall('search', { term: 'a' }));
    expect(await response.text())
      .to.include('Internal error.')
      .and.not.include('a bug');
    expect(app.log.filter(({ msg }) => msg === 'bug')).to.have.length(1);
  });

  it('ends a search after its time limit', async () => {
    // biome-ignore lint/correctness/useYield: it never has a result
    const engine = stubEngine(async function* (_, signal) {
      await untilAborted(signal);
      return { nrOfEntries: 0 };
    });
    await start({ engine, searchTimeoutMs: 20 });
    const response = await postMcp(app.url, toolCall('search', { term: 'a' }));
    expect(await response.text()).to.include('The search took longer than 20 ms.');
  });

  it('aborts a search when the client disconnects', async () => {
    let onStart = () => {};
    const started = new Promise<void>((resolve) => {
      onStart = resolve;
    });
    let onAbort = () => {};
    const aborted = new Promise<void>((resolve) => {
      onAbort = resolve;
    });
    // biome-ignore lint/correctness/useYield: it never has a result
    const engine = stubEngine(async function* (_, signal) {
      onStart();
      await untilAborted(signal).catch(onAbort);
      throw signal.reason;
    });
    await start({ engine });
    const body = JSON.stringify(toolCall('search', { term: 'a' }));
    const socket = connect(app.port, '127.0.0.1');
    socket.write(
      `POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await started;
    socket.resetAndDestroy();
    await aborted;
  });

  it('compresses large answers', async () => {
    await start({});
    const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    const response = await postMcp(app.url, list, { 'Accept-Encoding': 'br' });
    expect(response.headers.get('content-encoding')).to.equal('br');
    expect(await response.text()).to.include('list_dictionaries');
  });
});
