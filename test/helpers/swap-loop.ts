// Swaps a file or folder for a symbolic link and back, as fast as it can, in a thread of its own.
import { once } from 'node:events';
import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

export interface Swap {
  path: string;
  /** Where the link leads. */
  target: string;
  /** The text of the file. Without one it is a folder, which is moved away and back. */
  text?: string | Uint8Array;
}

/** Returns what ends the loop. */
export async function startSwapping(swap: Swap): Promise<() => Promise<unknown>> {
  const worker = new Worker(new URL(import.meta.url), { workerData: swap });
  await once(worker, 'online');
  return () => worker.terminate();
}

if (!isMainThread) {
  const { path, target, text } = workerData as Swap;
  const spare = path.replace(/[^/]*$/, '.spare');
  for (;;) {
    if (text === undefined) renameSync(path, spare);
    else symlinkSync(target, `${spare}-link`);
    if (text === undefined) symlinkSync(target, path);
    else renameSync(`${spare}-link`, path);
    if (text === undefined) rmSync(path);
    else writeFileSync(spare, text);
    renameSync(spare, path);
  }
}
