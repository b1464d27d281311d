import type { Frequency } from '../query.js';

/** Small enough that handling a batch doesn't block the event loop for long, in UTF-16 code units. */
const BATCH_LENGTH = 64 * 1024;
/** The length of the numbers and names in JSON, approximately. */
const OVERHEAD = 32;

/** Builds the frequencies of a page only as they are needed. */
export function* inBatches<Value>(
  page: readonly Value[],
  toFrequency: (value: Value) => Frequency,
): Generator<Frequency[], void, void> {
  let batch: Frequency[] = [];
  let length = 0;
  for (const value of page) {
    const frequency = toFrequency(value);
    batch.push(frequency);
    length += frequency.text.length + OVERHEAD;
    if (length < BATCH_LENGTH) continue;
    yield batch;
    batch = [];
    length = 0;
  }
  if (batch.length > 0) yield batch;
}
