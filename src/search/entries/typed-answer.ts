// The one place that tells the compiler which entries a format yields.
import type { Answer, EntryIn, Format } from '../engine.js';

/** Types an answer whose entries have been built in the format of the query. */
export function inFormat<Some extends Format>(_query: { format: Some }, answer: Answer): Answer<EntryIn<Some>> {
  return answer as Answer<EntryIn<Some>>;
}
