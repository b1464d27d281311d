// Folds case in bytes of UTF-8, as the index and its queries do.
//
// Invariant: every valid character is folded alone, and any other byte stays as it is. A match of
// a term consists of whole valid characters, and the first byte of a character never continues
// another one. So the folded text contains the folded match, whatever bytes surround it.
import { foldCodePoint, foldedCodePoints } from './case-folding.js';

/** The folded ASCII characters. Other bytes are unchanged. */
export const FOLDED_ASCII: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x80 ? foldCodePoint(byte) : byte,
);

/** Folding changes no code point from here on. */
const END = 0x20000;

/** The folded code points. An array is quicker to read than a Map. */
const folded = Uint32Array.from({ length: END }, (_, codePoint) => codePoint);
for (const [from, to] of foldedCodePoints()) folded[from] = to;

/** The smallest and the largest code point of each length. */
const RANGES = [
  [0, 0],
  [0, 0],
  [0x80, 0x7ff],
  [0x800, 0xffff],
  [0x10000, 0x10ffff],
] as const;

/** The length of the character that a byte announces; 1 if the byte can't begin a longer one. */
export function announcedLength(first: number): number {
  if (first < 0xc2 || first > 0xf4) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

/** Returns the folded character at an offset, or `undefined` if the bytes there aren't valid. */
export function foldedCharacterAt(bytes: Uint8Array, at: number, end: number): number | undefined {
  const length = announcedLength(bytes[at] as number);
  if (length === 1 || at + length > end) return undefined;
  let codePoint = (bytes[at] as number) & (0xff >> (length + 1));
  for (let next = at + 1; next < at + length; next += 1) {
    const byte = bytes[next] as number;
    if ((byte & 0xc0) !== 0x80) return undefined;
    codePoint = (codePoint << 6) | (byte & 0x3f);
  }
  const [min, max] = RANGES[length] as readonly [number, number];
  if (codePoint < min || codePoint > max) return undefined;
  return codePoint < END ? (folded[codePoint] as number) : codePoint;
}

/** Folds a whole text. */
export function foldBytes(text: Buffer): Buffer {
  const folded = Buffer.alloc(text.length);
  return folded.subarray(0, foldInto(folded, text, 0, text.length));
}

/**
 * Folds the bytes from `start` to `end` into a buffer, which must have room for as many. Returns
 * the length of the result, which is no longer.
 */
export function foldInto(target: Uint8Array, text: Uint8Array, start: number, end: number): number {
  let length = 0;
  for (let at = start; at < end; ) {
    const first = text[at] as number;
    const codePoint = first < 0xc2 ? undefined : foldedCharacterAt(text, at, end);
    if (codePoint === undefined) {
      target[length] = FOLDED_ASCII[first] as number;
      length += 1;
      at += 1;
      continue;
    }
    length = encodeInto(target, length, codePoint);
    at += announcedLength(first);
  }
  return length;
}

/** Encodes a code point in UTF-8, even a surrogate. Returns the offset after it. */
function encodeInto(target: Uint8Array, start: number, codePoint: number): number {
  let at = start;
  if (codePoint < 0x80) {
    target[at] = codePoint;
    return at + 1;
  }
  if (codePoint < 0x800) target[at++] = 0xc0 | (codePoint >> 6);
  else {
    if (codePoint < 0x10000) target[at++] = 0xe0 | (codePoint >> 12);
    else {
      target[at++] = 0xf0 | (codePoint >> 18);
      target[at++] = 0x80 | ((codePoint >> 12) & 0x3f);
    }
    target[at++] = 0x80 | ((codePoint >> 6) & 0x3f);
  }
  target[at] = 0x80 | (codePoint & 0x3f);
  return at + 1;
}
