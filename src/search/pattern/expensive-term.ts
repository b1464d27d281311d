// Recognizes terms that can make a search slow, whatever the text.
import type { Term } from '../engine.js';

/** Terms up to this length are fast, whatever the text. */
const MAX_CHEAP_LENGTH = 16;

/**
 * Whether a term is a regular expression, or a long non-ASCII one that grep must compare character
 * by character: 1,000 é as a word, ignoring case, take it half a minute on a line of 1,500,000 é.
 */
export function isExpensive({ term, syntax, ignore_case }: Term): boolean {
  if (syntax === 'regex') return true;
  return (syntax === 'word' || ignore_case) && term.length > MAX_CHEAP_LENGTH && /[^ -~]/.test(term);
}
