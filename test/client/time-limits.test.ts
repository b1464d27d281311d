// Servers that stop sending, and callers that stop reading.
import type { RequestListener } from 'node:http';
import { expect } from 'chai';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { TimeoutError } from '../../src/client/index.js';
import { begin, respond } from '../helpers/scripted-server.js';
import { JSON_HEADERS, NDJSON_HEADERS, useScriptedClient } from './scripted-client.js';

/** The default of the client. */
const TIMEOUT_MS = 60_000;
const hang: RequestListener = () => {};
const beginError: RequestListener = (_, response) => response.writeHead(503, JSON_HEADERS).write('{');

describe('the time limit of the client', () => {
  const connect = useScriptedClient();
  let clock: SinonFakeTimers;
  beforeEach(() => {
    clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => clock.restore());

  for (const [title, step] of [
    ['never answers', hang],
    ['sends the beginning of an answer only', begin(JSON_HEADERS, '{"results":[')],
    ['sends the beginning of an error only', beginError],
  ] as const) {
    it(`ends a request, without a retry, if the server ${title}`, async () => {
      const { server, search } = await connect([step], { retries: 3 });
      const call = search();
      await server.received();
      clock.tick(TIMEOUT_MS);
      // The first limit may have ended when the headers came.
      await nextTurns();
      clock.tick(TIMEOUT_MS);
      const error = await call;
      expect(error).to.be.instanceOf(TimeoutError).with.property('message', 'The server sent nothing for 60000 ms.');
      await server.cancelled();
      expect(server.requests).to.have.length(1);
    });
  }

  it('is renewed by every part of a large answer', async () => {
    const { server, search } = await connect([begin(JSON_HEADERS, '{"nr of entries":1,')]);
    const call = search();
    await server.received();
    await nextTurns();
    for (const part of ['"results":', '["é"]']) {
      clock.tick(TIMEOUT_MS - 1);
      server.requests[0]?.response.write(part);
      await nextTurns();
    }
    server.requests[0]?.response.end('}');
    expect(await call).to.deep.equal({ nrOfEntries: 1, results: ['é'] });
  });

  it('is renewed by every part of a stream', async () => {
    const { server, read } = await connect([begin(NDJSON_HEADERS, '"a"\n')]);
    const { results, error } = await read((result) => {
      clock.tick(TIMEOUT_MS - 1);
      if (result === 'a') server.requests[0]?.response.end('"b"\n{"nr of entries":2}\n');
    });
    expect(results).to.deep.equal(['a', 'b']);
    expect(error).to.equal(undefined);
  });

  it('ends a stream that stops, whatever came before', async () => {
    const { read } = await connect([begin(NDJSON_HEADERS, '"a"\n')]);
    const { results, error } = await read(() => void nextTurns().then(() => clock.tick(TIMEOUT_MS)));
    expect(results).to.deep.equal(['a']);
    expect(error).to.be.instanceOf(TimeoutError);
  });

  it("doesn't include the time that a reader takes", async () => {
    const { read } = await connect([respond(200, NDJSON_HEADERS, '"a"\n"b"\n{"nr of entries":2}\n')]);
    const { results, error } = await read(() => clock.tick(2 * TIMEOUT_MS));
    expect(results).to.deep.equal(['a', 'b']);
    expect(error).to.equal(undefined);
  });

  it('leaves no timer behind', async () => {
    const { read } = await connect([respond(200, NDJSON_HEADERS, '{"nr of entries":0}\n')]);
    await read();
    expect(clock.countTimers()).to.equal(0);
  });

  it('can be disabled', async () => {
    const { server, search } = await connect([hang], { timeoutMs: 0 });
    const call = search();
    await server.received();
    clock.tick(2 ** 31);
    server.requests[0]?.response.writeHead(200, JSON_HEADERS).end('{"nr of entries":0,"results":[]}');
    expect(await call).to.deep.equal({ nrOfEntries: 0, results: [] });
  });
});

describe('a cancelled call of the client', () => {
  const connect = useScriptedClient();

  for (const [title, step] of [
    ['before an answer', hang],
    ['within an answer', begin(JSON_HEADERS, '{')],
  ] as const) {
    it(`rejects with the reason of the signal ${title}, and ends the request`, async () => {
      const { server, search } = await connect([step], { retries: 3 });
      const controller = new AbortController();
      const call = search(controller.signal);
      await server.received();
      const reason = new Error('enough');
      controller.abort(reason);
      expect(await call).to.equal(reason);
      await server.cancelled();
    });
  }

  it('throws the reason of the signal within a stream, whatever has arrived', async () => {
    const { server, read } = await connect([begin(NDJSON_HEADERS, '"a"\n"b"\n')]);
    const controller = new AbortController();
    const { results, error } = await read(() => controller.abort(), controller.signal);
    expect(results).to.deep.equal(['a']);
    expect(error).to.equal(controller.signal.reason);
    await server.cancelled();
  });

  it('sends nothing if the signal has aborted already', async () => {
    const { server, search } = await connect([hang]);
    expect(await search(AbortSignal.abort('enough'))).to.equal('enough');
    expect(server.requests).to.have.length(0);
  });

  it('ends the request when the reader breaks out of a stream', async () => {
    const { server, client } = await connect([begin(NDJSON_HEADERS, '"a"\n"b"\n')]);
    const stream = client.searchStream({ term: 'x' });
    for await (const result of stream) {
      expect(result).to.equal('a');
      break;
    }
    await server.cancelled();
    expect(stream.summary).to.equal(undefined);
  });
});

/** Lets the client receive what a server on the same machine has sent. */
async function nextTurns(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
}
