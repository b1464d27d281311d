// Servers that aren't grepd, and proxies in front of it.
import { expect } from 'chai';
import { ApiError, UnexpectedAnswerError } from '../../src/client/index.js';
import { respond } from '../helpers/scripted-server.js';
import { JSON_HEADERS, NDJSON_HEADERS, useScriptedClient } from './scripted-client.js';

const HTML_HEADERS = { 'Content-Type': 'text/html' };

describe('the client of another server', () => {
  const connect = useScriptedClient();

  for (const [title, step, message] of [
    [
      'a page',
      respond(200, HTML_HEADERS, '<p>Hello'),
      /^Expected application\/json from http:.*\/api\/v1\/json, got text\/html\. Check "url"\.$/,
    ],
    ['no type', respond(200, {}, '{}'), /got no Content-Type/],
    ['invalid JSON', respond(200, JSON_HEADERS, '{"results":[a]}'), /^The answer is not valid JSON\.$/],
    ['other JSON', respond(200, JSON_HEADERS, '{"results":[]}'), /^The answer has no "nr of entries"\. Check "url"\.$/],
    ['JSON without results', respond(200, JSON_HEADERS, '{"nr of entries":1}'), /^The answer has no "results"/],
    [
      'a redirect',
      respond(301, { Location: 'https://b/' }, ''),
      /^The server redirects to https:\/\/b\/\. Set "url" to where grepd is\.$/,
    ],
    ['a redirect that keeps the method', respond(307, { Location: '/x' }, ''), /^The server redirects to \/x\./],
    ['a status that needs no content', respond(304, {}, ''), /^The server redirects elsewhere/],
  ] as const) {
    it(`throws an UnexpectedAnswerError, without a retry, for ${title}`, async () => {
      const { server, search } = await connect([step], { retries: 3 });
      const error = await search();
      expect(error).to.be.instanceOf(UnexpectedAnswerError);
      expect(error).to.have.property('message').match(message);
      expect(server.requests).to.have.length(1);
    });
  }

  for (const [title, headers, body] of [
    ['JSON', JSON_HEADERS, '{"nr of entries":0,"results":[]}'],
    ['invalid lines', NDJSON_HEADERS, '"a"\nb\n'],
    ['a result after the last line', NDJSON_HEADERS, '"a"\n{"nr of entries":2}\n"b"\n'],
    ['a last line without a number', NDJSON_HEADERS, '{"nr of entries":"2"}\n'],
  ] as const) {
    it(`throws an UnexpectedAnswerError for a stream with ${title}`, async () => {
      const { read } = await connect([respond(200, headers, body)]);
      expect((await read()).error).to.be.instanceOf(UnexpectedAnswerError);
    });
  }

  it('throws an UnexpectedAnswerError for a list without dictionaries', async () => {
    const { client } = await connect([respond(200, JSON_HEADERS, '{}')]);
    const error = await client.dictionaries().catch((error) => error);
    expect(error).to.be.instanceOf(UnexpectedAnswerError);
  });

  it("reports the status of a proxy's error page", async () => {
    const { search } = await connect([respond(504, HTML_HEADERS, '<h1>Gateway Time-out</h1>')]);
    const error = await search();
    expect(error).to.be.instanceOf(ApiError);
    expect(error).to.include({ Code: 504, code: undefined, retryAfter: undefined, requestId: undefined });
    expect(error).to.have.property('message', 'The server answered with status 504 (text/html).');
  });

  for (const body of ['null', '[]', '5', '{"message":5,"code":{}}']) {
    it(`describes an error that is ${body}`, async () => {
      const { search } = await connect([respond(400, JSON_HEADERS, body)]);
      expect(await search()).to.include({
        Code: 400,
        code: undefined,
        message: 'The server answered with status 400 (application/json; charset=utf-8).',
      });
    });
  }

  it('reads the errors of grepd that precede the choice of a format', async () => {
    const headers = { ...JSON_HEADERS, 'X-Request-Id': 'r1', 'Retry-After': '9' };
    const { search } = await connect([respond(431, headers, '{"Code":431,"message":"Too large."}')]);
    expect(await search()).to.include({ Code: 431, message: 'Too large.', requestId: 'r1', retryAfter: 9 });
  });
});
