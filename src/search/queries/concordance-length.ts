import type { ConcordanceLine } from '../query.js';

/** The names of the fields in JSON. */
const OVERHEAD = 40;

/** Returns the approximate length of a line in an answer, in UTF-16 code units. */
export function concordanceLength({ file, left, match, right }: ConcordanceLine): number {
  return OVERHEAD + file.length + left.length + match.length + right.length;
}
