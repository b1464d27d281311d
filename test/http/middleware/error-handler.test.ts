// Every error of the table, as a client receives it. Errors of the API's fields are in api.test.ts.
import { expect } from 'chai';
import { AppError, type ErrorCode, errorKinds } from '../../../src/errors.js';
import { rawRequest } from '../../helpers/raw-http.js';
import { type RunningApp, startApp } from '../../helpers/start-app.js';
import { stubEngine } from '../../helpers/stub-engine.js';

const POINTER = ' See /api/v1/web for instructions.';
const API = '/api/v1/json';

describe('errorHandler', () => {
  let app: RunningApp;
  let failure: unknown;
  before(async () => {
    app = await startApp({
      engine: stubEngine(() => {
        throw failure;
      }),
      requestTimeoutMs: 200,
    });
  });
  after(() => app.close());

  async function expectError(response: Response, status: number, message: string): Promise<void> {
    expect(response.status).to.equal(status);
    expect(response.headers.get('content-type')).to.equal('application/json; charset=utf-8');
    expect(response.headers.get('x-request-id')).to.match(/^[\w-]{36}$/);
    expect(await response.json()).to.deep.equal({ Code: status, message: message + POINTER });
  }

  const fetchApp = (method: string, path: string) => fetch(app.url + path, { method });

  for (const [code, { status, ...kind }] of Object.entries(errorKinds)) {
    it(`answers ${status} for ${code}`, async () => {
      failure = new AppError(code as ErrorCode, 'For this reason.');
      const response = await app.post({ action: 'all' });
      await expectError(response, status, 'For this reason.');
      expect(response.headers.get('retry-after')).to.equal('retryAfter' in kind ? String(kind.retryAfter) : null);
    });
  }

  it('reports a bug to the log only', async () => {
    failure = new Error('the secret reason');
    const response = await app.post({ action: 'all' });
    await expectError(
      response,
      500,
      'Internal error. The log has the details under the X-Request-Id of this response.',
    );
    const bug = app.log.find(({ msg }) => msg === 'bug');
    expect(bug).to.include({ level: 50, id: response.headers.get('x-request-id'), method: 'POST', path: API });
    expect(bug?.err).to.have.property('stack').that.includes('error-handler.test');
    expect(bug?.err).to.have.property('message', 'the secret reason');
  });

  for (const thrown of [undefined, null, 'text', 5]) {
    it(`treats a thrown ${thrown} as a bug`, async () => {
      failure = thrown;
      await expectError(
        await app.post({ action: 'all' }),
        500,
        'Internal error. The log has the details under the X-Request-Id of this response.',
      );
    });
  }

  it('answers 404 for an unknown route', async () => {
    await expectError(await fetchApp('GET', '/nope'), 404, 'There is no route /nope.');
    await expectError(
      await fetchApp('POST', '/api/v2/json'),
      404,
      'There is no route /api/v2/json. Did you mean /api/v1/json?',
    );
    await expectError(await fetchApp('GET', '/%ff'), 404, 'There is no route /%ff.');
  });

  it('truncates messages that quote a long path or many fields', async () => {
    const path = `/${'x'.repeat(10_000)}`;
    for (const response of [
      await fetchApp('GET', path),
      await app.post({
        action: 'all',
        ...Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`${path}${n}`, 1])),
      }),
    ]) {
      const { message } = (await response.json()) as { message: string };
      expect(message.length).to.be.below(2_100);
      expect(message).to.satisfy((text: string) => text.endsWith(POINTER));
    }
  });

  for (const [method, path, allowed] of [
    ['GET', API, 'POST'],
    ['PUT', API, 'POST'],
    ['DELETE', API, 'POST'],
    ['POST', '/', 'HEAD, GET'],
    ['POST', '/healthz', 'HEAD, GET'],
    ['PATCH', '/api/v1/dictionaries', 'HEAD, GET'],
  ] as const) {
    it(`answers 405 for ${method} ${path}, with the allowed methods`, async () => {
      const response = await fetchApp(method, path);
      expect(response.headers.get('allow')).to.equal(allowed);
      await expectError(response, 405, `${method} is not allowed on ${path}. Allowed: ${allowed}.`);
    });
  }

  it('answers OPTIONS with the allowed methods', async () => {
    const response = await fetchApp('OPTIONS', API);
    expect([response.status, response.headers.get('allow')]).to.deep.equal([200, 'POST']);
  });

  for (const method of ['PROPFIND', 'MKCOL', 'SEARCH']) {
    it(`answers 501 for ${method}`, async () => {
      await expectError(await fetchApp(method, API), 501, `The method ${method} is not implemented.`);
    });
  }

  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/vnd.api+json',
    'application/jsonp',
    'application/json; charset=utf-16',
    'multipart/form-data',
  ]) {
    it(`answers 415 for ${type}`, async () => {
      const response = await app.post('{}', { 'Content-Type': type });
      await expectError(response, 415, `Content-Type must be application/json in UTF-8, got "${type}".`);
    });
  }

  for (const type of ['application/json;charset=UTF-8', 'Application/JSON', 'application/json; charset="utf-8"']) {
    it(`accepts ${type}`, async () => {
      failure = new AppError('too_busy', 'Later.');
      expect((await app.post('{"action":"all"}', { 'Content-Type': type })).status).to.equal(503);
    });
  }

  it('answers 415 for a compressed body', async () => {
    const response = await app.post('{}', { 'Content-Encoding': 'gzip' });
    await expectError(response, 415, 'The body must not have a Content-Encoding, got "gzip".');
  });

  it('answers 413 for more than 64 KiB, and accepts 64 KiB', async () => {
    const body = (length: number) => `{"action":"all"${' '.repeat(length - 16)}}`;
    failure = new AppError('too_busy', 'Later.');
    expect((await app.post(body(65_536))).status).to.equal(503);
    await expectError(await app.post(body(65_537)), 413, 'The body must be at most 65536 bytes.');
    await expectError(await app.post(body(5_000_000)), 413, 'The body must be at most 65536 bytes.');
  });

  it('answers 413 for more than 64 KiB in chunks', async () => {
    const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`;
    const head = `POST ${API} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const { status, body } = await rawRequest(app.port, `${head}${chunk}${chunk}0\r\n\r\n`);
    expect(status).to.equal(413);
    expect(body).to.have.property('Code', 413);
  });

  const raw: [title: string, status: number, bytes: string, message: RegExp][] = [
    ['incomplete headers', 408, 'GET / HTTP/1.1\r\nHost: a\r\n', /^The request took longer than 200 ms to arrive\./],
    [
      'an incomplete body',
      408,
      `POST ${API} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{`,
      /^The request took longer than 200 ms to arrive\./,
    ],
    ['bytes that are not HTTP', 400, 'hello\r\n\r\n', /^Malformed HTTP request: |^Unknown HTTP method/],
    ['a broken header', 400, 'GET / HTTP/1.1\r\nHost: a\r\nbroken\r\n\r\n', /^Malformed HTTP request: /],
    [
      'two lengths',
      400,
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      /^Malformed HTTP request: /,
    ],
    ['a missing Host header', 400, 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', /^The Host header is missing\./],
    ['an unknown method', 501, 'FROB / HTTP/1.1\r\nHost: a\r\n\r\n', /^Unknown HTTP method\./],
    ['CONNECT', 501, 'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n', /^The method CONNECT is not implemented\./],
    [
      'TRACE',
      501,
      'TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      /^The method TRACE is not implemented\./,
    ],
    [
      'an expectation',
      417,
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: miracles\r\n\r\n',
      /^Expect must be 100-continue, got "miracles"\./,
    ],
    [
      'headers that are too large',
      431,
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      /^The headers are too large\./,
    ],
  ];
  for (const [title, status, bytes, message] of raw) {
    it(`answers ${title} with ${status}`, async () => {
      const answer = await rawRequest(app.port, bytes);
      if (title !== 'bytes that are not HTTP') expect(answer.status).to.equal(status);
      expect(answer.headers).to.match(/^Content-Type: application\/json; charset=utf-8\r?$/m);
      expect(answer.headers).to.match(/^X-Request-Id: [\w-]{36}\r?$/m);
      expect(answer.body).to.have.keys('Code', 'message').and.include({ Code: answer.status });
      expect((answer.body as { message: string }).message)
        .to.match(message)
        .and.satisfy((text: string) => text.endsWith(POINTER));
    });
  }

  it('does not write an error into a response that has begun', async () => {
    // The response is sent before the body arrives, and then the rest of the body times out.
    const bytes = `POST ${API} HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\n{`;
    const { status } = await rawRequest(app.port, bytes);
    expect(status).to.equal(415);
  });
});

describe('accessLog', () => {
  let app: RunningApp;
  beforeEach(async () => {
    app = await startApp({
      engine: stubEngine(async function* () {
        yield ['a'];
        return { nrOfEntries: 1 };
      }),
    });
  });
  afterEach(() => app.close());

  it('logs one line per request, with the id from the response', async () => {
    const response = await app.post({ action: 'search', term: 'secret' });
    await response.text();
    expect(app.log).to.have.length(1);
    expect(app.log[0]).to.include({ msg: 'request', method: 'POST', path: API, status: 200 });
    expect(app.log[0]?.id).to.equal(response.headers.get('x-request-id'));
    expect(app.log[0]?.ms).to.be.a('number').above(0);
  });

  it('logs the status of an error', async () => {
    await (await fetch(`${app.url}/nope?term=secret`)).text();
    expect(app.log[0]).to.include({ path: '/nope', status: 404 });
  });

  it("keeps a caller's id if it is safe, and generates one otherwise", async () => {
    const plain = await fetch(app.url, { headers: { 'X-Request-Id': 'a-1.b:2_C' } });
    expect(plain.headers.get('x-request-id')).to.equal('a-1.b:2_C');
    for (const id of ['a b', '<script>', 'x'.repeat(129)]) {
      const other = await fetch(app.url, { headers: { 'X-Request-Id': id } });
      expect(other.headers.get('x-request-id')).to.match(/^[\w-]{36}$/);
    }
  });
});
