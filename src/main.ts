// Puts the parts together and lives until it is told to stop.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { createApp } from './app.js';
import { ApiKeys } from './auth/api-keys.js';
import { TrailingCall } from './concurrency/trailing-call.js';
import { parseConfig } from './config/config.js';
import { cannotListen, isLoopback, openTo } from './config/listen-address.js';
import { createAnswerCounts } from './http/api/answer-cache.js';
import { limitConnections } from './http/connection/connection-limit.js';
import { countSentBytes } from './http/connection/sent-bytes.js';
import { openAssets } from './http/pages/assets.js';
import { createHttpServer } from './http/server.js';
import { findWrappers } from './process/run-program.js';
import { leaveCluster, onPrimaryGone, returnLostConnections } from './runtime/cluster-worker.js';
import { drainable } from './runtime/drain-server.js';
import { Lifecycle } from './runtime/lifecycle.js';
import { createLogger } from './runtime/logger.js';
import type { RequestObservation } from './runtime/metrics/metrics.js';
import { openMetrics } from './runtime/metrics/open-metrics.js';
import { openRateLimit } from './runtime/rate-limit/open-rate-limit.js';
import { shareChoice } from './runtime/shared-choice.js';
import { openWorkersFolder } from './runtime/workers-folder.js';
import { openEngine } from './search/open-engine.js';
import { createSearchCounts } from './search/search-counts.js';
import { openTotal } from './total/total.js';
import { readVersion } from './version.js';

const MIB = 1024 * 1024;

/** V8 would let its heap grow to more than twice what is in use before it cleans up; so a worker under load takes a third less memory, at the same speed. */
const HEAP_GROWTH = '--heap-growing-percent=40';

/** Rejects where the worker can't start. */
export async function main(exit: (status: number) => void): Promise<void> {
  setFlagsFromString(HEAP_GROWTH);
  const config = parseConfig(process.env);
  const log = createLogger(config.LOG_LEVEL);
  const lifecycle = new Lifecycle({ log, exit });
  const { missing } = await findWrappers();
  if (missing.length > 0)
    log.warn({ missing }, 'without util-linux greps outlive a worker that is killed, or may use up all memory');
  const folder = openWorkersFolder(config.PORT, log);
  const searches = createSearchCounts();
  const answers = createAnswerCounts();
  const engine = await openEngine({
    engine: config.SEARCH_ENGINE,
    urls: config.CLICKHOUSE_URL ?? [],
    searchTimeoutMs: config.SEARCH_TIMEOUT_MS,
    counts: searches,
    dictionariesDir: config.DICTIONARIES_DIR,
    defaultDictionary: config.DEFAULT_DICTIONARY,
    chooseDefault: shareChoice({
      folder,
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
    maxUnpackedBytes: config.UNPACKED_MB * MIB,
  });

  // It may be there later: until then readiness says that it is not.
  engine
    .check()
    .catch((error) => log.error({ err: error, engine: config.SEARCH_ENGINE }, 'nothing can be searched yet'));

  const { NUMBERS_API_URL: url } = config;
  const total = openTotal({
    api:
      url === undefined
        ? undefined
        : { url, connectTimeoutMs: config.NUMBERS_CONNECT_TIMEOUT_MS, maxBytes: config.NUMBERS_BODY_MB * MIB },
    timeoutMs: config.NUMBERS_TIMEOUT_MS,
  });

  // The server is there when anyone asks.
  let sentBytes = () => 0;
  const { metrics, gather, close } = await openMetrics({
    folder,
    log,
    searches,
    answers,
    sentBytes: () => sentBytes(),
  });

  const { RATE_LIMIT: rate } = config;
  const limit = rate === undefined ? undefined : { rate, ...openRateLimit({ folder, rate }) };
  const keys = config.API_KEYS === undefined ? undefined : new ApiKeys(config.API_KEYS, log);
  const observe = (request: RequestObservation) => metrics.request(request);
  // To ask all workers costs each of them something. What is told must not be older than the question: another worker may have told more meanwhile.
  const gathered = new TrailingCall(gather);
  const app = createApp({
    keys,
    limit,
    trustProxy: config.TRUST_PROXY,
    corsOrigins: config.CORS_ORIGINS,
    engine,
    counts: answers,
    observe,
    metrics: () => gathered.run(),
    assets: await openAssets(),
    version: await readVersion(),
    total,
    log,
    logTerms: config.LOG_TERMS,
    searchTimeoutMs: config.SEARCH_TIMEOUT_MS,
    cacheBytes: config.CACHE_BYTES,
    termLength: config.TERM_LENGTH,
    waitRoute: config.WAIT_ROUTE,
    phase: () => lifecycle.phase,
  });
  const server = createHttpServer({
    handle: app.callback(),
    log,
    observe,
    requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
    sendTimeoutMs: config.SEARCH_TIMEOUT_MS,
  });
  sentBytes = countSentBytes(server);
  limitConnections(server, config.CONNECTIONS_PER_WORKER);
  server.keepAliveTimeout = config.KEEP_ALIVE_TIMEOUT_MS;
  const drainServer = drainable(server, config.DRAIN_TIMEOUT_MS);
  lifecycle.onDrain('drains', async () => metrics.drain());
  lifecycle.onDrain('requests', async () => {
    const { cutOff } = await drainServer();
    if (cutOff > 0) log.warn({ cutOff, limitMs: config.DRAIN_TIMEOUT_MS }, 'requests cut off');
  });
  lifecycle.onDrain('cluster', leaveCluster);
  lifecycle.onClose('total', () => total.close());
  lifecycle.onClose('metrics', close);
  if (limit !== undefined) lifecycle.onClose('limit', limit.close);
  lifecycle.onClose('engine', () => engine.close());

  process.on('uncaughtException', (error) => lifecycle.fail(error));
  process.on('unhandledRejection', (reason) => lifecycle.fail(reason));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => lifecycle.drain(signal));
  onPrimaryGone(() => lifecycle.drain('PM2 is gone'));
  returnLostConnections(() => log.warn({ lack: 'file descriptors' }, 'out of resources'));

  try {
    server.listen(config.PORT, config.HOST);
    await once(server, 'listening');
  } catch (error) {
    throw cannotListen(config, error);
  }
  const address = server.address() as AddressInfo;
  log.info({ openTo: openTo(config), corsOrigins: config.CORS_ORIGINS, url: urlOf(address) }, 'listening');
  if (keys === undefined && !isLoopback(address.address))
    log.warn({ address: address.address }, 'everybody who reaches this address may search: API_KEYS lets in only some');
  lifecycle.ready();
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
