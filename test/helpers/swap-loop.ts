// Swaps a file or folder for a symbolic link and back, in a tight loop in a worker thread.
import { once } from 'node:events';
import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

export interface Swap {
  path: string;
  /** The target of the link. */
  target: string;
  /** The text of the file. Omitted for a folder, which is moved away and back. */
  text?: string | Uint8Array;
}

/** Starts the loop, and returns a function that stops it. */
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
