// Which searches a caller can make long at will.
import type { SearchQuery } from '../engine.js';

/** A shorter term does not take long, whatever the text. */
const LONG_TERM = 16;

/**
 * Regular expressions; and long terms of other letters than ASCII whose characters must be compared, not bytes: 1,000 times é, as a
 * word that may be of either case, takes grep half a minute on a line of 1,500,000 é.
 */
export function isExpensive({ term, syntax, ignore_case }: SearchQuery): boolean {
  if (syntax === 'regex') return true;
  return (syntax === 'word' || ignore_case) && term.length > LONG_TERM && /[^ -~]/.test(term);
}
