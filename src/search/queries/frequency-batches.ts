import { Batch } from '../entries/batch.js';
import type { Frequency } from '../query.js';

/** The length of the numbers and names in JSON, approximately. */
const OVERHEAD = 24;

/** Builds the frequencies of a page only as they are needed. */
export function* inBatches<Value>(
  page: readonly Value[],
  toFrequency: (value: Value) => Frequency,
): Generator<Frequency[], void, void> {
  const batch = new Batch<Frequency>(({ text }) => text.length + OVERHEAD);
  for (const value of page) {
    batch.add(toFrequency(value));
    if (batch.isFull) yield batch.flush();
  }
  if (!batch.isEmpty) yield batch.flush();
}
