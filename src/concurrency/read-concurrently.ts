// Reads several sources concurrently, each with its own reader.
import type { Start } from './in-order.js';

/** Reads one source. Returns whether the others are still needed. */
export type Read = (chunks: AsyncGenerator<Buffer, void, void>, source: number) => Promise<boolean>;

/**
 * Reads all sources. As soon as a reader returns false or fails, stops the others, then returns
 * false or throws the first failure.
 */
export async function readConcurrently(starts: readonly Start[], read: Read): Promise<boolean> {
  const stop = new AbortController();
  const failures: unknown[] = [];
  const readOne = async (start: Start, source: number) => {
    try {
      if (!(await read(start(stop.signal), source))) stop.abort();
    } catch (error) {
      // A source that was stopped also fails.
      if (!stop.signal.aborted) failures.push(error);
      stop.abort();
    }
  };
  await Promise.all(starts.map(readOne));
  if (failures.length > 0) throw failures[0];
  return !stop.signal.aborted;
}
