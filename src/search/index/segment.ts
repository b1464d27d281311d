// A segment of an index: the rows of up to 4,096 columns. A column stands for 8 KiB of text or more,
// and each row says in which columns its trigrams occur.
//
// A row is stored in the shorter of two forms: a bitmap with a bit for each column, or the list of
// its columns as differences in LEB128. A checksum follows, which depends on the row's position.
import { crc32 } from 'node:zlib';
import { ROWS } from './rows.js';

export const MAX_COLUMNS = 4_096;
const WORDS_PER_ROW = MAX_COLUMNS / 32;
export const CHECKSUM_BYTES = 4;

/** Rows are written in pieces of at least this size. */
const WRITE_BYTES = 256 * 1024;

/** The bits of a segment in memory, while columns are added. */
export class SegmentBuilder {
  /** A word for each row, of columns 0 to 31, then of 32 to 63, …: adding a column stays in cache. */
  readonly #bits = new Uint32Array(WORDS_PER_ROW * ROWS);
  #columns = 0;

  get columns(): number {
    return this.#columns;
  }

  /** Adds a column that has these rows. */
  addColumn(rows: Uint16Array): void {
    const words = this.#bits.subarray((this.#columns >>> 5) * ROWS, ((this.#columns >>> 5) + 1) * ROWS);
    const bit = 1 << (this.#columns & 31);
    for (let at = 0; at < rows.length; at += 1) {
      const row = rows[at] as number;
      words[row] = (words[row] as number) | bit;
    }
    this.#columns += 1;
  }

  /** Restores the columns of a stored segment. */
  restore(columns: number, readRow: (row: number) => Uint32Array | undefined): void {
    this.#columns = columns;
    for (let row = 0; row < ROWS; row += 1) {
      const words = readRow(row);
      if (words === undefined) continue;
      for (const [word, bits] of words.entries()) this.#bits[word * ROWS + row] = bits;
    }
  }

  /**
   * Writes the rows that aren't empty, with their checksums, and starts over without columns.
   * Returns the length of each row without its checksum.
   */
  encode(seed: number, write: (bytes: Buffer) => void): Uint16Array {
    const rowLengths = new Uint16Array(ROWS);
    const words = new Uint32Array(WORDS_PER_ROW);
    const encoder = new RowEncoder(this.#columns);
    const output = Buffer.allocUnsafe(WRITE_BYTES + bitmapBytes(MAX_COLUMNS) + CHECKSUM_BYTES);
    let at = 0;
    for (let row = 0; row < ROWS; row += 1) {
      for (let word = 0; word < WORDS_PER_ROW; word += 1) words[word] = this.#bits[word * ROWS + row] as number;
      const encoded = encoder.encode(words);
      if (encoded.length === 0) continue;
      rowLengths[row] = encoded.length;
      at += encoded.copy(output, at);
      at = output.writeUInt32LE(checksumOf(encoded, seed, row), at);
      if (at < WRITE_BYTES) continue;
      write(output.subarray(0, at));
      at = 0;
    }
    write(output.subarray(0, at));
    this.#bits.fill(0);
    this.#columns = 0;
    return rowLengths;
  }
}

/** Makes equal rows of different segments differ in their checksums. */
export function segmentSeed(seed: number, segment: number): number {
  return seed ^ Math.imul(segment + 1, 0xc2b2ae35);
}

/** A checksum that differs for equal rows at different positions. */
export function checksumOf(row: Uint8Array, seed: number, number: number): number {
  return crc32(row, (Math.imul(number + 1, 0x85ebca6b) ^ seed) >>> 0);
}

export function bitmapBytes(columns: number): number {
  return Math.ceil(columns / 8);
}

class RowEncoder {
  readonly #bitmapBytes: number;
  readonly #buffer: Buffer;

  constructor(columns: number) {
    this.#bitmapBytes = bitmapBytes(columns);
    this.#buffer = Buffer.alloc(this.#bitmapBytes);
  }

  /** The result is empty for an empty row, and valid until the next call. */
  encode(words: Uint32Array): Buffer {
    const list = this.#buffer;
    // A list is shorter than a bitmap, which tells them apart.
    const maxBytes = this.#bitmapBytes - 1;
    let at = 0;
    let previous = -1;
    for (let word = 0; word < WORDS_PER_ROW; word += 1) {
      for (let bits = words[word] as number; bits !== 0; bits &= bits - 1) {
        const column = 32 * word + 31 - Math.clz32(bits & -bits);
        let difference = column - previous - 1;
        previous = column;
        for (; difference >= 0x80; difference >>>= 7) {
          if (at >= maxBytes) return this.#encodeBitmap(words);
          list[at++] = (difference & 0x7f) | 0x80;
        }
        if (at >= maxBytes) return this.#encodeBitmap(words);
        list[at++] = difference;
      }
    }
    return list.subarray(0, at);
  }

  #encodeBitmap(words: Uint32Array): Buffer {
    const bitmap = this.#buffer;
    for (let at = 0; at < bitmap.length; at += 1) bitmap[at] = (words[at >>> 2] as number) >>> (8 * (at & 3));
    return bitmap;
  }
}

/** Sets the bits of the columns of a row. */
export function decodeRow(encoded: Uint8Array, columns: number, words: Uint32Array): void {
  if (encoded.length === bitmapBytes(columns)) {
    for (let at = 0; at < encoded.length; at += 1) {
      words[at >>> 2] = (words[at >>> 2] as number) | ((encoded[at] as number) << (8 * (at & 3)));
    }
    return;
  }
  let column = -1;
  let difference = 0;
  let shift = 0;
  for (let at = 0; at < encoded.length; at += 1) {
    const byte = encoded[at] as number;
    difference |= (byte & 0x7f) << shift;
    shift += 7;
    if (byte >= 0x80) continue;
    column += difference + 1;
    words[column >>> 5] = (words[column >>> 5] as number) | (1 << (column & 31));
    difference = 0;
    shift = 0;
  }
}
