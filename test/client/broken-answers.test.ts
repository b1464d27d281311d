// Answers that break off. They are never taken for complete ones.
import { expect } from 'chai';
import { ApiError, ConnectionError, createClient, GrepdError } from '../../src/client/index.js';
import { begin, breakOff, respond, startScriptedServer } from '../helpers/scripted-server.js';
import { JSON_HEADERS, NDJSON_HEADERS, useScriptedClient } from './scripted-client.js';

const LAST_LINE = '{"nr of entries":2}\n';
const complete = respond(200, NDJSON_HEADERS, `"a"\n"b"\n${LAST_LINE}`);

describe('the client of a server that breaks off', () => {
  const connect = useScriptedClient();

  for (const [title, headers] of [
    ['in chunks', {}],
    ['of a known length', { 'Content-Length': '1000' }],
  ] as const) {
    it(`throws a ConnectionError for an answer ${title}`, async () => {
      const { search } = await connect([breakOff({ ...JSON_HEADERS, ...headers }, '{"results":["a"')]);
      const error = await search();
      expect(error).to.be.instanceOf(ConnectionError).and.instanceOf(GrepdError);
      expect(error)
        .to.have.property('message')
        .match(/^The answer broke off: ./);
      expect(error).to.have.property('cause').instanceOf(Error);
    });

    it(`yields what arrived of a stream ${title}, and then throws a ConnectionError`, async () => {
      const { server, read } = await connect([begin({ ...NDJSON_HEADERS, ...headers }, '"a"\n"b')], { retries: 3 });
      const { results, error, summary } = await read(() => server.requests[0]?.response.destroy());
      expect(results).to.deep.equal(['a']);
      expect(error).to.be.instanceOf(ConnectionError);
      expect(summary).to.equal(undefined);
      // A retry would repeat "a".
      expect(server.requests).to.have.length(1);
    });
  }

  for (const [title, body] of [
    ['nothing', ''],
    ['no last line', '"a"\n"b"\n'],
    ['half a last line', '"a"\n"b"\n{"nr of entries":2'],
  ] as const) {
    it(`throws a ConnectionError if a stream ends properly with ${title}`, async () => {
      const { read } = await connect([respond(200, NDJSON_HEADERS, body)]);
      const { error, summary } = await read();
      expect(error).to.be.instanceOf(ConnectionError);
      expect(error).to.have.property('message', 'The answer broke off: it has no last line.');
      expect(summary).to.equal(undefined);
    });
  }

  it('throws a ConnectionError if JSON ends properly in the middle', async () => {
    const { search } = await connect([respond(200, JSON_HEADERS, '{"results":["a"')]);
    expect(await search()).to.be.instanceOf(ConnectionError);
  });

  it('retries a stream that breaks off before its first result', async () => {
    const { server, read } = await connect([breakOff(NDJSON_HEADERS, '"a'), complete], { retries: 1 });
    expect(await read()).to.deep.equal({ results: ['a', 'b'], error: undefined, summary: { nrOfEntries: 2 } });
    expect(server.requests.map(({ body }) => body)).to.deep.equal(Array(2).fill('{"term":"x","action":"search"}'));
  });

  it('retries a search whose answer breaks off', async () => {
    const answer = respond(200, JSON_HEADERS, '{"results":["a"],"nr of entries":1}');
    const { search } = await connect([breakOff(JSON_HEADERS, '{"results":["a"'), answer], { retries: 1 });
    expect(await search()).to.deep.equal({ nrOfEntries: 1, results: ['a'] });
  });

  it('throws the status of an error whose text breaks off', async () => {
    const { search } = await connect([
      (_, response) => response.writeHead(500, JSON_HEADERS).write('{', () => response.destroy()),
    ]);
    expect(await search())
      .to.be.instanceOf(ApiError)
      .with.property('Code', 500);
  });

  it('throws a ConnectionError that says why, if nothing listens', async () => {
    const server = await startScriptedServer([complete]);
    await server.close();
    const error = await createClient({ url: server.url, retries: 0 })
      .list()
      .catch((error) => error);
    expect(error).to.be.instanceOf(ConnectionError);
    expect(error.message).to.match(/^Can't reach http:\/\/127\.0\.0\.1:\d+\/api\/v1\/json: .*ECONNREFUSED/);
  });
});
