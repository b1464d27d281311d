// Reads the snapshots of other workers: from the socket of a live worker, or from its file of
// counters if it is gone or busy. A `.sum` file replaces the files of many gone workers.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { releaseLock, takeLock } from '../../concurrency/file-lock.js';
import { isRunning } from '../../concurrency/process-identity.js';
import { replaceFile } from '../atomic-file.js';
import { type Snapshot, sumSnapshots } from './snapshots.js';

/** A worker that takes longer is busy: its counters are read from its file. */
const RESPONSE_TIMEOUT_MS = 500;
/** Beyond this, the files of gone workers are compacted into one. */
const MAX_FILES = 20;
const MAX_ATTEMPTS = 10;

/** The content of a `.sum` file. */
interface Sum {
  /** The names of the files that it replaces. */
  files: string[];
  snapshot: Snapshot;
}

interface NamedSnapshot {
  name: string;
  snapshot: Snapshot;
}

/** Returns the snapshots of all workers but the one with this process name. */
export async function readOtherWorkers(directory: string, ownName: string): Promise<Snapshot[]> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await tryToRead(directory, ownName);
    } catch (error) {
      // Another worker has compacted a file since the directory was listed.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempts === MAX_ATTEMPTS) throw error;
    }
  }
}

async function tryToRead(directory: string, ownName: string): Promise<Snapshot[]> {
  const read = (name: string) => JSON.parse(readFileSync(join(directory, name), 'utf8'));
  const names = readdirSync(directory);
  const sumNames = names.filter((name) => name.endsWith('.sum'));
  const allSums = withoutOverlap(sumNames.map((name) => ({ name, ...(read(name) as Sum) })));
  // A compacted file may not have been removed yet.
  const compacted = new Set(allSums.flatMap(({ files }) => files));
  const sums = allSums.filter(({ name }) => !compacted.has(name));
  const workerNames = names.filter(
    (name) => name.endsWith('.json') && !compacted.has(name) && name !== `${ownName}.json`,
  );
  const workers = await Promise.all(
    workerNames.map(async (name) => {
      const response = await requestSnapshot(join(directory, socketOf(name)));
      const isGone = response === undefined && !isRunning(name);
      return { name, isGone, snapshot: response ?? (read(name) as Snapshot) };
    }),
  );
  const removable = [...workers.filter(({ isGone }) => isGone), ...sums];
  if (removable.length > MAX_FILES) await compact(directory, ownName, removable);
  return [...workers, ...sums].map(({ snapshot }) => snapshot);
}

/**
 * Replaces files by one with their sum, unless another worker is doing so. The sum is written first
 * and names what it replaces, so nothing is counted twice if this worker is killed halfway.
 */
async function compact(directory: string, ownName: string, files: NamedSnapshot[]): Promise<void> {
  const lock = join(directory, 'lock');
  if (!takeLock(lock)) return;
  try {
    // Another worker may have compacted them before this one got the lock.
    if (!files.every(({ name }) => existsSync(join(directory, name)))) return;
    const snapshot = await sumSnapshots(files.map((file) => file.snapshot));
    const sum: Sum = { files: files.map(({ name }) => name), snapshot };
    replaceFile(join(directory, `${ownName}-${Date.now()}.sum`), JSON.stringify(sum));
    for (const { name } of files) {
      for (const file of [name, socketOf(name)]) rmSync(join(directory, file), { force: true });
    }
  } finally {
    releaseLock(lock);
  }
}

/** Keeps one of several sums of the same files, which concurrent compactions can leave behind. */
function withoutOverlap<Item extends Sum>(sums: Item[]): Item[] {
  const seen = new Set<string>();
  return sums.filter(({ files }) => {
    const isNew = !files.some((file) => seen.has(file));
    if (isNew) for (const file of files) seen.add(file);
    return isNew;
  });
}

function socketOf(name: string): string {
  return name.replace('.json', '.sock');
}

/** Returns `undefined` if the worker is gone, or too busy to respond. */
async function requestSnapshot(path: string): Promise<Snapshot | undefined> {
  const socket = connect(path);
  const timer = setTimeout(() => socket.destroy(new Error('The worker does not respond.')), RESPONSE_TIMEOUT_MS);
  try {
    return JSON.parse(await text(socket)) as Snapshot;
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}
