// Sorts long arrays without blocking the event loop.
import type { TimeSlice } from '../../concurrency/time-slice.js';

/** Sorting this many takes about a millisecond. */
const RUN_LENGTH = 1024;

/** How many items are merged between two looks at the clock. */
const ITEMS_PER_CHECK = 1024;

/** Returns the items in order by a merge sort. Keeps equal items in the order of the array. */
export async function sortInSlices<Item>(
  items: readonly Item[],
  compare: (one: Item, other: Item) => number,
  slice: TimeSlice,
): Promise<Item[]> {
  let runs: Item[][] = [];
  for (let start = 0; start < items.length; start += RUN_LENGTH) {
    runs.push(items.slice(start, start + RUN_LENGTH).sort(compare));
    if (slice.isExpired) await slice.yieldToEventLoop();
  }
  while (runs.length > 1) {
    const longer: Item[][] = [];
    for (let index = 0; index < runs.length; index += 2) {
      longer.push(await merge(runs[index] as Item[], runs[index + 1] ?? [], compare, slice));
    }
    runs = longer;
  }
  return runs[0] ?? [];
}

async function merge<Item>(
  one: readonly Item[],
  other: readonly Item[],
  compare: (one: Item, other: Item) => number,
  slice: TimeSlice,
): Promise<Item[]> {
  const merged: Item[] = [];
  let [at, otherAt] = [0, 0];
  while (at < one.length || otherAt < other.length) {
    const isOneNext =
      otherAt === other.length || (at < one.length && compare(one[at] as Item, other[otherAt] as Item) <= 0);
    merged.push(isOneNext ? (one[at++] as Item) : (other[otherAt++] as Item));
    if (merged.length % ITEMS_PER_CHECK === 0 && slice.isExpired) await slice.yieldToEventLoop();
  }
  return merged;
}
