// A lock for processes: a symbolic link whose target is the identity of the holder. A link appears
// together with its target in one step, and needs no disk space.
import { readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { isRunning, processIdentity } from './process-identity.js';

/**
 * Returns whether this process now holds the lock. Removes a stale lock, whose holder is dead, so
 * that the next try can succeed. Throws if the file system can't hold a lock.
 */
export function takeLock(path: string): boolean {
  try {
    symlinkSync(processIdentity(process.pid), path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  if (isStale(path)) removeStaleLock(path);
  return false;
}

export function releaseLock(path: string): void {
  rmSync(path, { force: true });
}

/**
 * Only the holder of a second lock removes a stale lock. So the stale lock found there can't be
 * replaced by that of a live process before it is removed.
 */
function removeStaleLock(path: string): void {
  const removal = `${path}.removal`;
  if (!takeLock(removal)) return;
  try {
    if (isStale(path)) releaseLock(path);
  } finally {
    releaseLock(removal);
  }
}

function isStale(path: string): boolean {
  try {
    return !isRunning(readlinkSync(path));
  } catch {
    // It has just been released.
    return false;
  }
}
