// The mark that some editors put before a UTF-8 text. It isn't part of the text (Unicode, section 23.8).
import { fstatSync, readSync } from 'node:fs';
import { UnlinkedFile } from '../../process/unlinked-file.js';

const MARK = Buffer.from('\ufeff');
const first = Buffer.alloc(MARK.length);

/** Returns whether an open file begins with a byte order mark. Doesn't move the file offset. */
export function hasByteOrderMark(fd: number): boolean {
  return readSync(fd, first, 0, MARK.length, 0) === MARK.length && first.equals(MARK);
}

/**
 * Moves the file offset of a file that was just opened past its byte order mark, if any. Returns the
 * new offset.
 */
export function skipByteOrderMark(fd: number): number {
  // Node.js has no lseek(2), but a read without a position moves the offset.
  return hasByteOrderMark(fd) ? readSync(fd, first, 0, MARK.length, null) : 0;
}

/** A program that opens a larger file by its path is not worth a copy of it. */
const MAX_COPY_BYTES = 1024 * 1024;

/**
 * Copies the text behind the byte order mark of an open file, for a program that opens files by their
 * paths. Returns `undefined` if the file is larger than `maxBytes` or there is no room for a copy.
 */
export function copyText(fd: number, maxBytes = MAX_COPY_BYTES): UnlinkedFile | undefined {
  const bytes = fstatSync(fd).size;
  if (bytes < MARK.length || bytes > Math.min(maxBytes, MAX_COPY_BYTES)) return undefined;
  const text = Buffer.allocUnsafe(bytes - MARK.length);
  const length = readSync(fd, text, 0, text.length, MARK.length);
  let copy: UnlinkedFile | undefined;
  try {
    copy = new UnlinkedFile();
    if (copy.write(text.subarray(0, length))) return copy;
  } catch {
    // No file can be created: the disk is full or not writable.
  }
  copy?.close();
  return undefined;
}

/** Passes a text on without its byte order mark. */
export async function* withoutByteOrderMark(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  let begin: Buffer | undefined = Buffer.alloc(0);
  for await (const piece of pieces) {
    if (begin === undefined) {
      yield piece;
      continue;
    }
    begin = begin.length === 0 ? piece : Buffer.concat([begin, piece]);
    if (begin.length < MARK.length && MARK.indexOf(begin) === 0) continue;
    const text = MARK.equals(begin.subarray(0, MARK.length)) ? begin.subarray(MARK.length) : begin;
    begin = undefined;
    if (text.length > 0) yield text;
  }
  if (begin !== undefined && begin.length > 0) yield begin;
}
