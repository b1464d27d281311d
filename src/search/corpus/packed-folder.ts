// The texts of a small folder, one after the other in one file, so that one grep searches them as
// fast as a single file. The file is in memory if possible, has no name, and never changes.
import { closeSync, constants, openSync, read } from 'node:fs';
import { promisify } from 'node:util';
import { UnlinkedFile } from '../../process/unlinked-file.js';
import { BlockFilter } from './block-filter.js';
import type { DictionaryFile } from './dictionary-file.js';
import { mapFsErrors } from './dictionary-root.js';
import { descriptorPath } from './open-beneath.js';
import type { Pace } from './pace.js';
import type { SectionedText, SectionText, TextSection } from './sectioned-text.js';
import { hasTrait, type Trait } from './text-traits.js';

/** A file of the folder in the packed text. */
export interface Section extends TextSection {
  /** The offsets of its text in the packed text, in bytes. */
  start: number;
  end: number;
}

const NEWLINE = 0x0a;
const CHUNK_BYTES = 64 * 1024;

/** Collects the texts of a folder's files, in order. */
export class Packer {
  readonly #sections: Section[] = [];
  readonly #texts: Buffer[] = [];
  readonly #maxBytes: number;
  #bytes = 0;
  #lines = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Adds a text without a byte order mark. Returns `false` if it doesn't fit. */
  add(file: DictionaryFile, text: Buffer): boolean {
    const isComplete = text.length === 0 || text.at(-1) === NEWLINE;
    const bytes = text.length + (isComplete ? 0 : 1);
    if (this.#bytes + bytes > this.#maxBytes) return false;
    const lines = countNewlines(text) + (isComplete ? 0 : 1);
    const start = this.#bytes;
    this.#sections.push({ file, start, end: start + bytes, firstLine: this.#lines + 1, lines, lineInFile: 1 });
    this.#texts.push(text);
    // Ends the last line as grep does in its output.
    if (!isComplete) this.#texts.push(Buffer.from('\n'));
    this.#bytes += bytes;
    this.#lines += lines;
    return true;
  }

  /** Returns `undefined` if there is no space for the file. Throws the signal's reason. */
  async pack(pace: Pace): Promise<PackedFolder | undefined> {
    const text = Buffer.concat(this.#texts);
    const filter = await BlockFilter.create(text, pace);
    const file = UnlinkedFile.tryCreate(text);
    // A `\r` at the end of a file is followed by the line end that was added.
    const hasCrlf = text.includes('\r\n');
    return file && new PackedFolder({ file, sections: this.#sections, bytes: text.length, hasCrlf, filter });
  }
}

function countNewlines(text: Buffer): number {
  let lines = 0;
  for (let at = text.indexOf(NEWLINE); at !== -1; at = text.indexOf(NEWLINE, at + 1)) lines += 1;
  return lines;
}

interface PackedParts {
  file: UnlinkedFile;
  sections: readonly Section[];
  /** The size of the text. */
  bytes: number;
  /** Whether a line ends in `\r\n`. */
  hasCrlf: boolean;
  filter: BlockFilter;
}

export class PackedFolder {
  readonly #parts: PackedParts;

  constructor(parts: PackedParts) {
    this.#parts = parts;
  }

  /** In the order of the files. */
  get sections(): readonly Section[] {
    return this.#parts.sections;
  }

  /** The memory it takes, if its file is in memory. */
  get memoryBytes(): number {
    return this.#parts.bytes + this.#parts.filter.bytes;
  }

  /** Opens it for one search. It stays readable after `close`. Throws `too_busy`. */
  open(): OpenPackedFolder {
    const path = descriptorPath(this.#parts.file.fd);
    return new OpenPackedFolder(
      this.#parts,
      mapFsErrors(() => openSync(path, constants.O_RDONLY)),
    );
  }

  close(): void {
    this.#parts.file.close();
  }
}

/** A packed folder during a search. */
export class OpenPackedFolder implements SectionedText {
  /** For the standard input of one program, which moves the file offset. */
  readonly fd: number;
  readonly sections: readonly Section[];
  readonly bytes: number;
  readonly hasCrlf: boolean;
  readonly needsDecoding = false;
  readonly filter: BlockFilter;

  constructor({ sections, bytes, hasCrlf, filter }: PackedParts, fd: number) {
    this.sections = sections;
    this.bytes = bytes;
    this.hasCrlf = hasCrlf;
    this.fd = fd;
    this.filter = filter;
  }

  /** Yields the whole text. Throws the signal's reason. */
  read(signal: AbortSignal): AsyncGenerator<Buffer, void, void> {
    return this.#read(0, this.bytes, signal);
  }

  /** Returns the text of the file with this index. */
  textOf(index: number): SectionText {
    const { start, end, file } = this.sections[index] as Section;
    const read = (signal: AbortSignal) => this.#read(start, end, signal);
    return {
      path: file.path,
      version: file.version,
      changedMs: file.changedMs,
      read,
      has: (trait: Trait, signal: AbortSignal) => hasTrait(read(signal), trait),
      hasChanged: () => false,
      close: () => {},
    };
  }

  async *#read(start: number, end: number, signal: AbortSignal): AsyncGenerator<Buffer, void, void> {
    for (let position = start; position < end; ) {
      signal.throwIfAborted();
      const length = Math.min(CHUNK_BYTES, end - position);
      const { bytesRead, buffer } = await promisify(read)(this.fd, Buffer.allocUnsafe(length), 0, length, position);
      yield buffer.subarray(0, bytesRead);
      position += bytesRead;
    }
  }

  close(): void {
    closeSync(this.fd);
  }
}
