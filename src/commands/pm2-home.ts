// The folder in which PM2 keeps its sockets, logs and the list of its workers.
import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { OperatorError } from '../errors.js';

export function pm2Home(): string {
  return process.env.PM2_HOME || join(homedir(), '.pm2');
}

/** Throws an OperatorError if the disk of PM2_HOME is full: `pm2 start` would wait forever. */
export function assertPm2HomeWritable(): void {
  const probe = join(pm2Home(), `grepd-room-${randomUUID()}`);
  try {
    writeFileSync(probe, '1');
  } catch (error) {
    throw new OperatorError(`PM2_HOME has no room (is its disk full?): ${(error as Error).message}`);
  } finally {
    rmSync(probe, { force: true });
  }
}
