// Finds all entries that match one term, in file order.
import type { Answer, EntryObject, SearchEngine } from '../engine.js';
import { isPlain, type QueryTerm } from '../query.js';
import { type EntrySource, EVERY_ENTRY } from './entry-source.js';
import { verifiedEntries } from './verified-term.js';

export function entriesOfTerm(
  engine: SearchEngine,
  source: EntrySource,
  term: QueryTerm,
  signal: AbortSignal,
): Answer<EntryObject> {
  const { join_hyphens: _, ignore_marks: isVerified, ...where } = source;
  if (isVerified || !isPlain(term)) return verifiedEntries(engine, source, term, signal);
  return engine.search({ ...EVERY_ENTRY, ...where, ...term }, signal);
}
