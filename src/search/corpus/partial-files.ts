// The hidden files that uploads are written to before they get their name, and their removal after
// a crash. A name contains its process, so that a file of a running process is never removed.
import { createHash, randomUUID } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isRunning, processIdentity } from '../../concurrency/process-identity.js';

/** Process ids are unique only within a PID namespace of a machine, such as a container. */
const NAMESPACE = namespaceId();

const PATTERN = /^\.upload-([0-9a-f]{12})-(\d+-\d+)-[0-9a-f-]{36}$/;

/** An upload that has written nothing for this long, on another machine, must have crashed. */
const MAX_IDLE_MS = 60 * 60 * 1000;

export function partialFileName(): string {
  return `.upload-${NAMESPACE}-${identity()}-${randomUUID()}`;
}

/** Removes the files in a folder that a crash has left behind. Ignores what it can't remove. */
export async function removeStaleFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const [, namespace, owner] = PATTERN.exec(name) ?? [];
    if (namespace === undefined || owner === undefined) continue;
    const path = join(folder, name);
    const isStale = namespace === NAMESPACE ? !isAlive(owner) : await isIdle(path);
    if (isStale) await rm(path, { force: true }).catch(() => {});
  }
}

/** Removes them in a folder and all folders below it. Doesn't follow links. */
export async function removeAllStaleFiles(folder: string): Promise<void> {
  await removeStaleFiles(folder);
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    if (entry.isDirectory()) await removeAllStaleFiles(join(folder, entry.name));
  }
}

function isAlive(owner: string): boolean {
  return owner === identity() || isRunning(owner);
}

async function isIdle(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined);
  return stats !== undefined && Date.now() - stats.mtimeMs > MAX_IDLE_MS;
}

function identity(): string {
  try {
    return processIdentity(process.pid);
  } catch {
    return `${process.pid}-0`;
  }
}

/** Without /proc, it is random: files of other processes are then removed by their age. */
function namespaceId(): string {
  return createHash('sha256').update(`${hostname()} ${pidNamespace()}`).digest('hex').slice(0, 12);
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return randomUUID();
  }
}
