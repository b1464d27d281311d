// Recognizes the lines that separate quotes, in bytes and without their line end.

const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const PERCENT = 0x25;

export type LineKind = 'blank' | 'percent' | 'text';

/** Like `isBlank` and `isPercent`, of the bytes from `start` to `end`. */
export function lineKind(bytes: Uint8Array, start: number, end: number): LineKind {
  if (start === end) return 'blank';
  const first = bytes[start] as number;
  // Most lines begin with another character.
  if (first > PERCENT) return 'text';
  const textEnd = bytes[end - 1] === CR ? end - 1 : end;
  if (first === PERCENT) return textEnd === start + 1 ? 'percent' : 'text';
  return start + blanksAt(bytes, start, textEnd) === textEnd ? 'blank' : 'text';
}

/** Returns the number of spaces and tabs at the start. */
export function blanksAt(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at += 1;
  return at - start;
}
