// Finds all entries that match one term, in file order.
import { AppError } from '../../errors.js';
import type { Answer, EntryObject, SearchEngine, Term } from '../engine.js';
import { type Conditions, isPlain, type QueryTerm } from '../query.js';
import { verifiedEntries } from './verified-term.js';

/** Where to look, and what the entries are. */
export interface EntrySource
  extends Pick<Conditions, 'dictionary' | 'files' | 'unit' | 'join_hyphens' | 'ignore_marks'> {
  n_before: number;
  n_after: number;
  format: 'object' | 'location';
}

export const EVERY_ENTRY = { nresults: 0, offset: 0, order: 'file' } as const;

/** Throws as a search does. The message names the field that the term comes from. */
export async function* entriesOfTerm(
  engine: SearchEngine,
  source: EntrySource,
  term: QueryTerm,
  signal: AbortSignal,
): Answer<EntryObject> {
  const { join_hyphens: _, ignore_marks: isVerified, ...where } = source;
  const { field = 'term', ...plain } = term;
  const answer =
    isVerified || !isPlain(term)
      ? verifiedEntries(engine, source, term, signal)
      : engine.search({ ...EVERY_ENTRY, ...where, ...(plain as Term) }, signal);
  try {
    return yield* answer;
  } catch (error) {
    throw error instanceof AppError ? withField(error, field) : error;
  }
}

/** Returns all lines or quotes, without matches. */
export function entriesOfNoTerm(engine: SearchEngine, source: EntrySource, signal: AbortSignal): Answer<EntryObject> {
  const { join_hyphens: _, ignore_marks: __, n_before, n_after, ...where } = source;
  const query = { ...EVERY_ENTRY, ...where, format: 'location' } as const;
  if (n_before + n_after === 0) return engine.all(query, signal);
  // Only a search returns context.
  return engine.search({ ...query, term: '^', syntax: 'regex', ignore_case: false, n_before, n_after }, signal);
}

/** Replaces "term" at the start of a message. */
export function withField(error: AppError, field: string): AppError {
  const start = '"term"';
  if (field === 'term' || !error.message.startsWith(start)) return error;
  const rename = (text: string) => (text.startsWith(start) ? `"${field}"${text.slice(start.length)}` : text);
  return new AppError(error.code, rename(error.message), { cause: error, reason: rename(error.reason) });
}
