// Files that appear with their whole content in one step, so that no other process reads half of
// one.
import { linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** Creates or replaces a file. Only one process may write to a path at a time. */
export function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

/** Creates a file unless it exists already. Any number of processes may try at the same time. */
export function createFile(path: string, text: string): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text);
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}
