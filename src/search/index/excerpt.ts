// The parts of a dictionary's files that a search needs, as one text for one grep.
import { closeSync, openSync, read, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { UnlinkedFile } from '../../process/unlinked-file.js';
import type { DictionaryFile } from '../corpus/dictionary-file.js';
import { mapFsErrors } from '../corpus/dictionary-root.js';
import { Pace } from '../corpus/pace.js';
import type { SectionedText, SectionText, TextSection } from '../corpus/sectioned-text.js';
import type { Trait } from '../corpus/text-traits.js';

/** A part of a file. */
export interface ExcerptSection extends TextSection {
  /** Its offsets in the file, in bytes. */
  start: number;
  end: number;
  traits: Readonly<Record<Trait, boolean>>;
}

export interface OpenedFile {
  fd: number;
  /** Throws if the file has changed since it was opened. */
  assertUnchanged(): void;
  close(): void;
}

export interface ExcerptOptions {
  /** In order. */
  sections: readonly ExcerptSection[];
  /** Opens a file in the version that the sections belong to. */
  open: (file: DictionaryFile) => Promise<OpenedFile>;
}

const CHUNK_BYTES = 256 * 1024;
/** A larger excerpt is read while grep runs, and not kept. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024;
const NEWLINE = 0x0a;
/** Only for work that doesn't wait for anything. */
const scratch = Buffer.alloc(CHUNK_BYTES);
const pread = promisify(read);

export class Excerpt implements SectionedText {
  readonly sections: readonly ExcerptSection[];
  readonly bytes: number;
  readonly needsDecoding = false;
  readonly #options: ExcerptOptions;
  /** The file with the whole text, unless it is large. */
  #fd: number | undefined;

  private constructor(options: ExcerptOptions) {
    this.#options = options;
    this.sections = options.sections;
    this.bytes = options.sections.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  /** Throws what `open` and `assertUnchanged` throw, and the signal's reason. */
  static async create(options: ExcerptOptions, signal: AbortSignal): Promise<Excerpt> {
    const excerpt = new Excerpt(options);
    if (excerpt.bytes > MAX_KEPT_BYTES) return excerpt;
    const file = UnlinkedFile.tryCreate();
    if (file === undefined) return excerpt;
    try {
      if (await excerpt.#copyTo(file, new Pace(signal))) excerpt.#fd = mapFsErrors(() => openSync(file.path, 'r'));
    } finally {
      file.close();
    }
    return excerpt;
  }

  get hasCrlf(): boolean {
    return this.sections.some(({ traits }) => traits.crlf);
  }

  get fd(): number | undefined {
    return this.#fd;
  }

  read(signal: AbortSignal): AsyncGenerator<Buffer, void, void> {
    return this.#readFiles(signal);
  }

  textOf(index: number): SectionText {
    const section = this.sections[index] as ExcerptSection;
    const { file, traits } = section;
    return {
      path: file.path,
      version: file.version,
      changedMs: file.changedMs,
      read: (signal) => this.#readFiles(signal, [section]),
      has: async (trait) => traits[trait],
      hasChanged: () => false,
      close: () => {},
    };
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
  }

  /**
   * Returns whether there was space for all of it. For short parts, synchronous reads are quicker
   * than libuv's thread pool, and a buffer for all of them keeps the garbage collector idle.
   */
  async #copyTo(copy: UnlinkedFile, pace: Pace): Promise<boolean> {
    let at = 0;
    for await (const { file, pieces } of this.#open(this.sections)) {
      let last = NEWLINE;
      for (const { position, length } of pieces) {
        if (pace.isExpired) await pace.yieldToEventLoop();
        const bytes = readSync(file.fd, scratch, 0, length, position);
        file.assertUnchanged();
        assertComplete(bytes, length);
        last = scratch[bytes - 1] as number;
        if (!copy.writeAt(scratch.subarray(0, bytes), at)) return false;
        at += bytes;
      }
      if (last === NEWLINE) continue;
      if (!copy.writeAt(Buffer.of(NEWLINE), at)) return false;
      at += 1;
    }
    return true;
  }

  async *#readFiles(signal: AbortSignal, sections = this.sections): AsyncGenerator<Buffer, void, void> {
    for await (const { file, pieces } of this.#open(sections)) yield* readPieces(file, pieces, signal);
  }

  /** Yields the files with the pieces to read. Each file is open until the next one. */
  async *#open(sections: readonly ExcerptSection[]): AsyncGenerator<{ file: OpenedFile; pieces: Piece[] }, void, void> {
    for (let at = 0; at < sections.length; ) {
      const { file: dictionaryFile } = sections[at] as ExcerptSection;
      const pieces: Piece[] = [];
      for (; sections[at]?.file.path === dictionaryFile.path; at += 1) {
        pieces.push(...piecesOf(sections[at] as ExcerptSection));
      }
      const file = await this.#options.open(dictionaryFile);
      try {
        yield { file, pieces };
      } finally {
        file.close();
      }
    }
  }
}

/** A part of a section, at most as large as a chunk. */
interface Piece {
  position: number;
  length: number;
}

function piecesOf({ start, end }: ExcerptSection): Piece[] {
  const pieces: Piece[] = [];
  for (let position = start; position < end; position += CHUNK_BYTES) {
    pieces.push({ position, length: Math.min(CHUNK_BYTES, end - position) });
  }
  return pieces;
}

/**
 * Yields the bytes of the pieces, and a newline if they don't end with one, as at the end of a file.
 * write(2) updates the times of a file before its data, so data that was read before a change to
 * them is of the old version.
 */
async function* readPieces(
  file: OpenedFile,
  pieces: readonly Piece[],
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, void> {
  let last = NEWLINE;
  for (let at = 0; at < pieces.length; ) {
    signal.throwIfAborted();
    // Reading many small pieces at once takes a third of the time of one after the other.
    const batch: Piece[] = [];
    let length = 0;
    for (; at < pieces.length; at += 1) {
      const piece = pieces[at] as Piece;
      if (length > 0 && length + piece.length > CHUNK_BYTES) break;
      batch.push(piece);
      length += piece.length;
    }
    const chunk = Buffer.allocUnsafe(length);
    let offset = 0;
    const reads = batch.map((piece) => {
      const read = pread(file.fd, chunk, offset, piece.length, piece.position);
      offset += piece.length;
      return read;
    });
    const bytesRead = (await Promise.all(reads)).reduce((sum, read) => sum + read.bytesRead, 0);
    file.assertUnchanged();
    assertComplete(bytesRead, length);
    last = chunk[length - 1] as number;
    yield chunk;
  }
  if (last !== NEWLINE) yield Buffer.of(NEWLINE);
}

/** An unchanged file is as long as the index says. */
function assertComplete(bytes: number, length: number): void {
  if (bytes < length) throw new Error(`Read ${bytes} instead of ${length} bytes of an unchanged file`);
}
