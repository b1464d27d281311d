// Sorts long arrays without blocking the event loop.
import { TimeSlice } from './time-slice.js';

/** Sorting this many takes about a millisecond. */
const RUN_LENGTH = 1024;

/**
 * Sorts an array in place, and returns it. A stable merge sort: sorts each run in one step, then
 * merges neighboring runs until one is left. Throws the signal's reason.
 */
export async function sortInSlices<Value>(
  values: Value[],
  compare: (a: Value, b: Value) => number,
  signal: AbortSignal,
): Promise<Value[]> {
  const slice = new TimeSlice();
  const pause = async () => {
    await slice.yieldToEventLoop();
    signal.throwIfAborted();
  };
  for (let start = 0; start < values.length; start += RUN_LENGTH) {
    const run = values.slice(start, start + RUN_LENGTH).sort(compare);
    for (let index = 0; index < run.length; index += 1) values[start + index] = run[index] as Value;
    if (slice.isExpired) await pause();
  }
  for (let length = RUN_LENGTH; length < values.length; length *= 2) {
    for (let start = 0; start + length < values.length; start += 2 * length) {
      const left = values.slice(start, start + length);
      const rightEnd = Math.min(start + 2 * length, values.length);
      let [leftAt, rightAt] = [0, start + length];
      // `to` never overtakes `rightAt`: what it overwrites has been copied to `left`, or moved.
      for (let to = start; leftAt < left.length; to += 1) {
        const isLeft = rightAt === rightEnd || compare(left[leftAt] as Value, values[rightAt] as Value) <= 0;
        values[to] = (isLeft ? left[leftAt++] : values[rightAt++]) as Value;
        if (to % RUN_LENGTH === 0 && slice.isExpired) await pause();
      }
    }
  }
  return values;
}
