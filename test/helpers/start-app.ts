// Starts the real application on a free loopback port.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { createApp } from '../../src/app.js';
import type { ApiKeys } from '../../src/auth/api-keys.js';
import { type AnswerCounts, createAnswerCounts } from '../../src/http/api/answer-cache.js';
import type { RateLimitOptions } from '../../src/http/middleware/rate-limit.js';
import { openAssets } from '../../src/http/pages/assets.js';
import { createHttpServer } from '../../src/http/server.js';
import { maxUploadMs } from '../../src/http/uploads/receive-body.js';
import { isUpload, type Uploads } from '../../src/http/uploads/uploads.js';
import type { Phase } from '../../src/runtime/lifecycle.js';
import type { RequestObservation } from '../../src/runtime/metrics/metrics.js';
import type { CollectedMetrics } from '../../src/runtime/metrics/metrics-exchange.js';
import type { QueryEngine } from '../../src/search/query.js';
import type { Total } from '../../src/total/total.js';
import type { Tracer } from '../../src/tracing/tracer.js';
import { stubEngine } from './stub-engine.js';

export interface RunningApp {
  url: string;
  port: number;
  /** The logged events. */
  log: Record<string, unknown>[];
  /** POSTs a value as JSON, or a string or bytes unchanged. */
  post: (body: unknown, headers?: Record<string, string>) => Promise<Response>;
  /** Closes the engine and the total, too. */
  close: () => Promise<void>;
}

export interface AppOptions {
  engine?: QueryEngine;
  total?: Total;
  searchTimeoutMs?: number;
  requestTimeoutMs?: number;
  phase?: () => Phase;
  waitRoute?: boolean;
  mcp?: boolean;
  cacheBytes?: number;
  keys?: ApiKeys;
  limit?: RateLimitOptions;
  trustProxy?: number;
  corsOrigins?: string[];
  counts?: AnswerCounts;
  logTerms?: boolean;
  observe?: (request: RequestObservation) => void;
  metrics?: () => Promise<CollectedMetrics>;
  uploads?: Uploads;
  tracer?: Tracer;
}

export async function startApp(options: AppOptions): Promise<RunningApp> {
  const {
    engine = stubEngine(() => Promise.reject(new Error('No search was expected')) as never),
    total = { get: () => Promise.reject(new Error('No total was expected')), close: async () => {} },
    searchTimeoutMs = 10_000,
    requestTimeoutMs = 10_000,
    phase = () => 'ready',
    waitRoute = false,
    mcp = true,
    cacheBytes = 0,
    keys,
    limit,
    trustProxy = 0,
    corsOrigins = [],
    counts = createAnswerCounts(),
    logTerms = false,
    observe = () => {},
    metrics = async () => ({ text: '', samples: [] }),
    uploads,
    tracer,
  } = options;
  const events: Record<string, unknown>[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => events.push(JSON.parse(line)) });
  const assets = await openAssets();
  const app = createApp({
    engine,
    total,
    assets,
    keys,
    limit,
    trustProxy,
    corsOrigins,
    observe,
    logTerms,
    metrics,
    counts,
    version: '1.2.3',
    searchTimeoutMs,
    termLength: 1000,
    cacheBytes,
    log,
    phase,
    waitRoute,
    mcp,
    uploads,
    tracer,
  });
  const server = createHttpServer({
    handle: app.callback(),
    requestTimeoutMs,
    sendTimeoutMs: searchTimeoutMs,
    uploads: uploads && { isUpload, timeoutMs: maxUploadMs(uploads.limits) },
    log,
    observe,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;

  const post = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${url}/api/v1/json`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: typeof body === 'string' || body instanceof Uint8Array ? (body as BodyInit) : JSON.stringify(body),
    });
  const close = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
    await engine.close();
    await total.close();
  };
  return { url, port, log: events, post, close };
}
