// Files that grep can't read themselves: compressed ones, and those that declare an encoding. grepd
// decodes them, and grep reads the text from a pipe.
import { isCompressed } from './compressed.js';
import { declaredEncoding } from './encodings.js';

/** The approximate compression ratio of deflate for text, and the maximum. */
const COMPRESSION_RATIO = 4;
/** The limit of deflate (https://zlib.net/zlib_tech.html). */
const MAX_COMPRESSION_RATIO = 1032;
/** A letter of one byte takes mostly two in UTF-8, and at most three. */
const ENCODING_RATIO = 2;
const MAX_ENCODING_RATIO = 3;

/**
 * Whether the name of a file says that grep can't read it. Text in UTF-16 with a byte order mark
 * shows only when it is opened.
 */
export function needsDecoding(path: string): boolean {
  return isCompressed(path) || declaredEncoding(path) !== undefined;
}

type SizedFile = { path: string; bytes: number };

/** Estimates the size of the text of a file from its size on disk. */
export function estimatedTextBytes({ path, bytes }: SizedFile): number {
  const encodingRatio = declaredEncoding(path) === undefined ? 1 : ENCODING_RATIO;
  return bytes * (isCompressed(path) ? COMPRESSION_RATIO : 1) * encodingRatio;
}

/** Returns the maximum size of the text of a file of this size on disk. */
export function maxTextBytes({ path, bytes }: SizedFile): number {
  const encodingRatio = declaredEncoding(path) === undefined ? 1 : MAX_ENCODING_RATIO;
  return bytes * (isCompressed(path) ? MAX_COMPRESSION_RATIO : 1) * encodingRatio;
}
