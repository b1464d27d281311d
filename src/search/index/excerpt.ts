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
  readonly isCompressed = false;
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
    for await (const { file, section } of this.#open(this.sections)) {
      for (let position = section.start; position < section.end; ) {
        if (pace.isExpired) await pace.yieldToEventLoop();
        const bytes = readSync(file.fd, scratch, 0, Math.min(scratch.length - 1, section.end - position), position);
        file.assertUnchanged();
        if (bytes === 0) break;
        position += bytes;
        const isIncomplete = position === section.end && scratch[bytes - 1] !== NEWLINE;
        if (isIncomplete) scratch[bytes] = NEWLINE;
        const length = isIncomplete ? bytes + 1 : bytes;
        if (!copy.writeAt(scratch.subarray(0, length), at)) return false;
        at += length;
      }
    }
    return true;
  }

  async *#readFiles(signal: AbortSignal, sections = this.sections): AsyncGenerator<Buffer, void, void> {
    for await (const { file, section } of this.#open(sections)) yield* readSection(file, section, signal);
  }

  /** Yields the sections with their files, each of which is open until the next one. */
  async *#open(
    sections: readonly ExcerptSection[],
  ): AsyncGenerator<{ file: OpenedFile; section: ExcerptSection }, void, void> {
    let opened: OpenedFile | undefined;
    let path: string | undefined;
    try {
      for (const section of sections) {
        if (opened === undefined || path !== section.file.path) {
          opened?.close();
          opened = undefined;
          opened = await this.#options.open(section.file);
          path = section.file.path;
        }
        yield { file: opened, section };
      }
    } finally {
      opened?.close();
    }
  }
}

/**
 * Yields the bytes of a section, and a newline if it doesn't end with one. write(2) updates the times
 * of a file before its data, so data that was read before a change to them is of the old version.
 */
async function* readSection(
  file: OpenedFile,
  { start, end }: ExcerptSection,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, void> {
  let last = NEWLINE;
  for (let position = start; position < end; ) {
    signal.throwIfAborted();
    const length = Math.min(CHUNK_BYTES, end - position);
    const { bytesRead, buffer } = await pread(file.fd, Buffer.allocUnsafe(length), 0, length, position);
    file.assertUnchanged();
    if (bytesRead === 0) break;
    last = buffer[bytesRead - 1] as number;
    yield buffer.subarray(0, bytesRead);
    position += bytesRead;
  }
  if (last !== NEWLINE) yield Buffer.from('\n');
}
