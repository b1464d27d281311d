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

/** As `removeMarks`, with offsets. */
export function unmarkedText(original: string): UnmarkedText {
  if (!MAY_CHANGE.test(original)) return { text: original, toOriginal: (match) => match };
  // Decomposition is by code point. It reorders marks, but nothing else.
  const starts: number[] = [];
  const ends: number[] = [];
  let text = '';
  let at = 0;
  for (const character of original) {
    const end = at + character.length;
    const bases = unmarkedCharacter(character);
    text += bases;
    if (bases === '' && ends.length > 0) ends[ends.length - 1] = end;
    for (let unit = 0; unit < bases.length; unit += 1) {
      starts.push(at);
      ends.push(end);
    }
    at = end;
  }
  // Each code unit of a character ends where its marks end.
  for (let unit = ends.length - 2; unit >= 0; unit -= 1) {
    if (starts[unit] === starts[unit + 1]) ends[unit] = ends[unit + 1] as number;
  }
  return { text, toOriginal: ([start, end]) => [starts[start] as number, ends[end - 1] as number] };
}

function unmarkedCharacter(character: string): string {
  if (character.charCodeAt(0) < FIRST_CHANGED) return character;
  return character.normalize('NFD').replace(MARKS, '');
}
