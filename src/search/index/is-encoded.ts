// Files that an index leaves out for good, because grepd must decode their texts to read them.
import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import { readMark } from '../corpus/byte-order-mark.js';
import { needsDecoding } from '../corpus/decoding.js';
import type { DictionaryFile } from '../corpus/dictionary-file.js';

const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | constants.O_NOFOLLOW;

/** Whether a file is in UTF-16, for as long as its object is kept. */
const areUtf16 = new WeakMap<DictionaryFile, boolean>();

/**
 * Whether grep can't read a file itself. Opens it the first time, since text in UTF-16 is
 * recognized by its first bytes.
 */
export function isEncoded(file: DictionaryFile, root: string): boolean {
  if (needsDecoding(file.path)) return true;
  const isUtf16 = areUtf16.get(file) ?? beginsInUtf16(join(root, file.realPath));
  areUtf16.set(file, isUtf16);
  return isUtf16;
}

function beginsInUtf16(path: string): boolean {
  let fd: number | undefined;
  try {
    fd = openSync(path, FLAGS);
    return readMark(fd)?.startsWith('utf-16') ?? false;
  } catch {
    // Reading the file reports the error.
    return false;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
