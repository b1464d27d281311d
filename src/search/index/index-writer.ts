// Writes an index file: the header, the rows of its segments, then the tables.
import { randomBytes } from 'node:crypto';
import { fsyncSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { ColumnSink } from './block-scanner.js';
import type { IndexFile } from './index-file.js';
import { encodeHeader, HEADER_BYTES } from './index-header.js';
import { encodeTables, type IndexTables } from './index-tables.js';
import { NoRoomError, renderMib } from './no-room-error.js';
import { ROWS } from './rows.js';
import { MAX_COLUMNS, SegmentBuilder, segmentSeed } from './segment.js';

export interface IndexWriterOptions {
  /** An empty file that is open for writing. */
  fd: number;
  /** An index whose columns the new one includes. */
  previous?: IndexFile | undefined;
  /** The maximum number of columns of a segment. */
  maxColumns?: number;
  /** The maximum size of the file. */
  maxBytes?: number;
}

/** The tables without those of the segments. */
export type FileTables = Omit<IndexTables, 'segmentOffsets' | 'segmentColumns' | 'rowLengths'>;

const COPY_BYTES = 1024 * 1024;

export class IndexWriter implements ColumnSink {
  readonly #fd: number;
  readonly #maxColumns: number;
  readonly #maxBytes: number;
  readonly #seed: number;
  readonly #builder = new SegmentBuilder();
  readonly #offsets: number[] = [];
  readonly #columns: number[] = [];
  readonly #rowLengths: Uint16Array[] = [];
  #position = HEADER_BYTES;

  /**
   * Throws UnusableIndexError if the previous index is damaged. Every method that writes throws
   * system errors, and NoRoomError beyond `maxBytes`.
   */
  constructor({ fd, previous, maxColumns = MAX_COLUMNS, maxBytes = Infinity }: IndexWriterOptions) {
    this.#fd = fd;
    this.#maxColumns = maxColumns;
    this.#maxBytes = maxBytes;
    this.#seed = previous?.seed ?? randomBytes(4).readUInt32LE();
    if (previous !== undefined) this.#copy(previous);
  }

  get next(): number {
    return MAX_COLUMNS * this.#columns.length + this.#builder.columns;
  }

  add(rows: Uint16Array): void {
    this.#builder.addColumn(rows);
    if (this.#builder.columns >= this.#maxColumns) this.#writeSegment();
  }

  /** Completes the file, and waits until it is on disk. Returns its size. */
  finish(files: FileTables): number {
    if (this.#builder.columns > 0) this.#writeSegment();
    const rowLengths = new Uint16Array(ROWS * this.#rowLengths.length);
    for (const [segment, lengths] of this.#rowLengths.entries()) rowLengths.set(lengths, ROWS * segment);
    const tables = encodeTables({
      ...files,
      segmentOffsets: Float64Array.from(this.#offsets),
      segmentColumns: Uint32Array.from(this.#columns),
      rowLengths,
    });
    const tablesOffset = this.#position;
    this.#write(tables);
    const header = encodeHeader({
      seed: this.#seed,
      tablesOffset,
      tablesBytes: tables.length,
      tablesChecksum: crc32(tables),
    });
    // The header comes last, so an incomplete index has none.
    fsyncSync(this.#fd);
    writeFully(this.#fd, header, 0);
    fsyncSync(this.#fd);
    return this.#position;
  }

  #writeSegment(): void {
    const { columns } = this.#builder;
    const seed = segmentSeed(this.#seed, this.#columns.length);
    this.#offsets.push(this.#position);
    this.#rowLengths.push(this.#builder.encode(seed, (bytes) => this.#write(bytes)));
    this.#columns.push(columns);
  }

  /** Copies full segments as they are. The last one can take further columns. */
  #copy(previous: IndexFile): void {
    for (let segment = 0; segment < previous.segments; segment += 1) {
      const { columns, rowLengths, offset, bytes } = previous.segment(segment);
      if (segment === previous.segments - 1 && columns < this.#maxColumns) {
        this.#builder.restore(columns, (row) => previous.row(segment, row));
        return;
      }
      this.#offsets.push(this.#position);
      this.#columns.push(columns);
      this.#rowLengths.push(rowLengths);
      const buffer = Buffer.allocUnsafe(COPY_BYTES);
      for (let at = 0; at < bytes; ) {
        const length = readSync(previous.fd, buffer, 0, Math.min(COPY_BYTES, bytes - at), offset + at);
        if (length === 0) throw new RangeError('The previous index is too short');
        this.#write(buffer.subarray(0, length));
        at += length;
      }
    }
  }

  #write(bytes: Buffer): void {
    if (this.#position + bytes.length > this.#maxBytes) {
      throw new NoRoomError(`The index needs more than the ${renderMib(this.#maxBytes)} that the others leave`);
    }
    writeFully(this.#fd, bytes, this.#position);
    this.#position += bytes.length;
  }
}

/** write(2) may write less than requested, as when the disk is nearly full. */
function writeFully(fd: number, bytes: Buffer, position: number): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, position + at);
}
