// Finds the entries that match a term after their text was changed: phrases, and comparison without
// combining marks. A search finds candidates, and grep decides which of them match.
import type { Answer, EntryObject, SearchEngine } from '../engine.js';
import type { QueryTerm } from '../query.js';
import type { EntrySource } from './entries-of-term.js';

export function verifiedEntries(
  _engine: SearchEngine,
  _source: EntrySource,
  _term: QueryTerm,
  _signal: AbortSignal,
): Answer<EntryObject> {
  throw new Error('not implemented');
}
