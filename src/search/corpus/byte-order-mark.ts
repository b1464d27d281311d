// The byte order mark that some editors write before a text. It isn't part of the text (Unicode,
// section 23.8), but tells its encoding.
import { fstatSync, readSync } from 'node:fs';
import { UnlinkedFile } from '../../process/unlinked-file.js';

const BOM = Buffer.from('\ufeff');
const UTF_16LE_BOM = Buffer.of(0xff, 0xfe);
const UTF_16BE_BOM = Buffer.of(0xfe, 0xff);
/** That of UTF-32 begins like that of UTF-16. */
const UTF_32LE_BOM = Buffer.of(0xff, 0xfe, 0, 0);

/** How much of a text it takes to recognize its mark. */
export const MAX_MARK_BYTES = UTF_32LE_BOM.length;
const buffer = Buffer.alloc(MAX_MARK_BYTES);

/** The encodings that a byte order mark tells. */
export type MarkedEncoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** Returns the encoding that the first bytes of a text tell, if they are a byte order mark. */
export function markOf(text: Buffer): MarkedEncoding | undefined {
  // Hardly any text begins with one of these.
  if (text.length < UTF_16LE_BOM.length || (text[0] as number) < (BOM[0] as number)) return undefined;
  if (startsWith(text, BOM)) return 'utf-8';
  if (startsWith(text, UTF_16LE_BOM)) return startsWith(text, UTF_32LE_BOM) ? undefined : 'utf-16le';
  return startsWith(text, UTF_16BE_BOM) ? 'utf-16be' : undefined;
}

function startsWith(text: Buffer, mark: Buffer): boolean {
  return text.subarray(0, mark.length).equals(mark);
}

/** Like `markOf`, for an open file. Doesn't move the file offset. */
export function readMark(fd: number): MarkedEncoding | undefined {
  return markOf(buffer.subarray(0, readSync(fd, buffer, 0, MAX_MARK_BYTES, 0)));
}

/** Moves the file offset of a file that was just opened past the mark of UTF-8, if any. */
export function skipMark(fd: number): MarkedEncoding | undefined {
  const mark = readMark(fd);
  // Node.js has no lseek(2), but a read without a position moves the offset.
  if (mark === 'utf-8') readSync(fd, buffer, 0, UTF8_MARK_BYTES, null);
  return mark;
}

export const UTF8_MARK_BYTES = BOM.length;

/** Copying a larger file costs more than it saves. */
export const MAX_COPY_BYTES = 1024 * 1024;

/**
 * Copies the text after the byte order mark of an open file in UTF-8, for a program that opens
 * files by path. Returns `undefined` if the file is larger than `maxBytes` or the copy can't be
 * written.
 */
export function copyText(fd: number, maxBytes = MAX_COPY_BYTES): UnlinkedFile | undefined {
  const bytes = fstatSync(fd).size;
  if (bytes < BOM.length || bytes > Math.min(maxBytes, MAX_COPY_BYTES)) return undefined;
  const text = Buffer.allocUnsafe(bytes - BOM.length);
  const length = readSync(fd, text, 0, text.length, BOM.length);
  return UnlinkedFile.tryCreate(text.subarray(0, length));
}
