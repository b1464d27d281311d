// Where a term stands in a text.
import type { EntryObject } from '../engine.js';

/** What `grep -o` prints: the leftmost first, and none that overlaps the one before. */
export function literalMatches(term: string, text: string): EntryObject['matches'] {
  const matches: EntryObject['matches'] = [];
  for (let at = text.indexOf(term); at !== -1; at = text.indexOf(term, at + term.length)) {
    matches.push([at, at + term.length]);
  }
  return matches;
}
