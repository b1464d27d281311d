// Finds and removes the indexes of dictionaries folders that no longer exist.
import { readdirSync, readlinkSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { takeLock } from '../../concurrency/file-lock.js';
import { isRunning, processIdentity } from '../../concurrency/process-identity.js';
import { LOCK, ROOT_LINK, STORE_FOLDER } from './index-store.js';

/** Ends with the process that removes the folder. */
const REMOVED_FOLDER = /^[0-9a-f]{16}\.removed-(.+)$/;

/**
 * Removes the indexes of dictionaries folders that no longer exist, unless a process holds their
 * lock. Returns those dictionaries folders. Throws system errors.
 *
 * @param dir the folder of all indexes
 */
export function removeGoneRoots(dir: string): string[] {
  return namesIn(dir).flatMap((name) => {
    const path = join(dir, name);
    const [, remover] = REMOVED_FOLDER.exec(name) ?? [];
    if (remover !== undefined && !isRunning(remover)) rmSync(path, { recursive: true, force: true });
    if (!STORE_FOLDER.test(name) || goneRoot(path) === undefined || !tryLock(path)) return [];
    // It may have come back, and been indexed, before the lock was taken.
    const root = goneRoot(path);
    if (root === undefined) {
      rmSync(join(path, LOCK), { force: true });
      return [];
    }
    // Renaming is atomic: no other process can use the folder while it is removed.
    const removed = `${path}.removed-${processIdentity(process.pid)}`;
    renameSync(path, removed);
    rmSync(removed, { recursive: true, force: true });
    return [root];
  });
}

/** Returns the dictionaries folder that a folder of indexes is for, if it no longer exists. */
function goneRoot(path: string): string | undefined {
  const link = join(path, ROOT_LINK);
  try {
    const root = readlinkSync(link);
    return statSync(link, { throwIfNoEntry: false }) === undefined ? root : undefined;
  } catch {
    // It may exist.
    return undefined;
  }
}

/** The first attempt removes a stale lock. */
function tryLock(path: string): boolean {
  const lock = join(path, LOCK);
  try {
    return takeLock(lock) || takeLock(lock);
  } catch (error) {
    // Another process has removed the folder.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Nothing has been built.
    return [];
  }
}
