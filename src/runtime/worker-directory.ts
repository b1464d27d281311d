// The private directory in which the workers of one service share sockets, locks and counts.
import cluster from 'node:cluster';
import { lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { isRunning, processIdentity } from '../concurrency/process-identity.js';

/** The longest path of a Unix socket (unix(7)); Node 20 truncates a longer one silently. */
const MAX_PATH_BYTES = 107;
/** The longest file name in the directory. */
const MAX_NAME_BYTES = 40;

/** The process that owns a directory (its id and start time), and the port. */
const DIRECTORY_NAME = /^\d+-\d+-\d+$/;

/**
 * Returns the directory that the workers of a PM2 daemon and port share, even across a reload.
 * Without PM2, it belongs to this process. Removes directories of dead processes. Returns
 * `undefined`, and logs why, if a private directory can't be created.
 */
export function openWorkerDirectory(port: number, log: Logger): string | undefined {
  try {
    const parent = join(tmpdir(), `grepd-${process.getuid?.() ?? 0}`);
    // Throws without /proc, where every process would seem to be dead.
    const owner = processIdentity(cluster.isWorker ? process.ppid : process.pid);
    createPrivateDirectory(parent);
    for (const name of readdirSync(parent)) {
      if (DIRECTORY_NAME.test(name) && !isRunning(name)) rmSync(join(parent, name), { recursive: true, force: true });
    }
    const directory = join(parent, `${owner}-${port}`);
    if (Buffer.byteLength(directory) + 1 + MAX_NAME_BYTES > MAX_PATH_BYTES) {
      throw new Error(`The path ${directory} is too long for sockets; set TMPDIR to a shorter one`);
    }
    createPrivateDirectory(directory);
    if (!cluster.isWorker) process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
    return directory;
  } catch (error) {
    log.warn({ err: error }, 'no shared worker directory: rate limits count per worker');
    return undefined;
  }
}

/**
 * Checks an existing entry: anyone can write to the temporary directory, so it may be a link set by
 * an attacker.
 */
function createPrivateDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const stats = lstatSync(path);
  if (!stats.isDirectory() || stats.uid !== process.getuid?.() || (stats.mode & 0o077) !== 0) {
    throw new Error(`${path} is not a directory that only this user can access; remove it`);
  }
}
