// A lock between processes: a symbolic link whose target is the identity of the holder. Creating a
// link with its target is atomic, and needs no disk space.
import { readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { isRunning, processIdentity } from './process-identity.js';

/**
 * Returns whether this process now holds the lock. Removes a stale lock, whose holder is dead, so
 * that the next attempt can succeed. Throws if the file system can't hold a lock.
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

/** Releases a lock that this process holds. */
export function releaseLock(path: string): void {
  rmSync(path, { force: true });
}

/**
 * Checks again while holding a second lock: otherwise another process could remove the stale lock
 * and take the lock in between, and this one would remove the lock of a live process.
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
