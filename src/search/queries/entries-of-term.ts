// Finds all entries that match one term, in file order.
import { AppError } from '../../errors.js';
import type { Answer, EntryObject, SearchEngine, Term } from '../engine.js';
import { isPlain, type QueryTerm } from '../query.js';
import { type EntrySource, EVERY_ENTRY } from './entry-source.js';
import { verifiedEntries } from './verified-term.js';

/** Throws as a search does. The message names the field that the term comes from. */
export async function* entriesOfTerm(
  engine: SearchEngine,
  source: EntrySource,
  term: QueryTerm,
  signal: AbortSignal,
): Answer<EntryObject> {
  const { join_hyphens: _, ignore_marks: isVerified, ...where } = source;
  const { field, ...plain } = term;
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

/** Replaces "term" at the start of a message. */
export function withField(error: AppError, field: string): AppError {
  const start = '"term"';
  if (field === 'term' || !error.message.startsWith(start)) return error;
  const rename = (text: string) => (text.startsWith(start) ? `"${field}"${text.slice(start.length)}` : text);
  return new AppError(error.code, rename(error.message), { cause: error, reason: rename(error.reason) });
}
