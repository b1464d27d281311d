// Finds a literal term in a text.
import type { EntryObject } from '../engine.js';

/** Returns the same matches as `grep -o`: leftmost first, without overlaps. */
export function literalMatches(term: string, text: string): EntryObject['matches'] {
  const matches: EntryObject['matches'] = [];
  for (let at = text.indexOf(term); at !== -1; at = text.indexOf(term, at + term.length)) {
    matches.push([at, at + term.length]);
  }
  return matches;
}
