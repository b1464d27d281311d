// The directory in which PM2 keeps its sockets, logs and the list of its workers.
import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { defaultPm2Home } from '../config/default-folders.js';
import { IS_PACKAGE } from '../config/installation.js';
import { OperatorError } from '../errors.js';

/** The installed package has a PM2 of its own, which doesn't run the user's other applications. */
export function pm2Home(): string {
  return process.env.PM2_HOME || (IS_PACKAGE ? defaultPm2Home(process.env) : join(homedir(), '.pm2'));
}

/** Throws an OperatorError if PM2_HOME isn't writable: `pm2 start` would wait forever. */
export function assertPm2HomeWritable(): void {
  const probe = join(pm2Home(), `grepd-room-${randomUUID()}`);
  try {
    writeFileSync(probe, '1');
  } catch (error) {
    throw new OperatorError(`grepd can't write to PM2_HOME (is its disk full?): ${(error as Error).message}`);
  } finally {
    rmSync(probe, { force: true });
  }
}

/** Any PM2 command but this check would start a daemon. */
export async function isDaemonRunning(): Promise<boolean> {
  const socket = connect(join(pm2Home(), 'rpc.sock'));
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  }).finally(() => socket.destroy()) as Promise<boolean>;
}
