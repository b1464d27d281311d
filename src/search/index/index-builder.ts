// Builds the index of a dictionary. Keeps what a previous index has of files that are unchanged, or
// that have only grown.
import { hash } from 'node:crypto';
import { readSync } from 'node:fs';
import { type DictionaryFile, type FileIdentity, identityOfVersion } from '../corpus/dictionary-file.js';
import { type Block, BlockScanner, type KnownPart, type ScannedFile } from './block-scanner.js';
import type { IndexFile } from './index-file.js';
import { IDENTITY_FIELDS, IS_FORTUNE } from './index-tables.js';
import { type FileTables, IndexWriter } from './index-writer.js';

/** A file that is open for indexing. */
export interface IndexableFile {
  path: string;
  fd: number;
  identity: FileIdentity;
  /** The offset of the text, which follows a byte order mark. */
  textOffset: number;
}

export interface BuilderOptions {
  /** An empty file that is open for writing. */
  fd: number;
  dictionary: string;
  /** The dictionaries folder, as an absolute path free of links. */
  root: string;
  previous?: IndexFile | undefined;
  blockBytes?: number;
  /** As in `ScannerOptions`. */
  bytesPerRow?: number | undefined;
  /** The maximum number of columns of a segment. */
  maxColumns?: number;
  /** The maximum size of the file. */
  maxBytes?: number;
  /** Gets the number of bytes of the text that were read, or needed no reading. */
  onProgress?: (bytes: number) => void;
}

export const DEFAULT_BLOCK_BYTES = 8 * 1024;
/** Files are read, and their checksums computed, in chunks at multiples of this. */
export const CHUNK_BYTES = 1024 * 1024;
export const CHUNK_CHECKSUM_BYTES = 16;

interface IndexedFile extends ScannedFile {
  path: string;
  identity: FileIdentity;
  checksums: Buffer;
}

export class IndexBuilder {
  readonly #options: BuilderOptions;
  readonly #writer: IndexWriter;
  readonly #scanner: BlockScanner;
  readonly #files: IndexedFile[] = [];
  readonly #buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  readonly #checksumOffsets: Float64Array;

  /** Like its methods, throws what IndexWriter throws. */
  constructor(options: BuilderOptions) {
    this.#options = options;
    this.#writer = new IndexWriter(options);
    this.#checksumOffsets = options.previous === undefined ? new Float64Array() : checksumOffsets(options.previous);
    this.#scanner = new BlockScanner({
      columns: this.#writer,
      blockBytes: options.blockBytes ?? DEFAULT_BLOCK_BYTES,
      bytesPerRow: options.bytesPerRow,
    });
  }

  /**
   * Adds a file if `isUnchanged` still holds after it has been read. Files must come in byte order
   * of their paths.
   */
  add(file: IndexableFile, isUnchanged: () => boolean): void {
    const scanned = this.#reuse(file) ?? this.#continue(file) ?? this.#scan(file);
    if (isUnchanged()) this.#files.push({ ...scanned, path: file.path, identity: file.identity });
  }

  get isEmpty(): boolean {
    return this.#files.length === 0;
  }

  /** Completes the index. Returns its size. */
  finish(): number {
    this.#scanner.flush();
    return this.#writer.finish(toTables(this.#options, this.#files));
  }

  /** Returns what the previous index has of the same version of a file. */
  #reuse({ path, identity }: IndexableFile): (ScannedFile & { checksums: Buffer }) | undefined {
    const { previous, onProgress } = this.#options;
    const number = previous?.find(path, identity);
    if (previous === undefined || number === undefined) return undefined;
    onProgress?.(Number(identity.size));
    return { ...knownFile(previous, number), checksums: this.#knownChecksums(previous, number) };
  }

  /** Scans only the rest of a file that has grown, once the checksums of the known part match. */
  #continue(file: IndexableFile): (ScannedFile & { checksums: Buffer }) | undefined {
    const { previous } = this.#options;
    const number = previous?.fileNumber(file.path);
    if (previous === undefined || number === undefined) return undefined;
    const known = knownFile(previous, number);
    const knownBytes = Number(previous.tables.identities[IDENTITY_FIELDS * number + 2]);
    const kept = nrOfKeptBlocks(known);
    const next = known.blocks[kept];
    const isCandidate =
      next !== undefined &&
      kept > 0 &&
      (known.traits & IS_FORTUNE) === 0 &&
      isSameFile(previous, number, file.identity) &&
      knownBytes < file.identity.size;
    const checksums = this.#knownChecksums(previous, number);
    if (!isCandidate || !this.#hasChecksums(file, knownBytes, checksums)) return undefined;
    const part: KnownPart = {
      ...known,
      blocks: kept,
      lines: next.linesBefore,
      quotes: next.quotesBefore,
      openBlock: next.quoteBlock === kept ? undefined : next.quoteBlock,
    };
    const scanned = this.#scan(file, { start: next.start, known: part });
    // The quotes before are separated by blank lines.
    if ((scanned.traits & IS_FORTUNE) !== 0) return undefined;
    return { ...scanned, blocks: [...known.blocks.slice(0, kept), ...scanned.blocks] };
  }

  #knownChecksums({ tables }: IndexFile, number: number): Buffer {
    const [start, end] = this.#checksumOffsets.subarray(number, number + 2);
    return Buffer.from(tables.checksums.subarray(start, end));
  }

  #hasChecksums({ fd }: IndexableFile, bytes: number, checksums: Buffer): boolean {
    for (let start = 0; start < bytes; start += CHUNK_BYTES) {
      const chunk = this.#read(fd, start, Math.min(CHUNK_BYTES, bytes - start));
      const at = (start / CHUNK_BYTES) * CHUNK_CHECKSUM_BYTES;
      if (!checksumOfChunk(chunk).equals(checksums.subarray(at, at + CHUNK_CHECKSUM_BYTES))) return false;
    }
    return true;
  }

  #scan(file: IndexableFile, from?: { start: number; known: KnownPart }): ScannedFile & { checksums: Buffer } {
    const { start = file.textOffset, known } = from ?? {};
    const end = Number(file.identity.size);
    const checksums: Buffer[] = [];
    const scanned = this.#scanner.scan(this.#chunks(file, start, checksums), { start, end, known });
    return { ...scanned, checksums: Buffer.concat(checksums) };
  }

  /** Yields the bytes from an offset on, and collects the checksums of all chunks. */
  *#chunks({ fd, identity }: IndexableFile, from: number, checksums: Buffer[]): Generator<Buffer, void, void> {
    const { onProgress } = this.#options;
    const size = Number(identity.size);
    for (let start = 0; start < size; start += CHUNK_BYTES) {
      const chunk = this.#read(fd, start, Math.min(CHUNK_BYTES, size - start));
      checksums.push(checksumOfChunk(chunk));
      onProgress?.(chunk.length);
      if (start + chunk.length > from) yield chunk.subarray(Math.max(0, from - start));
    }
  }

  #read(fd: number, position: number, length: number): Buffer {
    let at = 0;
    while (at < length) {
      const bytes = readSync(fd, this.#buffer, at, length - at, position + at);
      if (bytes === 0) break;
      at += bytes;
    }
    return this.#buffer.subarray(0, at);
  }
}

function checksumOfChunk(chunk: Buffer): Buffer {
  return (hash('sha256', chunk, 'buffer') as Buffer).subarray(0, CHUNK_CHECKSUM_BYTES);
}

/** The size that a file's checksums take. Those of a file of one chunk aren't kept. */
function checksumBytes(size: number): number {
  return size <= CHUNK_BYTES ? 0 : Math.ceil(size / CHUNK_BYTES) * CHUNK_CHECKSUM_BYTES;
}

/**
 * Returns the number of blocks that stay the same when a file grows. The last line may continue,
 * and if it is alone in its block, it isn't known yet whether a quote continues into that block.
 */
function nrOfKeptBlocks({ blocks, lines }: ScannedFile): number {
  const last = blocks.at(-1);
  return last !== undefined && lines - last.linesBefore > 1 ? blocks.length - 1 : blocks.length - 2;
}

/** Whether a file is the same, perhaps in another version. */
function isSameFile(index: IndexFile, number: number, { dev, ino }: FileIdentity): boolean {
  const first = IDENTITY_FIELDS * number;
  const { identities } = index.tables;
  return identities[first] === BigInt.asIntN(64, dev) && identities[first + 1] === BigInt.asIntN(64, ino);
}

/** Returns what an index has of a file, as if it had just been scanned. */
function knownFile(index: IndexFile, number: number): ScannedFile {
  const { tables } = index;
  const [first, end] = [tables.fileBlocks[number] as number, tables.fileBlocks[number + 1] as number];
  const blocks = Array.from({ length: end - first }, (_, at): Block => {
    const block = first + at;
    return {
      start: tables.starts[block] as number,
      end: tables.ends[block] as number,
      linesBefore: tables.linesBefore[block] as number,
      quotesBefore: tables.quotesBefore[block] as number,
      quoteBlock: (tables.quoteBlocks[block] as number) - first,
      column: tables.columns[block] as number,
    };
  });
  return {
    blocks,
    lines: tables.lines[number] as number,
    quotes: tables.quotes[number] as number,
    traits: tables.traits[number] as number,
    indent: tables.indents[number] as number,
  };
}

/** Returns where the checksums of each file begin, then where they end. */
function checksumOffsets({ tables: { paths, identities } }: IndexFile): Float64Array {
  const offsets = new Float64Array(paths.length + 1);
  for (let file = 0; file < paths.length; file += 1) {
    const size = Number(identities[IDENTITY_FIELDS * file + 2]);
    offsets[file + 1] = (offsets[file] as number) + checksumBytes(size);
  }
  return offsets;
}

function toTables({ dictionary, root }: BuilderOptions, files: readonly IndexedFile[]): FileTables {
  const blocks = files.flatMap((file) => file.blocks);
  const fileBlocks = new Uint32Array(files.length + 1);
  for (const [number, file] of files.entries()) {
    fileBlocks[number + 1] = (fileBlocks[number] as number) + file.blocks.length;
  }
  const first = files.flatMap(({ blocks }, number) => blocks.map(() => fileBlocks[number] as number));
  return {
    dictionary,
    root,
    paths: files.map(({ path }) => path),
    identities: BigInt64Array.from(
      files.flatMap(({ identity: { dev, ino, size, mtimeNs, ctimeNs } }) => [dev, ino, size, mtimeNs, ctimeNs]),
    ),
    fileBlocks,
    lines: Float64Array.from(files, ({ lines }) => lines),
    quotes: Float64Array.from(files, ({ quotes }) => quotes),
    traits: Uint8Array.from(files, ({ traits }) => traits),
    indents: Float64Array.from(files, ({ indent }) => indent),
    starts: Float64Array.from(blocks, ({ start }) => start),
    ends: Float64Array.from(blocks, ({ end }) => end),
    linesBefore: Float64Array.from(blocks, ({ linesBefore }) => linesBefore),
    quotesBefore: Float64Array.from(blocks, ({ quotesBefore }) => quotesBefore),
    quoteBlocks: Uint32Array.from(blocks, ({ quoteBlock }, block) => (first[block] as number) + quoteBlock),
    columns: Uint32Array.from(blocks, ({ column }) => column),
    checksums: Buffer.concat(
      files.map(({ checksums, identity }) => checksums.subarray(0, checksumBytes(Number(identity.size)))),
    ),
  };
}

/** Returns the share of the columns of an index that none of these files can use again. */
export function unusableShare(index: IndexFile, files: readonly Pick<DictionaryFile, 'path' | 'version'>[]): number {
  const { tables } = index;
  const usable = new Set<number>();
  for (const { path, version } of files) {
    const number = index.fileNumber(path);
    const identity = identityOfVersion(version);
    if (number === undefined || !mayReuse(index, number, identity)) continue;
    const [first, end] = tables.fileBlocks.subarray(number, number + 2);
    for (const column of tables.columns.subarray(first, end)) usable.add(column);
  }
  const columns = tables.segmentColumns.reduce((sum, each) => sum + each, 0);
  return columns === 0 ? 1 : 1 - usable.size / columns;
}

/** Whether a file is in its known version, or may only have grown. */
function mayReuse(index: IndexFile, number: number, identity: FileIdentity): boolean {
  if (index.hasVersion(number, identity)) return true;
  return isSameFile(index, number, identity) && sizeOf(index, number) < identity.size;
}

function sizeOf({ tables }: IndexFile, number: number): bigint {
  return tables.identities[IDENTITY_FIELDS * number + 2] as bigint;
}
