// A lock that one process has at a time: a file with its name in it.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isAlive, nameOf } from './workers-folder.js';

/** Whether this process has it now. It appears with its content in one step, so that nobody finds it empty. */
export function takeLock(path: string): boolean {
  const own = nameOf(process.pid);
  const file = `${path}.${own}`;
  writeFileSync(file, own);
  try {
    linkSync(file, path);
    return true;
  } catch {
    removeLockOfTheDead(path);
    return false;
  } finally {
    rmSync(file, { force: true });
  }
}

export function releaseLock(path: string): void {
  rmSync(path, { force: true });
}

/** Aside first: by then it may be the lock of another one, who is alive, and gets it back. */
function removeLockOfTheDead(path: string): void {
  const aside = `${path}.dead`;
  try {
    if (isAlive(readFileSync(path, 'latin1'))) return;
    renameSync(path, aside);
    if (isAlive(readFileSync(aside, 'latin1'))) linkSync(aside, path);
    rmSync(aside, { force: true });
  } catch {
    // Somebody else was quicker.
  }
}
