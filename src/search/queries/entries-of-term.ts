// Finds all entries that match one term, in file order.
import type { Answer, EntryObject, SearchEngine, Term } from '../engine.js';
import type { Conditions, QueryTerm } from '../query.js';
import { verifiedEntries } from './verified-term.js';

/** Where to look, and what the entries are. */
export interface EntrySource
  extends Pick<Conditions, 'dictionary' | 'files' | 'unit' | 'join_hyphens' | 'ignore_marks'> {
  n_before: number;
  n_after: number;
  format: 'object' | 'location';
}

export const EVERY_ENTRY = { nresults: 0, offset: 0, order: 'file' } as const;

export function entriesOfTerm(
  engine: SearchEngine,
  source: EntrySource,
  term: QueryTerm,
  signal: AbortSignal,
): Answer<EntryObject> {
  if (!isPlain(term) || source.ignore_marks) return verifiedEntries(engine, source, term, signal);
  const { join_hyphens: _, ignore_marks: __, ...where } = source;
  return engine.search({ ...EVERY_ENTRY, ...where, ...term }, signal);
}

/** Whether an engine can search for the term itself. */
export function isPlain(term: QueryTerm): term is Term {
  return term.syntax !== 'phrase';
}
