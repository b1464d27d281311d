// Runs several sources at once, each with a reader of its own.
import type { Start } from './in-order.js';

/** Reads what one source yields. Returns whether the others are still needed. */
export type Read = (chunks: AsyncGenerator<Buffer, void, void>, source: number) => Promise<boolean>;

/**
 * Reads all sources. Returns false as soon as a reader does, after it has stopped the others.
 * Throws the first failure likewise.
 */
export async function atOnce(starts: readonly Start[], read: Read): Promise<boolean> {
  const stop = new AbortController();
  const failures: unknown[] = [];
  const readOne = async (start: Start, source: number) => {
    try {
      if (!(await read(start(stop.signal), source))) stop.abort();
    } catch (error) {
      // A source that was stopped fails, too.
      if (!stop.signal.aborted) failures.push(error);
      stop.abort();
    }
  };
  await Promise.all(starts.map(readOne));
  if (failures.length > 0) throw failures[0];
  return !stop.signal.aborted;
}
