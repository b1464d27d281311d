// What a collector gets about requests to the real application.

import { connect } from 'node:net';
import { expect } from 'chai';
import { AdmissionQueue } from '../../src/search/admission/admission-queue.js';
import { numbersServer } from '../helpers/numbers-server.js';
import type { ReceivedSpan } from '../helpers/otlp-receiver.js';
import { rawText } from '../helpers/raw-http.js';
import { type TracedApp, tracedApp } from '../helpers/traced-app.js';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const CALLER_ID = 'b7ad6b7169203331';
const traceparent = `00-${TRACE_ID}-${CALLER_ID}-01`;
const [INTERNAL, SERVER, CLIENT] = [1, 2, 3];
const API = 'POST /api/v1/json';
const SEARCH = { action: 'search', term: 'love' };
/** Not batched: grep runs for it alone. */
const ALONE = { ...SEARCH, term: 'lo(v)e', syntax: 'regex' };

describe('OpenTelemetry traces', () => {
  let shared: TracedApp;
  let app: TracedApp;
  before(async () => {
    shared = await tracedApp();
  });
  after(() => shared.close());
  beforeEach(() => {
    app = shared;
    // The span of a request is the last to arrive, and each test waits for it.
    app.receiver.spans.length = 0;
    app.log.length = 0;
  });
  afterEach(async () => {
    if (app !== shared) await app.close();
  });

  const childrenOf = ({ spanId }: ReceivedSpan) => app.receiver.spans.filter((span) => span.parentSpanId === spanId);
  const namesOf = (spans: ReceivedSpan[]) => spans.map(({ name }) => name).sort();
  const post = async (body: object, headers: Record<string, string> = {}) => (await app.post(body, headers)).text();
  const only = async (name: string) => (await app.receiver.waitFor(name))[0] as ReceivedSpan;
  const logLine = () => app.log.find(({ msg }) => msg === 'request');

  it('have a server span for a request, by the conventions for HTTP', async () => {
    await post({ ...SEARCH, dictionary: 'text.txt' });
    const span = await only(API);
    expect(span).to.include({ kind: SERVER, parentSpanId: '', isError: false });
    expect(span.endNs > span.startNs).to.equal(true);
    const { id } = logLine() as { id: string };
    expect(span.attributes).to.deep.equal({
      'http.request.method': 'POST',
      'http.route': '/api/v1/json',
      'http.response.status_code': 200,
      'url.path': '/api/v1/json',
      'url.scheme': 'http',
      'network.protocol.version': '1.1',
      'grepd.request_id': id,
      'grepd.action': 'search',
      'grepd.dictionary': 'text.txt',
    });
    expect(logLine()).to.include({ trace_id: span.traceId, span_id: span.spanId });
  });

  it('name grepd, its version and the process', async () => {
    await post(SEARCH);
    await only(API);
    const [resource] = app.receiver.resources;
    expect(resource).to.include({ 'service.name': 'grepd', 'service.version': '1.2.3', 'process.pid': process.pid });
  });

  it("continue the caller's trace, and keep its state", async () => {
    await post(SEARCH, { traceparent, tracestate: 'congo=t61rcWkgMzE' });
    const span = await only(API);
    expect(span).to.include({ traceId: TRACE_ID, parentSpanId: CALLER_ID, traceState: 'congo=t61rcWkgMzE' });
    expect(logLine()).to.include({ trace_id: TRACE_ID, span_id: span.spanId });
  });

  it('begin a new trace if traceparent is invalid', async () => {
    await post(SEARCH, { traceparent: traceparent.toUpperCase() });
    expect(await only(API)).to.include({ parentSpanId: '' });
  });

  it("aren't recorded if the caller's trace isn't", async () => {
    await post(SEARCH, { traceparent: traceparent.replace(/01$/, '00') });
    await post(ALONE);
    await only('grep');
    await only(API);
    expect(app.receiver.spans.filter(({ traceId }) => traceId === TRACE_ID)).to.deep.equal([]);
    expect(logLine()).to.include({ trace_id: TRACE_ID });
  });

  it('have the run of grep, and nothing of a queue that a search does not wait in', async () => {
    await post(ALONE);
    const request = await only(API);
    const grep = await only('grep');
    expect(grep).to.include({ kind: INTERNAL, traceId: request.traceId, parentSpanId: request.spanId });
    expect(grep.attributes).to.include({ 'process.executable.name': 'grep', 'grepd.grep.outcome': 'found' });
    expect(namesOf(childrenOf(request))).to.deep.equal(['grep']);
  });

  it('have the batch of a search, its run of grep, and how long the search waited for it', async () => {
    await post(SEARCH);
    const request = await only(API);
    const [batch, wait] = [await only('batch'), await only('queue wait')];
    expect(namesOf(childrenOf(request))).to.deep.equal(['batch', 'queue wait']);
    expect(batch.attributes).to.deep.equal({ 'grepd.batch.searches': 1 });
    expect(namesOf(childrenOf(batch))).to.deep.equal(['grep']);
    expect(wait.links).to.deep.equal([{ traceId: batch.traceId, spanId: batch.spanId }]);
  });

  it('have how long a search waited for a slot', async () => {
    app = await tracedApp({ limits: { searchesPerWorker: 1 } });
    await Promise.all([post(ALONE), post(ALONE), post(ALONE)]);
    const requests = await app.receiver.waitFor(API, 3);
    await app.receiver.waitFor('grep', 3);
    const waits = await app.receiver.waitFor('queue wait', 2);
    expect(waits).to.have.lengthOf(2);
    for (const wait of waits) {
      const parent = requests.find(({ spanId }) => spanId === wait.parentSpanId) as ReceivedSpan;
      const grep = childrenOf(parent).find(({ name }) => name === 'grep') as ReceivedSpan;
      expect(wait.endNs <= grep.startNs).to.equal(true);
    }
  });

  it('have the code of a failure, and fail only if the server did', async () => {
    app = await tracedApp({ limits: { searchesPerWorker: 1, searchQueue: 0 } });
    await Promise.all([post(ALONE), post(ALONE)]);
    await post({ ...SEARCH, dictionary: 'nope' });
    const spans = await app.receiver.waitFor(API, 3);
    const withStatus = (status: number) =>
      spans.find((span) => span.attributes['http.response.status_code'] === status);
    expect(withStatus(503)).to.include({ isError: true });
    expect(withStatus(503)?.attributes).to.include({ 'error.type': 'too_busy' });
    expect(withStatus(404)).to.include({ isError: false });
    expect(withStatus(404)?.attributes).to.not.have.property('error.type');
  });

  it('show that a client left before its response', async () => {
    let isSearching = () => {};
    const searching = new Promise<void>((resolve) => {
      isSearching = resolve;
    });
    app = await tracedApp({
      total: {
        get: (signal) => {
          isSearching();
          return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        },
        close: async () => {},
      },
    });
    const client = connect(app.port, '127.0.0.1');
    client.write('GET /total HTTP/1.1\r\nHost: a\r\n\r\n');
    await searching;
    client.resetAndDestroy();
    const span = await only('GET /total');
    expect(span.attributes).to.include({ 'grepd.aborted': true });
    expect(span.attributes).to.not.have.property('http.response.status_code');
    expect(span.isError).to.equal(false);
  });

  it('show that a search was given up while it waited', async () => {
    const { tracer } = app;
    const queue = new AdmissionQueue({ searchesPerWorker: 1, searchQueue: 1, answersPerWorker: 1 }, undefined, tracer);
    await queue.createSlot('cheap', new AbortController().signal, () => {}).acquire();
    const request = tracer.startRequest(undefined, 'GET', {});
    const controller = new AbortController();
    const slot = queue.createSlot('cheap', controller.signal, () => {});
    const waiting = tracer.run(request, () => slot.acquire()).catch((error) => error);
    controller.abort();
    expect(await waiting).to.have.property('name', 'AbortError');
    request?.end();
    const wait = await only('queue wait');
    expect(wait).to.include({ isError: true, parentSpanId: request?.context.spanId });
    expect(wait.attributes).to.include({ 'error.type': 'AbortError' });
    await only('GET');
  });

  it('have the request to the numbers API, which continues the trace', async () => {
    let received: string | string[] | undefined;
    const numbers = await numbersServer((request, response) => {
      received = request.headers.traceparent;
      response.end('[1,2]');
    });
    app = await tracedApp({ numbers: { url: `${numbers.url}?secret=1`, connectTimeoutMs: 1_000, maxBytes: 100 } });
    expect(await (await fetch(`${app.url}/total`)).json()).to.deep.equal({ total: 3 });
    const [request, call] = [await only('GET /total'), await only('GET')];
    expect(call).to.include({ kind: CLIENT, traceId: request.traceId, parentSpanId: request.spanId, isError: false });
    expect(call.attributes).to.include({ 'http.request.method': 'GET', 'url.full': numbers.url });
    expect(received).to.equal(`00-${call.traceId}-${call.spanId}-01`);
    await numbers.close();
  });

  it('have the code of a failure of the numbers API', async () => {
    const numbers = await numbersServer((_, response) => {
      response.statusCode = 404;
      response.end();
    });
    app = await tracedApp({ numbers: { url: numbers.url, connectTimeoutMs: 1_000, maxBytes: 100 } });
    expect((await fetch(`${app.url}/total`)).status).to.equal(502);
    const call = await only('GET');
    expect(call.isError).to.equal(true);
    expect(call.attributes).to.include({ 'error.type': 'numbers_failed' });
    await numbers.close();
  });

  it('contain no search term, unless LOG_TERMS is set', async () => {
    app = await tracedApp();
    const bodies = [
      { ...SEARCH, term: 'sesame' },
      { ...ALONE, term: 'sesame(' },
      { ...ALONE, term: 'sesame+' },
      { action: 'search', all_of: ['sesame', 'two'] },
    ];
    for (const body of bodies) await post(body);
    for (const path of ['/?term=sesame', '/api/v1/search?term=sesame', '/d/text.txt?term=sesame', '/sesame/%zz?sesame'])
      await (await fetch(app.url + path)).text();
    await rawText(app.port, 'GET http://a:b@c/?sesame HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await app.receiver.waitFor(API, bodies.length);
    await app.close();
    const sent = app.receiver.requests.map(({ body }) => body.replaceAll('/sesame/%zz', '')).join();
    expect(sent).to.include('queue wait').and.not.include('sesame');

    app = await tracedApp({ logTerms: true });
    await post({ ...SEARCH, term: 'sesame' });
    expect((await only(API)).attributes).to.include({ 'grepd.term': 'sesame' });
  });

  it('leave out health checks', async () => {
    for (const path of ['/healthz', '/readyz', '/help']) await (await fetch(app.url + path)).text();
    await only('GET /help');
    expect(namesOf(app.receiver.spans)).to.deep.equal(['GET /help']);
  });
});
