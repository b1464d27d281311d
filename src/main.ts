// Puts the parts together and lives until it is told to stop.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import stoppable from 'stoppable';
import { createApp } from './app.js';
import { readConfig } from './config.js';
import { createHttpServer } from './http/server.js';
import { Lifecycle } from './runtime/lifecycle.js';
import { createLogger } from './runtime/logger.js';
import { openEngine } from './search/open-engine.js';

/** Rejects where the worker can't start. */
export async function main(exit: (status: number) => void): Promise<void> {
  const config = readConfig(process.env);
  const log = createLogger(config.LOG_LEVEL);
  const lifecycle = new Lifecycle({ log, exit });
  const engine = await openEngine({
    dictionariesDir: config.DICTIONARIES_DIR,
    defaultDictionary: config.DEFAULT_DICTIONARY,
    searchesPerWorker: config.SEARCHES_PER_WORKER,
    searchQueue: config.SEARCH_QUEUE,
  });

  const app = createApp({ engine, log, searchTimeoutMs: config.SEARCH_TIMEOUT_MS, phase: () => lifecycle.phase });
  const server = createHttpServer({ handle: app.callback(), log, requestTimeoutMs: config.REQUEST_TIMEOUT_MS });
  const { stop } = stoppable(server, config.DRAIN_TIMEOUT_MS);
  lifecycle.onDrain('requests', () => new Promise((resolve) => stop(() => resolve())));

  process.on('uncaughtException', (error) => lifecycle.fail(error));
  process.on('unhandledRejection', (reason) => lifecycle.fail(reason));
  process.on('SIGINT', () => lifecycle.drain('SIGINT'));
  process.on('SIGTERM', () => lifecycle.drain('SIGTERM'));

  server.listen(config.PORT, config.HOST);
  await once(server, 'listening');
  log.info({ url: urlOf(server.address() as AddressInfo) }, 'listening');
  lifecycle.ready();
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
