// Guesses the encoding of a text that isn't in UTF-8 from a part of it.
import { analyse } from 'chardet';
import { findEncoding } from './encodings.js';

/** The confidence of chardet, from 0 to 100, that a text with few accented letters needs. */
const MIN_LATIN_CONFIDENCE = 30;
const MIN_OTHER_CONFIDENCE = 50;
/** Few letters of a Latin text have accents. */
const MAX_ACCENTED_SHARE = 0.3;
/** Few bytes of other encodings look like UTF-8 by chance. */
const MIN_VALID_PER_INVALID = 4;
/** What a UTF-16 text has of its commonest NUL bytes in the other half of the code units. */
const MAX_STRAY_SHARE = 0.05;
/** Spaces and line ends, whose first byte in UTF-16 is NUL, are at least so common. */
const MIN_NUL_SHARE = 0.01;
/** The first bytes of the scripts whose letters are ASCII for UTF-8: Latin, Cyrillic, Arabic … */
const MAX_HIGH_BYTE = 0x30;

/** Returns the name of an encoding, or of one that no text can declare, or `undefined`. */
export function guessEncoding(sample: Buffer): string | undefined {
  if (sample.includes(0) || isDamagedUtf8(sample)) return undefined;
  // chardet takes short texts for UTF-32 or ASCII, which these bytes aren't.
  const best = analyse(sample).find(({ name, confidence }) => confidence > 0 && !/^(UTF|ASCII|ISO-2022)/.test(name));
  const encoding = best && findEncoding(best.name);
  // A few accented letters don't tell what else they could be.
  const minConfidence = encoding?.isLatin ? MIN_LATIN_CONFIDENCE : MIN_OTHER_CONFIDENCE;
  const isSure = best !== undefined && best.confidence >= minConfidence;
  return (isSure ? undefined : guessLatin(sample)) ?? encoding?.name ?? best?.name;
}

/** Whether most characters outside ASCII are valid UTF-8. */
function isDamagedUtf8(sample: Buffer): boolean {
  let valid = 0;
  let invalid = 0;
  for (const character of sample.toString()) {
    if (character === '\ufffd') invalid += 1;
    else if (character > '\x7f') valid += 1;
  }
  return valid > MIN_VALID_PER_INVALID * invalid;
}

/** Returns a western European encoding if most letters of the text are ASCII. */
function guessLatin(sample: Buffer): string | undefined {
  const accented = sample.filter((byte) => byte >= 0x80);
  if (accented.length > MAX_ACCENTED_SHARE * sample.length) return undefined;
  return accented.some((byte) => byte < 0xa0) ? 'windows-1252' : 'latin1';
}

/**
 * Recognizes UTF-16 without a byte order mark by NUL bytes in the same half of its code units.
 *
 * @param isUtf8 whether the text is valid UTF-8, too
 */
export function guessUtf16(start: Buffer, isUtf8: boolean): 'utf-16le' | 'utf-16be' | undefined {
  const nuls: [number, number] = [0, 0];
  const highest: [number, number] = [0, 0];
  for (const [at, byte] of start.entries()) {
    const half = (at & 1) as 0 | 1;
    if (byte === 0) nuls[half] += 1;
    highest[half] = Math.max(highest[half], byte);
  }
  const high = nuls[0] > nuls[1] ? 0 : 1;
  const [most, stray] = [Math.max(...nuls), Math.min(...nuls)];
  if (most === 0 || most < MIN_NUL_SHARE * start.length || stray > MAX_STRAY_SHARE * most) return undefined;
  // UTF-8 with some NULs has letters in either half.
  if (isUtf8 && highest[high] > MAX_HIGH_BYTE) return undefined;
  return high === 0 ? 'utf-16be' : 'utf-16le';
}
