// Folds case so that characters are equal if any version of GNU grep may match one with the other
// (-i, in UTF-8). Folding too much only adds candidates; folding too little would lose matches.

/** Equal to grep, or to a grep that compares lower case, but not one-to-one in JavaScript. */
const OTHER_PAIRS = ['\u0130i', '\u0390\u1fd3', '\u03b0\u1fe3', '\ufb05\ufb06'];

/** Pairs of Unicode 17, which the C library may know before Node.js: the first, and how many. */
const RECENT_PAIRS: readonly (readonly [upper: number, lower: number, count: number])[] = [
  [0xa7ce, 0xa7cf, 1],
  [0xa7d2, 0xa7d3, 1],
  [0xa7d4, 0xa7d5, 1],
  [0x16ea0, 0x16ebb, 25],
];

/** There are no letters with case in higher planes. */
const END = 0x20000;
const CHUNK = 0x1000;

/** The members of each class with several, in ascending order, by each of its members. */
type Classes = Map<number, number[]>;

let cachedClasses: Classes | undefined;
let cachedFolded: Map<number, number> | undefined;

/**
 * Returns the representative of a class: its ASCII lower-case letter, or else its first member. It
 * is never longer in UTF-8 than the others.
 */
export function foldCodePoint(codePoint: number): number {
  return foldedCodePoints().get(codePoint) ?? codePoint;
}

/** Folds each code point of a string. Lone surrogates are unchanged. */
export function foldCase(text: string): string {
  const fold = (character: string) => String.fromCodePoint(foldCodePoint(character.codePointAt(0) as number));
  return Array.from(text, fold).join('');
}

/** Returns all code points with the same representative, including this one, in ascending order. */
export function variantsOf(codePoint: number): readonly number[] {
  return classes().get(codePoint) ?? [codePoint];
}

/** Returns the representatives of all code points that folding changes. */
export function foldedCodePoints(): ReadonlyMap<number, number> {
  cachedFolded ??= new Map(
    [...classes()].flatMap(([member, members]) => {
      const representative = members.find((each) => each >= 0x61 && each <= 0x7a) ?? (members[0] as number);
      return member === representative ? [] : [[member, representative]];
    }),
  );
  return cachedFolded;
}

/**
 * Whether another version of Unicode may have a case variant that isn't known here: of an
 * unassigned code point, or of a letter that lacks the other case.
 */
export function mayHaveUnknownVariants(character: string): boolean {
  return /^[\p{Cn}\p{Ll}\p{Lu}]$/u.test(character) && variantsOf(character.codePointAt(0) as number).length === 1;
}

/** Takes some 20 ms. */
function classes(): Classes {
  cachedClasses ??= joinPairs([...knownPairs(), ...otherPairs()]);
  return cachedClasses;
}

type Pair = readonly [one: number, other: number];

/** Yields the simple mappings that this Node.js knows. */
function* knownPairs(): Generator<Pair> {
  for (let start = 0; start < END; start += CHUNK) {
    const chunk = String.fromCodePoint(...Array.from({ length: CHUNK }, (_, at) => start + at));
    for (const character of chunk.match(/\p{Changes_When_Casemapped}/gu) ?? []) {
      for (const mapped of [character.toLowerCase(), character.toUpperCase()]) {
        const [first = '', ...others] = mapped;
        if (others.length === 0) yield [character.codePointAt(0) as number, first.codePointAt(0) as number];
      }
    }
  }
}

function* otherPairs(): Generator<Pair> {
  for (const [one = '', other = ''] of OTHER_PAIRS) {
    yield [one.codePointAt(0) as number, other.codePointAt(0) as number];
  }
  for (const [upper, lower, count] of RECENT_PAIRS) {
    for (let at = 0; at < count; at += 1) yield [upper + at, lower + at];
  }
}

/** Returns the transitive closure of pairs. */
function joinPairs(pairs: Iterable<Pair>): Classes {
  const joined: Classes = new Map();
  for (const [one, other] of pairs) {
    const members = joined.get(one) ?? [one];
    const added = joined.get(other) ?? [other];
    if (one === other || members === added) continue;
    members.push(...added);
    for (const member of members) joined.set(member, members);
  }
  for (const members of joined.values()) members.sort((a, b) => a - b);
  return joined;
}
