// Removes combining marks from a text, and maps offsets back to the text with them.
import type { Match } from '../engine.js';

export interface UnmarkedText {
  text: string;
  /** Returns where a match is in the original text. It includes the marks that follow it. */
  toOriginal(match: Match): Match;
}

/** No code unit below this one decomposes or is a mark. */
const FIRST_CHANGED = 0xc0;
const MAY_CHANGE = new RegExp(`[^\\0-\\u{${(FIRST_CHANGED - 1).toString(16)}}]`, 'u');
const MARKS = /\p{M}+/gu;

/** The text in NFD without marks. */
export function removeMarks(text: string): string {
  return MAY_CHANGE.test(text) ? text.normalize('NFD').replace(MARKS, '') : text;
}

/** Like `removeMarks`, but can map offsets back. Computes them only when needed. */
export function unmarkedText(original: string): UnmarkedText {
  const text = removeMarks(original);
  if (text === original) return { text, toOriginal: (match) => match };
  let offsets: Offsets | undefined;
  const toOriginal = ([start, end]: Match): Match => {
    offsets ??= offsetsIn(original, text.length);
    return [offsets.starts[start] as number, offsets.ends[end - 1] as number];
  };
  return { text, toOriginal };
}

/** Where each code unit of an unmarked text comes from. */
interface Offsets {
  starts: Uint32Array;
  ends: Uint32Array;
}

/** Characters are decomposed one by one: in NFD, only marks change their places. */
function offsetsIn(original: string, length: number): Offsets {
  const starts = new Uint32Array(length);
  const ends = new Uint32Array(length);
  let [first, next, at] = [0, 0, 0];
  for (const character of original) {
    const units = unmarkedLength(character);
    // A mark belongs to the character before it.
    if (units > 0) first = next;
    next += units;
    starts.fill(at, next - units, next);
    at += character.length;
    ends.fill(at, first, next);
  }
  return { starts, ends };
}

function unmarkedLength(character: string): number {
  if (character.charCodeAt(0) < FIRST_CHANGED) return 1;
  return character.normalize('NFD').replace(MARKS, '').length;
}
