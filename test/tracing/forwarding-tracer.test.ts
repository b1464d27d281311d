// A caller's trace reaches the services behind grepd although grepd records nothing.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { Cluster } from '../../src/search/engines/clickhouse/client/cluster.js';
import { openTotal } from '../../src/total/total.js';
import { ForwardingTracer } from '../../src/tracing/forwarding-tracer.js';
import type { Tracer } from '../../src/tracing/tracer.js';
import { type NumbersServer, numbersServer } from '../helpers/numbers-server.js';
import { otlpReceiver } from '../helpers/otlp-receiver.js';
import { startApp } from '../helpers/start-app.js';
import { openQuickTracer } from '../helpers/traced-app.js';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const headers = { traceparent, tracestate: 'congo=t61rcWkgMzE' };
const caller = { traceId: traceparent.slice(3, 35), spanId: traceparent.slice(36, 52), flags: 1, state: 'a=1' };
const never = new AbortController().signal;

describe('ForwardingTracer', () => {
  it('tracks a caller across everything that its request awaits, and only there', async () => {
    const tracer = new ForwardingTracer();
    const other = { ...caller, spanId: '00f067aa0ba902b7' };
    const [first, second] = [tracer.startRequest(caller), tracer.startRequest(other)];
    const seen = (span: typeof first) =>
      tracer.run(span, async () => {
        await new Promise((resolve) => setTimeout(resolve, 2));
        return tracer.headers();
      });
    const rendered = (spanId: string) => ({ traceparent: `00-${caller.traceId}-${spanId}-01`, tracestate: 'a=1' });
    expect(await Promise.all([seen(first), seen(second), seen(undefined)])).to.deep.equal([
      rendered(caller.spanId),
      rendered(other.spanId),
      {},
    ]);
    expect(tracer.headers()).to.deep.equal({});
    first?.end();
    second?.end();
  });

  it('forgets a caller when its request has ended', async () => {
    const tracer = new ForwardingTracer();
    const span = tracer.startRequest(caller);
    let later: object = {};
    const work = tracer.run(span, async () => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      later = tracer.headers();
    });
    span?.end();
    await work;
    expect(later).to.deep.equal({});
  });

  it('starts nothing for a request without a trace', () => {
    const tracer = new ForwardingTracer();
    expect(tracer.startRequest(undefined)).to.equal(undefined);
    expect(tracer.run(undefined, () => tracer.headers())).to.deep.equal({});
  });
});

describe("a caller's trace", () => {
  let numbers: NumbersServer;
  let received: Record<string, unknown>[];
  before(async () => {
    numbers = await numbersServer((request, response) => {
      received.push(request.headers);
      response.end('[1,2]');
    });
  });
  beforeEach(() => {
    received = [];
  });
  after(() => numbers.close());

  it('reaches the numbers API and the log; a request without one gets none', async () => {
    const tracer = new ForwardingTracer();
    const total = openTotal({
      api: { url: numbers.url, connectTimeoutMs: 1_000, maxBytes: 100 },
      timeoutMs: 10_000,
      tracer,
    });
    const app = await startApp({ total, tracer });
    await (await fetch(`${app.url}/total`, { headers })).text();
    await (await fetch(`${app.url}/total`)).text();
    while (app.log.length < 2) await new Promise((resolve) => setImmediate(resolve));
    await app.close();
    expect(received[0]).to.include(headers);
    expect(received[1]).to.not.have.any.keys('traceparent', 'tracestate');
    const [traced, untraced] = app.log.filter(({ msg }) => msg === 'request');
    expect(traced).to.include({ trace_id: caller.traceId, span_id: caller.spanId });
    expect(untraced).to.not.have.any.keys('trace_id', 'span_id');
  });

  it('gets into the log without a tracer, unless it is invalid', async () => {
    const app = await startApp({});
    for (const value of [traceparent, traceparent.slice(1)])
      await (await fetch(`${app.url}/healthz`, { headers: { traceparent: value } })).text();
    while (app.log.length < 2) await new Promise((resolve) => setImmediate(resolve));
    await app.close();
    expect(app.log[0]).to.include({ trace_id: caller.traceId, span_id: caller.spanId });
    expect(app.log[1]).to.not.have.any.keys('trace_id', 'span_id');
  });
});

describe('a query to ClickHouse', () => {
  let server: Server;
  let received: Record<string, unknown>[];
  let url: string;
  before(async () => {
    server = createServer((request, response) => {
      received.push(request.headers);
      const isRefused = received.length > 1;
      response.writeHead(isRefused ? 500 : 200, { 'X-ClickHouse-Exception-Tag': 'abcdefghijklmnop' });
      request.resume().once('end', () => response.end(isRefused ? 'Code: 62. DB::Exception: secret' : '[1]\n'));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/texts`;
  });
  beforeEach(() => {
    received = [];
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  function open(tracer: Tracer | undefined): Cluster {
    return new Cluster({ urls: [url], timeoutMs: 10_000, memoryBytes: 1e9, tracer });
  }

  it('continues the trace of the request', async () => {
    const tracer = new ForwardingTracer();
    const cluster = open(tracer);
    const span = tracer.startRequest(caller);
    const rows = await tracer.run(span, () => cluster.rows('SELECT 1', never));
    span?.end();
    await cluster.close();
    expect(rows).to.deep.equal([[1]]);
    expect(received[0]).to.include({ traceparent, tracestate: 'a=1' });
  });

  it('has no trace outside of a request, or without a tracer', async () => {
    const clusters = [open(new ForwardingTracer()), open(undefined)];
    for (const cluster of clusters) {
      received = [];
      await cluster.rows('SELECT 1', never);
      await cluster.close();
      expect(received[0]).to.not.have.any.keys('traceparent', 'tracestate');
    }
  });

  it('is a span by the conventions for databases, without its text', async () => {
    const receiver = await otlpReceiver();
    const tracer = openQuickTracer(receiver.url);
    const cluster = open(tracer);
    const request = tracer.startRequest(undefined, 'GET', {});
    await tracer.run(request, () => cluster.rows("SELECT 'secret'", never));
    const failure = await tracer.run(request, () => cluster.rows("SELECT 'secret'", never)).catch((error) => error);
    request?.end();
    await tracer.close();
    await cluster.close();
    await receiver.close();
    expect(failure).to.be.instanceOf(Error);
    const [query, failed] = receiver.spans.filter(({ name }) => name === 'SELECT texts');
    expect(query).to.include({ kind: 3, parentSpanId: request?.context.spanId, isError: false });
    expect(query?.attributes).to.deep.equal({
      'db.system.name': 'clickhouse',
      'db.namespace': 'texts',
      'db.operation.name': 'SELECT',
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(url).port),
      'grepd.query.outcome': 'answered',
    });
    expect(received[0]).to.include({ traceparent: `00-${query?.traceId}-${query?.spanId}-01` });
    expect(failed).to.include({ isError: true });
    expect(receiver.requests.map(({ body }) => body).join()).to.not.include('secret');
  });
});
