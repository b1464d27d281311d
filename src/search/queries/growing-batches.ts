// Collects entries into batches that are worth starting a grep for.
import { type EntryObject, entryLength } from '../engine.js';

/**
 * The text of each batch, in UTF-16 code units with context. Starting a grep takes longer than
 * matching a little text. The first batches are smaller, so that the first entries come soon.
 */
const FIRST_LENGTH = 64 * 1024;
const MAX_LENGTH = 1024 * 1024;
/** Added to the length of each entry. */
const OVERHEAD = 64;

/** Yields the entries in larger batches, at least one, and returns what `entries` returns. */
export async function* growingBatches<Return>(
  entries: AsyncGenerator<EntryObject[], Return, void>,
): AsyncGenerator<EntryObject[], Return, void> {
  let maxLength = FIRST_LENGTH;
  let batch: EntryObject[] = [];
  let length = 0;
  try {
    for (;;) {
      const step = await entries.next();
      if (step.done) {
        // An invalid term must be reported even if there are no entries.
        if (batch.length > 0 || maxLength === FIRST_LENGTH) yield batch;
        return step.value;
      }
      for (const entry of step.value) {
        batch.push(entry);
        length += entryLength(entry) + OVERHEAD;
      }
      if (length < maxLength) continue;
      yield batch;
      batch = [];
      length = 0;
      maxLength = Math.min(2 * maxLength, MAX_LENGTH);
    }
  } finally {
    await entries.return(undefined as never);
  }
}
