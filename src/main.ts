// Composes a worker from its parts and starts it.
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import type { Logger } from 'pino';
import { createApp } from './app.js';
import { ApiKeys } from './auth/api-keys.js';
import { TrailingCall } from './concurrency/trailing-call.js';
import { type Config, parseConfig } from './config/config.js';
import { describeAudience, isLoopback, listenError } from './config/listen-address.js';
import { createAnswerCounts } from './http/api/answer-cache.js';
import { limitConnections } from './http/connection/connection-limit.js';
import { countSentBytes } from './http/connection/sent-bytes.js';
import { openAssets } from './http/pages/assets.js';
import { createHttpServer } from './http/server.js';
import { maxUploadMs } from './http/uploads/receive-body.js';
import { isUpload } from './http/uploads/uploads.js';
import { findWrappers } from './process/resource-limits.js';
import { leaveCluster, onPrimaryGone, returnLostConnections } from './runtime/cluster-worker.js';
import { drainable } from './runtime/drain-server.js';
import { Lifecycle } from './runtime/lifecycle.js';
import { createLogger } from './runtime/logger.js';
import type { RequestObservation } from './runtime/metrics/metrics.js';
import { openMetrics } from './runtime/metrics/open-metrics.js';
import { createRateLimits } from './runtime/rate-limit/rate-limits.js';
import { shareChoice } from './runtime/shared-choice.js';
import { openWorkerDirectory } from './runtime/worker-directory.js';
import { TextStore } from './search/corpus/text-store.js';
import type { IndexOptions } from './search/index/index-options.js';
import { openEngine } from './search/open-engine.js';
import type { QueryEngine } from './search/query.js';
import { createSearchCounts, type SearchCounts } from './search/search-counts.js';
import { openTotal, type Total } from './total/total.js';
import { openTracer, type TracerOptions } from './tracing/open-tracer.js';
import type { Tracer } from './tracing/tracer.js';
import { readVersion } from './version.js';

const MIB = 1024 * 1024;

/**
 * By default, V8 more than doubles its heap before it collects. This saves a third of the memory at
 * the same speed.
 */
const HEAP_GROWTH = '--heap-growing-percent=40';

/** What every part needs. */
interface Context {
  config: Readonly<Config>;
  log: Logger;
  lifecycle: Lifecycle;
  /** The directory that the workers share, if there is one. */
  directory: string | undefined;
}

/**
 * Starts a worker, and returns its URL. Rejects if it can't start; an `OperatorError` says what the
 * operator can do.
 */
export async function main(exit: (status: number) => void): Promise<string> {
  setFlagsFromString(HEAP_GROWTH);
  const context = openContext(exit);
  const parts = await openParts(context);
  const app = await createWorkerApp(context, parts);
  const server = createWorkerServer(app, context, parts);
  addDrainSteps(server, context, parts);
  handleSignals(context);
  const url = await listen(server, context);
  context.lifecycle.ready();
  return url;
}

function openContext(exit: (status: number) => void): Context {
  const config = parseConfig(process.env);
  const log = createLogger(config.LOG_LEVEL);
  const lifecycle = new Lifecycle({ log, exit });
  return { config, log, lifecycle, directory: openWorkerDirectory(config.PORT, log) };
}

type App = ReturnType<typeof createApp>;
type Parts = Awaited<ReturnType<typeof openParts>>;

async function openParts(context: Context) {
  await warnAboutMissingWrappers(context.log);
  const tracer = await openTracer(tracerOptions(context));
  const searches = createSearchCounts();
  const answers = createAnswerCounts();
  const engine = await openSearch(context, searches, tracer);
  const total = openWorkerTotal(context, tracer);
  /** Replaced once there is a server, which is created last. */
  const traffic = { sentBytes: () => 0 };
  const sources = { searches, answers, sentBytes: () => traffic.sentBytes() };
  const metrics = await openMetrics({ ...context, ...sources });
  const limit = openLimit(context);
  const uploads = await openUploads(context);
  return { engine, answers, total, metrics, traffic, limit, uploads, tracer };
}

async function createWorkerApp({ config, log, lifecycle }: Context, parts: Parts): Promise<App> {
  const { engine, answers, total, limit, metrics, uploads, tracer } = parts;
  // Collecting involves every worker, so concurrent requests share a run. It begins after they
  // arrive, so the totals are never older than a request.
  const collection = new TrailingCall(metrics.gather);
  return createApp({
    keys: config.API_KEYS === undefined ? undefined : new ApiKeys(config.API_KEYS, log),
    limit,
    trustProxy: config.TRUST_PROXY,
    corsOrigins: config.CORS_ORIGINS,
    engine,
    counts: answers,
    observe: observeWith(parts),
    metrics: () => collection.run(),
    assets: await openAssets(),
    version: await readVersion(),
    total,
    log,
    logTerms: config.LOG_TERMS,
    tracer,
    searchTimeoutMs: config.SEARCH_TIMEOUT_MS,
    cacheBytes: config.CACHE_BYTES,
    termLength: config.TERM_LENGTH,
    waitRoute: config.WAIT_ROUTE,
    mcp: config.MCP,
    uploads,
    phase: () => lifecycle.phase,
  });
}

function createWorkerServer(app: App, { config, log }: Context, parts: Parts): Server {
  const server = createHttpServer({
    handle: app.callback(),
    log,
    observe: observeWith(parts),
    requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
    sendTimeoutMs: config.SEARCH_TIMEOUT_MS,
    uploads: parts.uploads && { isUpload, timeoutMs: maxUploadMs(parts.uploads.limits) },
  });
  parts.traffic.sentBytes = countSentBytes(server);
  limitConnections(server, config.CONNECTIONS_PER_WORKER);
  server.keepAliveTimeout = config.KEEP_ALIVE_TIMEOUT_MS;
  return server;
}

function observeWith({ metrics }: Parts): (request: RequestObservation) => void {
  return (request) => metrics.metrics.recordRequest(request);
}

function addDrainSteps(server: Server, { config, log, lifecycle }: Context, parts: Parts): void {
  const { engine, total, metrics, limit, uploads, tracer } = parts;
  const drain = drainable(server, config.DRAIN_TIMEOUT_MS);
  lifecycle.onDrain('drains', async () => metrics.metrics.recordDrain());
  lifecycle.onDrain('requests', async () => {
    const { cutOff } = await drain();
    if (cutOff > 0) log.warn({ cutOff, limitMs: config.DRAIN_TIMEOUT_MS }, 'drain timed out');
  });
  lifecycle.onDrain('cluster', async () => {
    await Promise.all([leaveCluster(), tracer?.close()]);
  });
  lifecycle.onClose('total', () => total.close());
  lifecycle.onClose('metrics', metrics.close);
  lifecycle.onClose('limit', limit.close);
  if (uploads !== undefined) lifecycle.onClose('uploads', () => uploads.store.close());
  lifecycle.onClose('engine', () => engine.close());
}

/** setpriv and prlimit end greps with their worker, and limit their memory. */
async function warnAboutMissingWrappers(log: Logger): Promise<void> {
  const { missing } = await findWrappers();
  if (missing.length > 0) log.warn({ missing }, 'util-linux not found: greps may outlive a worker or exhaust memory');
}

async function openSearch(
  { config, log, directory }: Context,
  counts: SearchCounts,
  tracer: Tracer | undefined,
): Promise<QueryEngine> {
  const engine = await openEngine({
    engine: config.SEARCH_ENGINE,
    urls: config.CLICKHOUSE_URL ?? [],
    searchTimeoutMs: config.SEARCH_TIMEOUT_MS,
    counts,
    tracer,
    dictionariesDir: config.DICTIONARIES_DIR,
    defaultDictionary: config.DEFAULT_DICTIONARY,
    chooseDefault: shareChoice({
      directory,
      // Set by ecosystem.config.js.
      startId: process.env.START_ID,
      previousStartId: process.env.PREVIOUS_START_ID,
      log,
    }),
    onDefault: (dictionary) => log.info({ dictionary }, 'default dictionary'),
    searchesPerWorker: config.SEARCHES_PER_WORKER,
    searchQueue: config.SEARCH_QUEUE,
    answersPerWorker: config.ANSWERS_PER_WORKER,
    lineLength: config.LINE_LENGTH,
    searchMemoryBytes: config.SEARCH_MEMORY_MB * MIB,
    maxDecompressedBytes: config.UNPACKED_MB * MIB,
    index: indexOptions(config, log),
  });
  // A backend that is down now may come up later. Until then, the worker is not ready.
  engine.check().catch((error) => log.error({ err: error, engine: config.SEARCH_ENGINE }, 'search backend not ready'));
  return engine;
}

function indexOptions(config: Readonly<Config>, log: Logger): IndexOptions | undefined {
  if (!config.INDEX || config.SEARCH_ENGINE !== 'grep') return undefined;
  return {
    dir: config.INDEX_DIR,
    minBytes: config.INDEX_MIN_MB * MIB,
    maxBytes: config.INDEX_MAX_MB * MIB,
    log: {
      onBuildStart: ({ dictionary }) => log.info({ dictionary }, 'index build started'),
      onBuildEnd: ({ dictionary, seconds, textBytes, indexBytes }) =>
        log.info({ dictionary, seconds, textBytes, indexBytes }, 'index built'),
      onBuildFailed: ({ dictionary, error }) => log.warn({ dictionary, err: error }, 'index build failed'),
      onRejected: ({ dictionary, reason }) => log.warn({ dictionary, reason }, 'index rejected'),
    },
  };
}

/** Returns `undefined` if uploads are off. */
async function openUploads({ config }: Context) {
  if (!config.UPLOADS) return undefined;
  const store = await TextStore.open(config.DICTIONARIES_DIR);
  // Only a crash leaves such files. Searches and listings ignore them, so nothing waits for this.
  void store.removeStaleFiles();
  return { store, limits: { maxBytes: config.UPLOAD_MB * MIB, graceMs: config.REQUEST_TIMEOUT_MS } };
}

function tracerOptions({ config, log }: Context): TracerOptions {
  const endpoint = config.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? config.OTEL_EXPORTER_OTLP_ENDPOINT;
  // Of the SDK's packages, only the one for whole processes, which grepd doesn't use, reads this.
  const isDisabled = process.env.OTEL_SDK_DISABLED?.toLowerCase() === 'true';
  return {
    isRecording: endpoint !== undefined && !isDisabled,
    isForwarding: config.SEARCH_ENGINE === 'clickhouse' || config.NUMBERS_API_URL !== undefined,
    version: readVersion,
    problems: {
      onExportFailed: ({ reason, failures }) => log.warn({ reason, failures }, 'traces not sent'),
      onWarning: ({ reason }) => log.warn({ reason }, 'OpenTelemetry warning'),
    },
  };
}

function openWorkerTotal({ config }: Context, tracer: Tracer | undefined): Total {
  const { NUMBERS_API_URL: url, NUMBERS_CONNECT_TIMEOUT_MS: connectTimeoutMs } = config;
  const api = url === undefined ? undefined : { url, connectTimeoutMs, maxBytes: config.NUMBERS_BODY_MB * MIB };
  return openTotal({ api, timeoutMs: config.NUMBERS_TIMEOUT_MS, tracer });
}

function openLimit({ config: { RATE_LIMIT: rate }, directory }: Context) {
  return { rate, ...createRateLimits({ directory }) };
}

function handleSignals({ lifecycle, log }: Context): void {
  process.on('uncaughtException', (error) => lifecycle.fail(error));
  process.on('unhandledRejection', (reason) => lifecycle.fail(reason));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => lifecycle.drain(signal));
  onPrimaryGone(() => lifecycle.drain('PM2 is gone'));
  returnLostConnections(() => log.warn({ lack: 'file descriptors' }, 'out of resources'));
}

async function listen(server: Server, { config, log }: Context): Promise<string> {
  try {
    server.listen(config.PORT, config.HOST);
    await once(server, 'listening');
  } catch (error) {
    throw listenError(config, error);
  }
  const address = server.address() as AddressInfo;
  const url = urlOf(address);
  log.info({ openTo: describeAudience(config), corsOrigins: config.CORS_ORIGINS, url }, 'listening');
  if (config.API_KEYS === undefined && !isLoopback(address.address))
    log.warn({ address: address.address }, 'no API keys: anyone who can reach this address can search');
  if (config.API_KEYS === undefined && config.UPLOADS)
    log.warn(
      { address: address.address },
      'uploads without API keys: anyone who can reach this address can change texts',
    );
  return url;
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
