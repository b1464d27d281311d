// Controls the workers through PM2's command line.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { IS_PACKAGE, PROJECT } from '../config/installation.js';
import { OperatorError } from '../errors.js';
import { APP } from './pm2-app.js';
import { isDaemonRunning, pm2Home } from './pm2-home.js';
import { findReadinessProblem } from './probe.js';
import { lockWorkers } from './workers-lock.js';

export const PM2 = createRequire(import.meta.url).resolve('pm2/bin/pm2');

export const ECOSYSTEM = IS_PACKAGE ? join(import.meta.dirname, 'package.config.js') : 'ecosystem.config.js';

/** The daemon keeps this directory, and the folder of a package may be replaced. */
export function pm2Directory(): string {
  return IS_PACKAGE ? pm2Home() : PROJECT;
}

export const NOT_RUNNING = 'grepd is not running. Start it with npm start.';

const READY_TIMEOUT_MS = 60_000;
const POLL_INTERVAL_MS = 100;
/** Online workers become ready immediately, unless a dependency is unavailable. */
const ONLINE_TIMEOUT_MS = 3_000;
/** A worker that crashed this often will crash again. */
const MAX_CRASHES = 2;
const LOG_TAIL_LINES = 12;
/** PM2 waits forever if its daemon exits before it answers. A list takes 0.3 s. */
const LIST_TIMEOUT_MS = 15_000;
/** An attempt fails if it starts the daemon, or a worker exits while PM2 measures its memory. */
const MAX_LIST_ATTEMPTS = 3;

export type Environment = Record<string, string | undefined>;

/** The part of a worker's entry in `pm2 jlist` that is used here. */
export interface Pm2Worker {
  pid: number;
  monit?: { memory?: number };
  pm2_env: {
    status: string;
    pm_uptime?: number;
    autorestart?: boolean;
    restart_time: number;
    kill_timeout: number;
    pm_err_log_path: string;
    env: Environment;
  };
}

let lock: number | undefined;

/** Takes the operator lock until this process exits. Throws an OperatorError on timeout. */
export async function lockPm2(): Promise<void> {
  lock ??= await lockWorkers();
}

/**
 * Runs `pm2 …` and returns its standard output. Rejects with its whole output if it fails, or is
 * killed after `timeoutMs`.
 */
export async function pm2(args: string[], env: Environment = process.env, timeoutMs?: number): Promise<string> {
  // PM2 inherits the lock, because it carries on even if this process is killed.
  const stdio = ['ignore', 'pipe', 'pipe', lock ?? 'ignore'] as const;
  const limits = { timeout: timeoutMs, killSignal: 'SIGKILL' } as const;
  const child = spawn(process.execPath, [PM2, ...args], { cwd: pm2Directory(), env, stdio: [...stdio], ...limits });
  const [stdout, stderr, [status, signal]] = await Promise.all([
    text(child.stdout as Readable),
    text(child.stderr as Readable),
    once(child, 'close'),
  ]);
  if (status !== 0) throw new Error(`pm2 ${args.join(' ')} exited with ${status ?? signal}:\n${stdout}${stderr}`);
  return stdout;
}

/** Returns grepd's workers, running or not. */
export async function listWorkers(): Promise<Pm2Worker[]> {
  return (await listApps()).filter(({ name }) => name === APP);
}

/** Returns all processes of PM2. PM2 would start a daemon only to say that there are none. */
export async function listApps(): Promise<(Pm2Worker & { name: string })[]> {
  if (!(await isDaemonRunning())) return [];
  let output = '';
  for (let attempts = 1; attempts <= MAX_LIST_ATTEMPTS; attempts += 1) {
    output = await pm2(['jlist'], process.env, LIST_TIMEOUT_MS).catch((error: Error) => error.message);
    const apps = parseApps(output);
    if (apps !== undefined) return apps;
  }
  throw new OperatorError(`PM2 can't list its workers:\n\n${output.trim()}`);
}

/**
 * Returns `undefined` if there is no list. PM2 may print notices around it, such as that its daemon
 * is of an earlier version.
 */
export function parseApps(output: string): (Pm2Worker & { name: string })[] | undefined {
  const list = output.split('\n').find((line) => line === '[]' || (line.startsWith('[{') && line.endsWith('}]')));
  try {
    return list === undefined ? undefined : JSON.parse(list);
  } catch {
    return undefined;
  }
}

/**
 * Stops and deletes all workers. PM2 7 restarts a worker that is stopped while it starts, even
 * after it has been deleted. So this turns autorestart off first, which takes a restart.
 */
export async function removeWorkers(): Promise<void> {
  for (let workers = await listWorkers(); workers.length > 0; workers = await listWorkers()) {
    if (workers.every(({ pm2_env }) => pm2_env.status === 'stopped' || pm2_env.autorestart === false)) {
      await pm2(['delete', APP]);
    } else {
      // For a worker about to be restarted, PM2 applies this but then fails and skips the rest.
      await pm2(['restart', ECOSYSTEM], { ...process.env, AUTORESTART: 'false' }).catch(() => {});
    }
  }
}

/** Ends the PM2 of an installed package if it runs nothing else. A checkout may use the user's own. */
export async function killOwnDaemon(): Promise<void> {
  if (!IS_PACKAGE || !(await isDaemonRunning())) return;
  if ((await listApps()).every(({ name }) => name === APP)) await pm2(['kill']);
}

export function isOnline({ pm2_env }: Pm2Worker): boolean {
  return pm2_env.status === 'online';
}

/**
 * Waits until `count` workers are online and the service is ready. Throws an OperatorError with the
 * end of the error log if they fail.
 * @param restarts how often reloads have restarted a worker, which doesn't count as crashing
 */
export async function waitUntilReady(origin: string, count: number, restarts: number): Promise<void> {
  const deadlineMs = Date.now() + READY_TIMEOUT_MS;
  let onlineSinceMs: number | undefined;
  for (;;) {
    const workers = await listWorkers();
    const areOnline = workers.length === count && workers.every(isOnline);
    const problem = areOnline ? await findReadinessProblem(origin) : 'not all workers are online';
    if (problem === undefined) return;
    onlineSinceMs = areOnline ? (onlineSinceMs ?? Date.now()) : undefined;
    if (onlineSinceMs !== undefined && Date.now() - onlineSinceMs > ONLINE_TIMEOUT_MS)
      throw new OperatorError(`grepd is running but not ready: ${problem}`);
    const hasFailed = ({ pm2_env }: Pm2Worker) =>
      pm2_env.status === 'errored' || pm2_env.restart_time - restarts >= MAX_CRASHES;
    if (workers.some(hasFailed) || Date.now() > deadlineMs) {
      throw new OperatorError(`grepd did not become ready. Its error log ends with:\n\n${await readErrorLog(workers)}`);
    }
    await sleep(POLL_INTERVAL_MS);
  }
}

async function readErrorLog([worker]: Pm2Worker[]): Promise<string> {
  if (worker === undefined) return `PM2 has no worker named ${APP}.`;
  const log = await readFile(worker.pm2_env.pm_err_log_path, 'utf8').catch((error: Error) => error.message);
  return log.trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
}
