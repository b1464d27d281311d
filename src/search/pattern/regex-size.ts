// Computes the size of a regular expression after its repetitions are expanded, as grep does it.
import { intervalOf, type Token, tokensOf } from './regex-tokens.js';

/**
 * grep 3.8 compiles `(a{1,100}){1,100}`, which has this size, in a tenth of a second. Compiling
 * `((a{1,200}){1,200}){1,50}` takes it seconds and gigabytes.
 */
export const MAX_REGEX_SIZE = 10_000;

/** Returns the number of characters, sets, assertions and references: 6 for `a(bc){2}.`. */
export function regexSize(regex: string): number {
  const outer: Level[] = [];
  let level: Level = { size: 0, last: 0 };
  for (const token of tokensOf(regex)) {
    if (token.kind === 'open') {
      outer.push(level);
      level = { size: 0, last: 0 };
    } else if (token.kind === 'close') {
      const group = level.size + level.last;
      level = append(outer.pop(), group);
    } else if (token.kind === 'repeat') level.last *= copiesOf(token);
    else level = append(level, token.kind === 'or' ? 0 : 1);
  }
  return [...outer, level].reduce((sum, { size, last }) => sum + size + last, 0);
}

interface Level {
  size: number;
  /** The size of the last part, which a repetition would repeat. */
  last: number;
}

function append({ size, last }: Level = { size: 0, last: 0 }, part: number): Level {
  return { size: size + last, last: part };
}

/** `a{2,}` expands to `aaa*`. */
function copiesOf({ text }: Token): number {
  const [min, max] = intervalOf(text);
  return max === Number.POSITIVE_INFINITY ? min + 1 : max;
}
