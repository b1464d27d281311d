// `npm start`: starts the workers under PM2 and returns when they answer, or says why they don't.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Config, ConfigError, readConfig } from '../config.js';
import { actions } from '../http/actions.js';
import { curl } from '../http/instructions-page.js';
import { APP, ECOSYSTEM, listWorkers, type Pm2Worker, pm2 } from './pm2.js';

const START_LIMIT_MS = 60_000;
const POLL_MS = 100;
/** A worker that ended this often did not end by chance. */
const HOPELESS_RESTARTS = 2;
const LOG_TAIL_LINES = 12;

class StartError extends Error {}

async function start(): Promise<string> {
  const config = readConfig(process.env);
  if (config.PORT === 0) throw new StartError('"PORT" must be an integer from 1 to 65535 under PM2, got 0');
  const origin = originOf(config);

  const workers = await listWorkers();
  if (workers.some(isOnline)) {
    if (await answers(origin)) return `grepd runs already (npm run reload takes new settings and code over): ${origin}`;
    throw new StartError(
      'grepd runs already, but not with these settings: npm stop ends it, npm run reload takes settings over',
    );
  }
  // What is left of an earlier run would come back with its old settings.
  if (workers.length > 0) await pm2('delete', APP);
  await checkAddress(config);

  await pm2('start', ECOSYSTEM);
  await untilReady(origin, config.WORKERS);
  return `grepd answers at ${origin} with ${config.WORKERS} worker${config.WORKERS === 1 ? '' : 's'}. Try:\n\n  ${curl(actions.search.example.request, origin)}\n`;
}

/** Where a client on this machine finds the service. */
function originOf({ HOST, PORT }: Config): string {
  const host = HOST === '0.0.0.0' ? '127.0.0.1' : HOST === '::' ? '::1' : HOST;
  return `http://${host.includes(':') ? `[${host}]` : host}:${PORT}`;
}

/** PM2 would start the workers again and again where the address is taken. */
async function checkAddress({ HOST, PORT }: Config): Promise<void> {
  const probe = createServer().listen(PORT, HOST);
  try {
    await once(probe, 'listening');
  } catch (error) {
    throw new StartError(`grepd can't listen on HOST ${HOST}, PORT ${PORT}: ${(error as Error).message}`);
  }
  probe.close();
  await once(probe, 'close');
}

async function untilReady(origin: string, expected: number): Promise<void> {
  const limit = Date.now() + START_LIMIT_MS;
  for (;;) {
    const workers = await listWorkers();
    if (workers.filter(isOnline).length === expected && (await answers(origin))) return;
    if (workers.some(isHopeless) || Date.now() > limit) {
      const tail = await errorLog(workers);
      await pm2('delete', APP);
      throw new StartError(`grepd did not get ready. The end of its error log:\n\n${tail}`);
    }
    await sleep(POLL_MS);
  }
}

function isOnline({ pm2_env }: Pm2Worker): boolean {
  return pm2_env.status === 'online';
}

function isHopeless({ pm2_env }: Pm2Worker): boolean {
  return pm2_env.status === 'errored' || pm2_env.restart_time >= HOPELESS_RESTARTS;
}

async function answers(origin: string): Promise<boolean> {
  try {
    return (await fetch(`${origin}/readyz`)).ok;
  } catch {
    return false;
  }
}

async function errorLog([worker]: Pm2Worker[]): Promise<string> {
  if (worker === undefined) return 'PM2 has no worker of this name.';
  const log = await readFile(worker.pm2_env.pm_err_log_path, 'utf8').catch((error: Error) => error.message);
  return log.trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
}

try {
  console.log(await start());
} catch (error) {
  const expected = error instanceof StartError || error instanceof ConfigError;
  console.error(expected ? error.message : error);
  process.exitCode = 1;
}
