// An index that is open for reading. Its content never changes: a new index replaces the file.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { FileIdentity } from '../corpus/dictionary-file.js';
import { decodeHeader, HEADER_BYTES, UnusableIndexError } from './index-header.js';
import { decodeTables, IDENTITY_FIELDS, type IndexTables } from './index-tables.js';
import { ROWS } from './rows.js';
import { bitmapBytes, CHECKSUM_BYTES, checksumOf, decodeRow, MAX_COLUMNS, segmentSeed } from './segment.js';

/** Where a segment is in the file. */
interface Segment {
  columns: number;
  rowLengths: Uint16Array;
  offset: number;
  bytes: number;
}

/** Opening a FIFO must not wait for a writer. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;
/** More rows of a query hardly exclude further columns. */
const MAX_ROWS_PER_QUERY = 32;
/** The offset of each row of so many is known; those in between are added up. */
const ROWS_PER_OFFSET = 64;
/** Rows are read one after the other, and reusing memory keeps the garbage collector idle. */
const rowBuffer = Buffer.alloc(bitmapBytes(MAX_COLUMNS) + CHECKSUM_BYTES);
const rowBits = new Uint32Array(MAX_COLUMNS / 32);

export class IndexFile {
  readonly fd: number;
  readonly seed: number;
  readonly tables: IndexTables;
  /** The size of the file. */
  readonly bytes: number;
  /** The memory that its tables take, approximately. */
  readonly memoryBytes: number;
  readonly #rowOffsets: readonly Float64Array[];
  /** Opening the file counts as the first use. */
  #users = 1;
  #fileNumbers: Map<string, number> | undefined;

  private constructor(fd: number, bytes: number) {
    this.fd = fd;
    this.bytes = bytes;
    const { seed, tablesOffset, tablesBytes, tablesChecksum } = decodeHeader(readAt(fd, 0, HEADER_BYTES));
    if (tablesOffset + tablesBytes !== bytes) throw new UnusableIndexError('truncated');
    const tables = readAt(fd, tablesOffset, tablesBytes);
    if (crc32(tables) !== tablesChecksum) throw new UnusableIndexError('damaged tables');
    this.seed = seed;
    this.tables = decodeTables(tables);
    this.memoryBytes = tablesBytes + 2 * this.tables.paths.reduce((sum, path) => sum + path.length, 0);
    this.#rowOffsets = Array.from(this.tables.segmentOffsets, (offset, segment) =>
      rowOffsets(offset, this.#rowLengths(segment)),
    );
  }

  /** Throws UnusableIndexError, and system errors. */
  static open(path: string): IndexFile {
    const fd = openSync(path, FLAGS);
    try {
      const stats = fstatSync(fd);
      if (!stats.isFile()) throw new UnusableIndexError('not a regular file');
      return new IndexFile(fd, stats.size);
    } catch (error) {
      closeSync(fd);
      if (error instanceof RangeError || error instanceof SyntaxError) {
        throw new UnusableIndexError(error.message, { cause: error });
      }
      throw error;
    }
  }

  get segments(): number {
    return this.tables.segmentColumns.length;
  }

  get blocks(): number {
    return this.tables.columns.length;
  }

  segment(segment: number): Segment {
    const rowLengths = this.#rowLengths(segment);
    const offset = this.tables.segmentOffsets[segment] as number;
    const columns = this.tables.segmentColumns[segment] as number;
    return { columns, rowLengths, offset, bytes: this.#rowOffset(segment, ROWS) - offset };
  }

  /** Returns the number of a file if the index has this version of it. */
  find(path: string, identity: FileIdentity): number | undefined {
    const number = this.fileNumber(path);
    return number !== undefined && this.hasVersion(number, identity) ? number : undefined;
  }

  /** Whether the index has this version of a file. */
  hasVersion(number: number, { dev, ino, size, mtimeNs, ctimeNs }: FileIdentity): boolean {
    const { identities } = this.tables;
    const first = IDENTITY_FIELDS * number;
    return (
      identities[first + 4] === ctimeNs &&
      identities[first + 3] === mtimeNs &&
      identities[first + 2] === size &&
      identities[first + 1] === BigInt.asIntN(64, ino) &&
      identities[first] === BigInt.asIntN(64, dev)
    );
  }

  /** Returns the number of a file, or `undefined` if the index doesn't have it. */
  fileNumber(path: string): number | undefined {
    this.#fileNumbers ??= new Map(this.tables.paths.map((each, number) => [each, number]));
    return this.#fileNumbers.get(path);
  }

  /** Returns a bit for each column of a segment, or `undefined` for an empty row. Throws UnusableIndexError. */
  row(segment: number, row: number): Uint32Array | undefined {
    const bits = new Uint32Array(MAX_COLUMNS / 32);
    return this.#readRow(segment, row, bits) ? bits : undefined;
  }

  /** Reads a row, and returns whether it has any column. Throws UnusableIndexError. */
  #readRow(segment: number, row: number, bits: Uint32Array): boolean {
    bits.fill(0);
    const length = this.tables.rowLengths[ROWS * segment + row] as number;
    if (length === 0) return false;
    const stored = rowBuffer.subarray(0, length + CHECKSUM_BYTES);
    readFully(this.fd, stored, this.#rowOffset(segment, row));
    const encoded = stored.subarray(0, length);
    if (stored.readUInt32LE(length) !== checksumOf(encoded, segmentSeed(this.seed, segment), row)) {
      throw new UnusableIndexError('damaged row');
    }
    decodeRow(encoded, this.tables.segmentColumns[segment] as number, bits);
    return true;
  }

  /**
   * Returns a bit for each column of a segment: whether it may have all the rows. Throws
   * UnusableIndexError.
   */
  columnsWith(segment: number, rows: readonly number[]): Uint32Array {
    const lengths = this.#rowLengths(segment);
    // Short rows exclude most.
    const sorted = rows.toSorted((a, b) => (lengths[a] as number) - (lengths[b] as number));
    const columns = new Uint32Array(MAX_COLUMNS / 32).fill(0xffffffff);
    for (const row of sorted.slice(0, MAX_ROWS_PER_QUERY)) {
      this.#readRow(segment, row, rowBits);
      if (!intersect(columns, rowBits)) break;
    }
    return columns;
  }

  /** Keeps the file open until a further call of `release`. */
  retain(): void {
    this.#users += 1;
  }

  /** Closes the file, unless there are other users. */
  release(): void {
    this.#users -= 1;
    if (this.#users === 0) closeSync(this.fd);
  }

  #rowLengths(segment: number): Uint16Array {
    return this.tables.rowLengths.subarray(ROWS * segment, ROWS * (segment + 1));
  }

  #rowOffset(segment: number, row: number): number {
    const first = Math.floor(row / ROWS_PER_OFFSET);
    let offset = (this.#rowOffsets[segment] as Float64Array)[first] as number;
    const lengths = this.#rowLengths(segment);
    for (let each = first * ROWS_PER_OFFSET; each < row; each += 1) offset += storedLength(lengths[each] as number);
    return offset;
  }
}

function storedLength(length: number): number {
  return length === 0 ? 0 : length + CHECKSUM_BYTES;
}

function rowOffsets(offset: number, lengths: Uint16Array): Float64Array {
  const offsets = new Float64Array(ROWS / ROWS_PER_OFFSET + 1);
  let at = offset;
  for (let row = 0; row < ROWS; row += 1) {
    if (row % ROWS_PER_OFFSET === 0) offsets[row / ROWS_PER_OFFSET] = at;
    at += storedLength(lengths[row] as number);
  }
  offsets[ROWS / ROWS_PER_OFFSET] = at;
  return offsets;
}

/** Removes the columns that aren't in the other row. Returns whether any is left. */
function intersect(columns: Uint32Array, row: Uint32Array): boolean {
  let any = 0;
  for (let word = 0; word < columns.length; word += 1) {
    const both = (columns[word] as number) & (row[word] as number);
    columns[word] = both;
    any |= both;
  }
  return any !== 0;
}

function readAt(fd: number, position: number, length: number): Buffer {
  // The tables must be aligned, and a Buffer from the pool may not be.
  const bytes = Buffer.from(new ArrayBuffer(length));
  readFully(fd, bytes, position);
  return bytes;
}

/** Throws UnusableIndexError if the file ends before, or can't be read. */
function readFully(fd: number, bytes: Buffer, position: number): void {
  let bytesRead: number;
  try {
    bytesRead = readSync(fd, bytes, 0, bytes.length, position);
  } catch (cause) {
    throw new UnusableIndexError((cause as Error).message, { cause });
  }
  if (bytesRead !== bytes.length) throw new UnusableIndexError('truncated');
}
