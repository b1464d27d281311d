// The directory in which PM2 keeps its sockets, logs and the list of its workers.
import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { OperatorError } from '../errors.js';

export function pm2Home(): string {
  return process.env.PM2_HOME || join(homedir(), '.pm2');
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
