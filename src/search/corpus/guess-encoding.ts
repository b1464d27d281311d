// Guesses the encoding of a text that isn't in UTF-8 from a part of it.
import { analyse } from 'chardet';
import { findEncoding } from './encodings.js';

/** Few letters of a Latin text have accents. */
const MAX_ACCENTED_SHARE = 0.3;
/** What a UTF-16 text has of its commonest NUL bytes in the other half of the code units. */
const MAX_STRAY_SHARE = 0.05;
/** Spaces and line ends, whose first byte in UTF-16 is NUL, are at least so common. */
const MIN_NUL_SHARE = 0.01;
/** The first bytes of the scripts whose letters are ASCII for UTF-8: Latin, Cyrillic, Arabic … */
const MAX_HIGH_BYTE = 0x30;

/** Returns the name of an encoding, or of one that no text can declare, or `undefined`. */
export function guessEncoding(sample: Buffer): string | undefined {
  if (sample.includes(0)) return undefined;
  const [best] = analyse(sample);
  // Then only some characters are damaged.
  if (best?.name === 'UTF-8') return undefined;
  if (best !== undefined && best.confidence > 0) return findEncoding(best.name)?.name ?? best.name;
  return guessLatin(sample);
}

/** Too little text for statistics is most probably in a western European encoding. */
function guessLatin(sample: Buffer): string | undefined {
  const accented = sample.filter((byte) => byte >= 0x80);
  if (accented.length > MAX_ACCENTED_SHARE * sample.length) return undefined;
  return accented.some((byte) => byte < 0xa0) ? 'windows-1252' : 'latin1';
}

/** Recognizes UTF-16 without a byte order mark by NUL bytes in the same half of its code units. */
export function guessUtf16(start: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  const nuls = [0, 0];
  const highest = [0, 0];
  for (const [at, byte] of start.entries()) {
    const half = at & 1;
    if (byte === 0) nuls[half] = (nuls[half] as number) + 1;
    highest[half] = Math.max(highest[half] as number, byte);
  }
  const [first, second] = nuls as [number, number];
  const high = first > second ? 0 : 1;
  const [most, stray] = high === 0 ? [first, second] : [second, first];
  if (most < MIN_NUL_SHARE * start.length || most === 0 || stray > MAX_STRAY_SHARE * most) return undefined;
  // Valid UTF-8 with some NULs has letters in either half.
  const hasOtherScripts = (highest[1 - high] as number) >= 0x80;
  if (!hasOtherScripts && (highest[high] as number) > MAX_HIGH_BYTE) return undefined;
  return high === 0 ? 'utf-16be' : 'utf-16le';
}
