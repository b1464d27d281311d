// Finds out whether a text is in UTF-8 and, if it isn't, guesses its encoding.
import { isUtf8 } from 'node:buffer';
import { guessEncoding, guessUtf16 } from './guess-encoding.js';

/** The encoding of a text, as far as reading it tells. */
export interface DetectedEncoding {
  /**
   * Whether the text is read in its encoding. If not, letters that it has don't match, and `name` is
   * a guess.
   */
  isDecoded: boolean;
  /** `undefined` if there is no good guess. */
  name: string | undefined;
}

export const UTF8: DetectedEncoding = Object.freeze({ isDecoded: true, name: 'utf-8' });

/** Guesses need no more. chardet takes about 10 ms for it. */
const SAMPLE_BYTES = 16 * 1024;

/** Reads a whole text, unless it turns out before the end that it isn't in UTF-8. */
export async function detectEncoding(chunks: AsyncIterable<Buffer>): Promise<DetectedEncoding> {
  let start: Buffer = Buffer.alloc(0);
  let rest: Buffer = Buffer.alloc(0);
  let last = rest;
  let hasNul = false;
  for await (const chunk of chunks) {
    if (start.length < SAMPLE_BYTES) start = Buffer.concat([start, chunk.subarray(0, SAMPLE_BYTES - start.length)]);
    hasNul ||= chunk.includes(0);
    last = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = endOfWholeCharacters(last);
    if (!isUtf8(last.subarray(0, end))) return guess(start, sampleOf(last));
    rest = last.subarray(end);
  }
  if (rest.length > 0) return guess(start, sampleOf(last));
  // In UTF-16, Latin and Cyrillic letters are ASCII characters for UTF-8.
  const utf16 = hasNul ? guessUtf16(start) : undefined;
  return utf16 === undefined ? UTF8 : { isDecoded: false, name: utf16 };
}

function guess(start: Buffer, sample: Buffer): DetectedEncoding {
  return { isDecoded: false, name: guessUtf16(start) ?? guessEncoding(sample) };
}

/** Returns where a character begins that the next bytes may complete, or the length. */
function endOfWholeCharacters(bytes: Buffer): number {
  for (let length = 1; length < 4 && length <= bytes.length; length += 1) {
    const byte = bytes[bytes.length - length] as number;
    if (isContinuation(byte)) continue;
    return lengthOfCharacter(byte) > length ? bytes.length - length : bytes.length;
  }
  return bytes.length;
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/** Returns the number of bytes of a character in UTF-8, by its first byte. */
function lengthOfCharacter(first: number): number {
  if (first < 0xc0) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

/** Returns what surrounds the first byte that isn't UTF-8. */
function sampleOf(bytes: Buffer): Buffer {
  let valid = 0;
  // Binary search: every longer part is invalid, too.
  for (let invalid = bytes.length; invalid - valid > 1; ) {
    const middle = (valid + invalid) >>> 1;
    const part = bytes.subarray(0, middle);
    if (isUtf8(part.subarray(0, endOfWholeCharacters(part)))) valid = middle;
    else invalid = middle;
  }
  const start = Math.max(0, valid - SAMPLE_BYTES / 4);
  return bytes.subarray(start, start + SAMPLE_BYTES);
}
