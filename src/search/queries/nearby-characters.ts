// Limits the text beside a match to a number of Unicode code points. At the far end, never splits a
// surrogate pair, nor a letter from its combining marks.

const EXTENDS_CHARACTER = /^[\p{M}\p{Emoji_Modifier}\u200d]/u;
/** No code unit below this one extends a character. */
const FIRST_MARK = 0x300;
const ZERO_WIDTH_JOINER = 0x200d;

/** Returns where the last `count` characters before `end` start. */
export function startOfCharacters(text: string, end: number, count: number): number {
  let start = end;
  for (let left = count; left > 0 && start > 0; left -= 1) start = previous(text, start);
  while (start < end && !isBoundary(text, start)) start = next(text, start);
  return start;
}

/** Returns where the first `count` characters from `start` on end. */
export function endOfCharacters(text: string, start: number, count: number): number {
  let end = start;
  for (let left = count; left > 0 && end < text.length; left -= 1) end = next(text, end);
  while (end > start && !isBoundary(text, end)) end = previous(text, end);
  return end;
}

function isBoundary(text: string, at: number): boolean {
  if (at === 0 || at === text.length) return true;
  if (text.charCodeAt(at - 1) === ZERO_WIDTH_JOINER) return false;
  return text.charCodeAt(at) < FIRST_MARK || !EXTENDS_CHARACTER.test(text.slice(at, at + 2));
}

function next(text: string, at: number): number {
  return at + (isPair(text, at) ? 2 : 1);
}

function previous(text: string, at: number): number {
  return at - (isPair(text, at - 2) ? 2 : 1);
}

function isPair(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
}
