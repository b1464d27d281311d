// Where the workers of one service meet, for what they count together: a folder that they, and nobody else, know and may use.
import cluster from 'node:cluster';
import { lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { isRunning, processIdentity } from '../concurrency/process-identity.js';

/** What sockets' paths may be long (unix(7)), and the longest name of one here. Node 20 cuts what is longer without a word. */
const MAX_PATH_BYTES = 107;
const MAX_NAME_BYTES = 40;

/** The process that owns it, when that was started, and the port. */
const OWN_NAME = /^\d+-\d+-\d+$/;

/**
 * The workers of a PM2 daemon and a port have one in common, also those of before and after a reload; a worker without PM2 has its own, which goes with it. Those
 * of processes that are gone are removed. Nothing where it can't be had, or is open to others: that is no reason not to answer searches, and the log says so.
 */
export function openWorkersFolder(port: number, log: Logger): string | undefined {
  try {
    const all = join(tmpdir(), `grepd-${process.getuid?.() ?? 0}`);
    // Throws without /proc, where every process would seem to be gone.
    const owner = processIdentity(cluster.isWorker ? process.ppid : process.pid);
    makeOwnFolder(all);
    for (const name of readdirSync(all)) {
      if (OWN_NAME.test(name) && !isRunning(name)) rmSync(join(all, name), { recursive: true, force: true });
    }
    const folder = join(all, `${owner}-${port}`);
    if (Buffer.byteLength(folder) + 1 + MAX_NAME_BYTES > MAX_PATH_BYTES) {
      throw new Error(`The path of ${folder} is too long for sockets in it`);
    }
    makeOwnFolder(folder);
    if (!cluster.isWorker) process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    return folder;
  } catch (error) {
    log.warn({ err: error }, 'workers can not meet: each counts for itself');
    return undefined;
  }
}

/** Everybody may write to the folder for what is temporary: what is there already may be anything, such as a link to what is to be spoilt. */
function makeOwnFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const found = lstatSync(path);
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0) {
    throw new Error(`${path} is no folder of one's own`);
  }
}
