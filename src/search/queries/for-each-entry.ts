import { TimeSlice } from '../../concurrency/time-slice.js';
import type { Answer, Summary } from '../engine.js';

/** Reads an answer to its end, in time slices. Returns its summary. */
export async function forEachEntry<Some>(answer: Answer<Some>, handle: (entry: Some) => void): Promise<Summary> {
  const slice = new TimeSlice();
  try {
    for (;;) {
      const step = await answer.next();
      if (step.done) return step.value;
      for (const entry of step.value) {
        handle(entry);
        // An aborted answer throws when its next batch is read.
        if (slice.isExpired) await slice.yieldToEventLoop();
      }
    }
  } finally {
    await answer.return({ nrOfEntries: 0 });
  }
}
