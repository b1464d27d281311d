// The tables of an index: which files it has in which versions, where their blocks are, and how
// long the rows of its segments are. docs/index.md describes the format.

/** A change of the format or of the folding makes older indexes useless, so it raises this. */
export const FORMAT_VERSION = 2;

/** What the index knows of the files, one element per file unless stated otherwise. */
export interface IndexTables {
  /** The name of the dictionary. */
  dictionary: string;
  /** The dictionaries folder, as an absolute path free of links. */
  root: string;
  /** In byte order. */
  paths: readonly string[];
  /** Device, inode, size, modification time and change time of each file. */
  identities: BigInt64Array;
  /** The first block of each file, then the number of blocks. */
  fileBlocks: Uint32Array;
  lines: Float64Array;
  quotes: Float64Array;
  /** Bits: see `HAS_CRLF` and `IS_FORTUNE`. */
  traits: Uint8Array;
  /** The length of the longest run of blanks at the start of a line that isn't blank. */
  indents: Float64Array;
  /** One per block, by file and position: its offsets in the file. */
  starts: Float64Array;
  ends: Float64Array;
  /** One per block: the number of lines before it in the file. */
  linesBefore: Float64Array;
  /** One per block: the number of quotes that begin before it in the file. */
  quotesBefore: Float64Array;
  /** One per block: the block in which the quote begins that continues into this one, or itself. */
  quoteBlocks: Uint32Array;
  /** One per block: its column, counted over all segments as if each had `MAX_COLUMNS`. */
  columns: Uint32Array;
  /** One per segment: the offset of its rows in the index. */
  segmentOffsets: Float64Array;
  /** One per segment: the number of its columns. */
  segmentColumns: Uint32Array;
  /** `ROWS` per segment. */
  rowLengths: Uint16Array;
  /** The checksums of all chunks of each file that is larger than a chunk. */
  checksums: Uint8Array;
}

/** A line of the file ends in `\r\n`, or the file in `\r`. */
export const HAS_CRLF = 1;
/** A line of the file is `%` alone (strfile(1)). */
export const IS_FORTUNE = 2;

/** The numbers in `IndexTables.identities` per file. */
export const IDENTITY_FIELDS = 5;

const ALIGNMENT = 8;

type Numbers = BigInt64Array | Float64Array | Uint32Array | Uint16Array | Uint8Array;

export function encodeTables(tables: IndexTables): Buffer {
  const { dictionary, root, paths, ...arrays } = tables;
  const names = Buffer.from(JSON.stringify({ dictionary, root }));
  // A path can't contain NUL.
  const parts = [names, Buffer.from(paths.join('\0')), ...ARRAY_NAMES.map((name) => arrays[name])];
  return Buffer.concat(parts.flatMap(encodePart));
}

/** Throws if the tables don't fit together. */
export function decodeTables(bytes: Buffer): IndexTables {
  const reader = new PartReader(bytes);
  const names = JSON.parse(reader.next(Uint8Array, 'utf8')) as Pick<IndexTables, 'dictionary' | 'root'>;
  const paths = reader.next(Uint8Array, 'utf8').split('\0');
  const arrays = {
    identities: reader.next(BigInt64Array),
    fileBlocks: reader.next(Uint32Array),
    lines: reader.next(Float64Array),
    quotes: reader.next(Float64Array),
    traits: reader.next(Uint8Array),
    indents: reader.next(Float64Array),
    starts: reader.next(Float64Array),
    ends: reader.next(Float64Array),
    linesBefore: reader.next(Float64Array),
    quotesBefore: reader.next(Float64Array),
    quoteBlocks: reader.next(Uint32Array),
    columns: reader.next(Uint32Array),
    segmentOffsets: reader.next(Float64Array),
    segmentColumns: reader.next(Uint32Array),
    rowLengths: reader.next(Uint16Array),
    checksums: reader.next(Uint8Array),
  } satisfies Record<ArrayName, Numbers>;
  return { ...names, paths, ...arrays };
}

const ARRAY_NAMES = [
  'identities',
  'fileBlocks',
  'lines',
  'quotes',
  'traits',
  'indents',
  'starts',
  'ends',
  'linesBefore',
  'quotesBefore',
  'quoteBlocks',
  'columns',
  'segmentOffsets',
  'segmentColumns',
  'rowLengths',
  'checksums',
] as const satisfies (keyof IndexTables)[];

type ArrayName = (typeof ARRAY_NAMES)[number];

/** The length in bytes, then the bytes, padded so that the next part is aligned. */
function encodePart(part: Numbers): Buffer[] {
  const length = Buffer.alloc(ALIGNMENT);
  length.writeBigUInt64LE(BigInt(part.byteLength));
  const padding = Buffer.alloc(-part.byteLength & (ALIGNMENT - 1));
  return [length, Buffer.from(part.buffer, part.byteOffset, part.byteLength), padding];
}

interface NumbersType<Some extends Numbers> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, byteOffset: number, length: number): Some;
}

class PartReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  next(type: NumbersType<Uint8Array>, encoding: 'utf8'): string;
  next<Some extends Numbers>(type: NumbersType<Some>): Some;
  next(type: NumbersType<Numbers>, encoding?: 'utf8'): Numbers | string {
    const length = Number(this.#bytes.readBigUInt64LE(this.#at));
    const start = this.#at + ALIGNMENT;
    this.#at = start + length + (-length & (ALIGNMENT - 1));
    if (this.#at > this.#bytes.length) throw new RangeError('The tables are too short');
    if (encoding !== undefined) return this.#bytes.toString(encoding, start, start + length);
    const { buffer, byteOffset } = this.#bytes;
    return new type(buffer as ArrayBuffer, byteOffset + start, length / type.BYTES_PER_ELEMENT);
  }
}
