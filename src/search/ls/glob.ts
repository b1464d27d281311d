// Globs on names, as glob(7) has them: `*`, `?`, `[a-z]`, `[!a-z]`, and `\` before what stands for itself.

/** Whether a part of a pattern stands for this character; `*`, which stands for any number of them, is apart. */
type Part = '*' | ((character: string) => boolean);

/**
 * What tells whether a whole name matches. The time is bounded by the length of the pattern times that of the name, whatever they are:
 * a regular expression made of `*a*a*a*a*b` would take for ever on some names.
 */
export function createGlob(pattern: string): (name: string) => boolean {
  const parts = readParts([...pattern]);
  return (name) => matches(parts, [...name]);
}

/** When a part does not match, only the last `*` can help, by taking one character more: no earlier one could find what that does not. */
function matches(parts: Part[], name: string[]): boolean {
  let part = 0;
  let at = 0;
  let star = -1;
  let starEnd = 0;
  while (at < name.length) {
    const current = parts[part];
    if (current === '*') {
      star = part;
      starEnd = at;
      part += 1;
    } else if (current?.(name[at] as string)) {
      part += 1;
      at += 1;
    } else if (star !== -1) {
      starEnd += 1;
      part = star + 1;
      at = starEnd;
    } else return false;
  }
  return parts.slice(part).every((rest) => rest === '*');
}

function readParts(pattern: string[]): Part[] {
  const parts: Part[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at] as string;
    const set = character === '[' ? readSet(pattern, at + 1) : undefined;
    if (set !== undefined) {
      parts.push(set.part);
      at = set.end;
    } else if (character === '*') parts.push('*');
    else if (character === '?') parts.push(() => true);
    else {
      // A `\` at the end stands for itself, as does a `[` without its `]`.
      const isEscape = character === '\\' && at + 1 < pattern.length;
      if (isEscape) at += 1;
      parts.push(itself(pattern[at] as string));
    }
  }
  return parts;
}

function itself(wanted: string): (character: string) => boolean {
  return (character) => character === wanted;
}

/** The set of characters from behind its `[`, and where its `]` is. A `]` that is the first character is one of the set. */
function readSet(pattern: string[], begin: number): { part: Part; end: number } | undefined {
  const isNegated = pattern[begin] === '!' || pattern[begin] === '^';
  const ranges: [from: number, to: number][] = [];
  const first = isNegated ? begin + 1 : begin;
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
  const holds = (code: number) => ranges.some(([from, to]) => from <= code && code <= to);
  return { part: (character) => holds(character.codePointAt(0) as number) !== isNegated, end: at };
}
