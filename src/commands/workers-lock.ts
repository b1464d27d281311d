// Serializes the commands that change the set of workers of a PM2 daemon.
import { spawnSync } from 'node:child_process';
import { ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { OperatorError } from '../errors.js';
import { pm2Home } from './pm2-home.js';

/** Longer than a start or a reload takes with the default drain limit. */
const DEFAULT_TIMEOUT_MS = 120_000;
const POLL_INTERVAL_MS = 100;
const MAX_COMMAND_LENGTH = 120;
/** The exit status of flock(1) if another process holds the lock. */
const LOCKED_STATUS = 1;

/**
 * Waits for the lock and returns its file descriptor. The kernel releases the lock when this
 * process and all children that inherited the descriptor have exited. Throws an OperatorError
 * that names the holder after `timeoutMs`.
 */
export async function lockWorkers(timeoutMs = DEFAULT_TIMEOUT_MS): Promise<number> {
  const home = pm2Home();
  const path = join(home, 'grepd.lock');
  const fd = openLock(home, path);
  const started = Date.now();
  for (let isWaiting = false; !tryLock(fd); isWaiting = true) {
    const holder = describeHolder(readFileSync(path, 'utf8'));
    if (!isWaiting) console.error(`Waiting for ${holder} to finish.`);
    if (Date.now() - started > timeoutMs) {
      throw new OperatorError(
        `grepd's workers are locked by ${holder}, which has not finished in ${timeoutMs / 1_000} s. Wait for it or end it, then try again.`,
      );
    }
    await sleep(POLL_INTERVAL_MS);
  }
  writeHolder(fd);
  return fd;
}

function openLock(home: string, path: string): number {
  try {
    mkdirSync(home, { recursive: true });
    return openSync(path, 'a+', 0o600);
  } catch (error) {
    throw new OperatorError(
      `PM2_HOME must be a directory that you can write to, got "${home}": ${(error as Error).message}`,
    );
  }
}

/** The holder is for messages only, so ignore errors: a full disk must not prevent `npm stop`. */
function writeHolder(fd: number): void {
  try {
    ftruncateSync(fd);
    writeSync(fd, String(process.pid));
  } catch {}
}

/** flock(1) locks the open file description, which this process shares and keeps open. */
function tryLock(fd: number): boolean {
  const { status, error, stderr } = spawnSync('flock', ['-x', '-n', '3'], { stdio: ['ignore', 'ignore', 'pipe', fd] });
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') {
    console.error('flock (util-linux) is missing, so commands do not wait for each other. Run one at a time.');
    return true;
  }
  if (status !== 0 && status !== LOCKED_STATUS) throw new OperatorError(`flock failed: ${error?.message ?? stderr}`);
  return status === 0;
}

function describeHolder(pid: string): string {
  if (pid === '') return 'another command';
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      .replaceAll('\0', ' ')
      .trim()
      .slice(0, MAX_COMMAND_LENGTH);
    return `process ${pid} (${command})`;
  } catch {
    return `a pm2 command that process ${pid} started`;
  }
}
