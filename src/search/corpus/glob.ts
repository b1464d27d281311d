// Globs for names (glob(7)): `*`, `?`, `[a-z]`, `[!a-z]`, and `\` before a literal character.

/** Matches one element of a sequence, or with `*` any number of them. */
export type Part<Element> = '*' | ((element: Element) => boolean);

/**
 * Returns a function that checks whether a whole name matches. It takes at most time proportional
 * to the product of the lengths; a regular expression for `*a*a*a*a*b` could take exponential time.
 */
export function createGlob(pattern: string): (name: string) => boolean {
  const parts = parseParts([...pattern]);
  return (name) => matchesAll(parts, [...name]);
}

/**
 * Whether the parts match a whole sequence. Compares each element with each part at most once. On a
 * mismatch, backtracks to the last `*` only: an earlier one can't find more matches.
 */
export function matchesAll<Element>(parts: readonly Part<Element>[], elements: readonly Element[]): boolean {
  let part = 0;
  let index = 0;
  let star = -1;
  let starEnd = 0;
  while (index < elements.length) {
    const current = parts[part];
    if (current === '*') {
      star = part;
      starEnd = index;
      part += 1;
    } else if (current?.(elements[index] as Element)) {
      part += 1;
      index += 1;
    } else if (star !== -1) {
      starEnd += 1;
      part = star + 1;
      index = starEnd;
    } else return false;
  }
  return parts.slice(part).every((remaining) => remaining === '*');
}

function parseParts(pattern: string[]): Part<string>[] {
  const parts: Part<string>[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at] as string;
    const set = character === '[' ? parseSet(pattern, at + 1) : undefined;
    if (set !== undefined) {
      parts.push(set.part);
      at = set.end;
    } else if (character === '*') parts.push('*');
    else if (character === '?') parts.push(() => true);
    else {
      // A trailing `\`, and a `[` without `]`, are literal characters.
      const isEscape = character === '\\' && at + 1 < pattern.length;
      if (isEscape) at += 1;
      parts.push(literal(pattern[at] as string));
    }
  }
  return parts;
}

function literal(expected: string): (character: string) => boolean {
  return (character) => character === expected;
}

/**
 * Parses a set of characters from after its `[`. Returns it with the index of its `]`, or
 * `undefined` if there is none. A `]` at the start is a member of the set.
 */
function parseSet(pattern: string[], start: number): { part: Part<string>; end: number } | undefined {
  const isNegated = pattern[start] === '!' || pattern[start] === '^';
  const ranges: [from: number, to: number][] = [];
  const first = isNegated ? start + 1 : start;
  let at = first;
  const read = () => {
    if (pattern[at] === '\\') at += 1;
    const character = pattern[at];
    at += 1;
    return character?.codePointAt(0) ?? Number.NaN;
  };
  while (at < pattern.length && (pattern[at] !== ']' || at === first)) {
    const from = read();
    const isRange = pattern[at] === '-' && at + 1 < pattern.length && pattern[at + 1] !== ']';
    if (isRange) at += 1;
    ranges.push([from, isRange ? read() : from]);
  }
  if (at >= pattern.length) return undefined;
  const isInRange = (code: number) => ranges.some(([from, to]) => from <= code && code <= to);
  return { part: (character) => isInRange(character.codePointAt(0) as number) !== isNegated, end: at };
}
