// What to read for a query of several conditions.
import type { Answer, EntryObject, SearchEngine } from '../engine.js';
import type { Conditions } from '../query.js';

/** Where to look, and what the entries are. */
export interface EntrySource
  extends Pick<Conditions, 'dictionary' | 'files' | 'unit' | 'join_hyphens' | 'ignore_marks'> {
  n_before: number;
  n_after: number;
  format: 'object' | 'location';
}

export const EVERY_ENTRY = { nresults: 0, offset: 0, order: 'file' } as const;

/** Returns all lines or quotes, without matches. */
export function entriesOfNoTerm(engine: SearchEngine, source: EntrySource, signal: AbortSignal): Answer<EntryObject> {
  const { join_hyphens: _, ignore_marks: __, n_before, n_after, ...where } = source;
  const query = { ...EVERY_ENTRY, ...where, format: 'location' } as const;
  if (n_before + n_after === 0) return engine.all(query, signal);
  // Only a search returns context.
  return engine.search({ ...query, term: '^', syntax: 'regex', ignore_case: false, n_before, n_after }, signal);
}
