// The byte order mark that some editors write before a UTF-8 text. It isn't part of the text
// (Unicode, section 23.8).
import { fstatSync, readSync } from 'node:fs';
import { UnlinkedFile } from '../../process/unlinked-file.js';

const BOM = Buffer.from('\ufeff');
const buffer = Buffer.alloc(BOM.length);

/** Returns whether an open file begins with a byte order mark. Doesn't move the file offset. */
export function hasByteOrderMark(fd: number): boolean {
  return readSync(fd, buffer, 0, BOM.length, 0) === BOM.length && buffer.equals(BOM);
}

/**
 * Moves the file offset of a file that was just opened past its byte order mark, if any. Returns
 * the new offset.
 */
export function skipByteOrderMark(fd: number): number {
  // Node.js has no lseek(2), but a read without a position moves the offset.
  return hasByteOrderMark(fd) ? readSync(fd, buffer, 0, BOM.length, null) : 0;
}

export function startsWithByteOrderMark(text: Buffer): boolean {
  return text.subarray(0, BOM.length).equals(BOM);
}

/** Copying a larger file costs more than it saves. */
export const MAX_COPY_BYTES = 1024 * 1024;

/**
 * Copies the text after the byte order mark of an open file, for a program that opens files by
 * path. Returns `undefined` if the file is larger than `maxBytes` or the copy can't be written.
 */
export function copyText(fd: number, maxBytes = MAX_COPY_BYTES): UnlinkedFile | undefined {
  const bytes = fstatSync(fd).size;
  if (bytes < BOM.length || bytes > Math.min(maxBytes, MAX_COPY_BYTES)) return undefined;
  const text = Buffer.allocUnsafe(bytes - BOM.length);
  const length = readSync(fd, text, 0, text.length, BOM.length);
  return UnlinkedFile.tryCreate(text.subarray(0, length));
}

/** Yields a text without its byte order mark, if any. */
export async function* withoutByteOrderMark(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  let start: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (start === undefined) {
      yield chunk;
      continue;
    }
    start = start.length === 0 ? chunk : Buffer.concat([start, chunk]);
    if (start.length < BOM.length && BOM.indexOf(start) === 0) continue;
    const text = BOM.equals(start.subarray(0, BOM.length)) ? start.subarray(BOM.length) : start;
    start = undefined;
    if (text.length > 0) yield text;
  }
  if (start !== undefined && start.length > 0) yield start;
}
