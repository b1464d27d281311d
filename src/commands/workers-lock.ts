// Commands that change the set of workers run one after the other, for each PM2 daemon.
import { spawnSync } from 'node:child_process';
import { ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { OperatorError } from '../errors.js';

/** Longer than a start or a reload takes with the default drain limit. */
const LIMIT_MS = 120_000;
const POLL_MS = 100;
const SHOWN_LENGTH = 120;
/** What flock(1) exits with when another process holds the lock. */
const LOCKED = 1;

/**
 * Waits for the lock and returns its file descriptor. The kernel releases the lock when this process and the children
 * that inherited the descriptor have ended, however they end. Throws an OperatorError that names the holder after `limitMs`.
 */
export async function lockWorkers(limitMs = LIMIT_MS): Promise<number> {
  const home = process.env.PM2_HOME || join(homedir(), '.pm2');
  mkdirSync(home, { recursive: true });
  const path = join(home, 'grepd.lock');
  const fd = openSync(path, 'a+', 0o600);
  const started = Date.now();
  for (let isWaiting = false; !tryLock(fd); isWaiting = true) {
    const holder = describeHolder(readFileSync(path, 'utf8'));
    if (!isWaiting) console.error(`Waiting for ${holder} to finish.`);
    if (Date.now() - started > limitMs) {
      throw new OperatorError(
        `grepd's workers are locked by ${holder}, which has not finished in ${limitMs / 1_000} s: wait for it or end it, then try again`,
      );
    }
    await sleep(POLL_MS);
  }
  ftruncateSync(fd);
  writeSync(fd, String(process.pid));
  return fd;
}

/** flock(1) locks the open file, which this process shares with it and keeps open. */
function tryLock(fd: number): boolean {
  const { status, error, stderr } = spawnSync('flock', ['-x', '-n', '3'], { stdio: ['ignore', 'ignore', 'pipe', fd] });
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') {
    console.error('Without flock (util-linux), commands do not wait for each other: run one at a time.');
    return true;
  }
  if (status !== 0 && status !== LOCKED) throw new OperatorError(`flock failed: ${error?.message ?? stderr}`);
  return status === 0;
}

function describeHolder(pid: string): string {
  if (pid === '') return 'another command';
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim().slice(0, SHOWN_LENGTH);
    return `process ${pid} (${command})`;
  } catch {
    return `a pm2 command that process ${pid} started`;
  }
}
