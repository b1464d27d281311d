// Finds the lines or quotes that meet the conditions of a query.
import type { Answer, EntryIn, EntryObject, Format, SearchEngine } from '../engine.js';
import { inFormat } from '../entries/typed-answer.js';
import type { Conditions, FindQuery, QueryTerm } from '../query.js';
import { entriesOfTerm } from './entries-of-term.js';

export function findEntries<Some extends Format>(
  _engine: SearchEngine,
  query: FindQuery & { format: Some },
  _signal: AbortSignal,
): Answer<EntryIn<Some>> {
  return inFormat(query, undefined as never);
}

/**
 * Returns all entries in file order, without context, each with the matches of all positive terms.
 */
export function everyEntry(engine: SearchEngine, query: Conditions, signal: AbortSignal): Answer<EntryObject> {
  const [term] = query.all_of;
  const { dictionary, files, unit, join_hyphens, ignore_marks } = query;
  const source = {
    dictionary,
    files,
    unit,
    join_hyphens,
    ignore_marks,
    n_before: 0,
    n_after: 0,
    format: 'object',
  } as const;
  return entriesOfTerm(engine, source, term as QueryTerm, signal);
}
