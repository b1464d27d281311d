// Finds all entries that match one term, in file order.
import { type Answer, type EntryObject, type SearchEngine, type Term, termsReadAlike } from '../engine.js';
import { isPlain, type QueryTerm } from '../query.js';
import { type EntrySource, EVERY_ENTRY } from './entry-source.js';
import { verifiedEntries } from './verified-term.js';

/** Returns the answers that together have the entries of any of the terms. */
export function entriesOfAny(
  engine: SearchEngine,
  source: EntrySource,
  terms: readonly QueryTerm[],
  signal: AbortSignal,
): Answer<EntryObject>[] {
  if (!engine.combinesTerms || source.ignore_marks) {
    return terms.map((term) => entriesOfTerm(engine, source, term, signal));
  }
  const { join_hyphens: _, ignore_marks: __, ...where } = source;
  const plain = termsReadAlike(terms.filter(isPlain)).map(([first, ...others]) => {
    const alternatives = others.map(({ term }) => term);
    return engine.search({ ...EVERY_ENTRY, ...where, ...(first as Term), alternatives }, signal);
  });
  const others = terms.filter((term) => !isPlain(term));
  return [...plain, ...others.map((term) => entriesOfTerm(engine, source, term, signal))];
}

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
