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

/** Reads a whole text, or as much as it takes to guess an encoding other than UTF-8. */
export async function detectEncoding(chunks: AsyncIterable<Buffer>): Promise<DetectedEncoding> {
  let start: Buffer = Buffer.alloc(0);
  /** The last chunk, and its end if a character is incomplete there. */
  let last: Buffer = start;
  let rest: Buffer = start;
  /** What surrounds the first byte that isn't UTF-8, once there is one. */
  let sample: Buffer | undefined;
  let hasNul = false;
  for await (const chunk of chunks) {
    start = extended(start, chunk);
    if (sample === undefined) {
      hasNul ||= chunk.includes(0);
      last = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const end = endOfWholeCharacters(last);
      if (isUtf8(last.subarray(0, end))) rest = last.subarray(end);
      else sample = sampleOf(last);
    } else sample = extended(sample, chunk);
    if (sample !== undefined && sample.length >= SAMPLE_BYTES) break;
  }
  if (sample === undefined && rest.length > 0) sample = sampleOf(last);
  const isValid = sample === undefined;
  // In UTF-16, Latin and Cyrillic letters are ASCII characters for UTF-8.
  const utf16 = isValid && !hasNul ? undefined : guessUtf16(start, isValid);
  if (sample === undefined && utf16 === undefined) return UTF8;
  // A short sample may lack what comes before it. A guess tolerates repetitions.
  return { isDecoded: false, name: utf16 ?? (sample && guessEncoding(withContext(sample, start))) };
}

function withContext(sample: Buffer, start: Buffer): Buffer {
  return sample.length >= SAMPLE_BYTES ? sample : Buffer.concat([start, sample]);
}

function extended(sample: Buffer, chunk: Buffer): Buffer {
  const missing = SAMPLE_BYTES - sample.length;
  return missing <= 0 ? sample : Buffer.concat([sample, chunk.subarray(0, missing)]);
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
