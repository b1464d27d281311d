// A lock that one process has at a time: a symbolic link to its holder's name. A link appears with
// its target in one step, and needs no space on the disk.
import { readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { isAlive, nameOf } from '../runtime/workers-folder.js';

/**
 * Returns whether this process has the lock now. Removes the lock of a dead process, so that the
 * next try can succeed. Throws if the file system can't hold a lock.
 */
export function takeLock(path: string): boolean {
  try {
    symlinkSync(nameOf(process.pid), path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  if (isOfTheDead(path)) removeLockOfTheDead(path);
  return false;
}

export function releaseLock(path: string): void {
  rmSync(path, { force: true });
}

/**
 * Only the holder of a second lock removes the lock of a dead process. So what it finds there
 * can't become the lock of a live process before it is removed.
 */
function removeLockOfTheDead(path: string): void {
  const removal = `${path}.removal`;
  if (!takeLock(removal)) return;
  try {
    if (isOfTheDead(path)) releaseLock(path);
  } finally {
    releaseLock(removal);
  }
}

function isOfTheDead(path: string): boolean {
  try {
    return !isAlive(readlinkSync(path));
  } catch {
    // It has just been released.
    return false;
  }
}
