// The files of a dictionary that an index has in their current version.
import { type DictionaryFile, identityOfVersion } from '../corpus/dictionary-file.js';
import type { FolderSnapshot } from '../corpus/folder-snapshot.js';
import type { Pace } from '../corpus/pace.js';
import type { Trait } from '../corpus/text-traits.js';
import type { IndexFile } from './index-file.js';
import { HAS_CRLF, IS_FORTUNE } from './index-tables.js';
import { FileBlocks } from './ranges.js';

const NONE = -1;

/** A file, with what the index knows of it. */
export interface IndexedFile {
  file: DictionaryFile;
  /** `undefined` if the index doesn't have this version of the file. */
  blocks: FileBlocks | undefined;
  traits: Readonly<Record<Trait, boolean>>;
  indent: number;
}

export class IndexedFiles {
  readonly index: IndexFile;
  readonly files: readonly DictionaryFile[];
  /** The number of each file in the index, or `NONE`. */
  readonly #numbers: Int32Array;
  /** How many files the index has. */
  readonly count: number;

  private constructor(index: IndexFile, files: readonly DictionaryFile[], numbers: Int32Array) {
    this.index = index;
    this.files = files;
    this.#numbers = numbers;
    this.count = numbers.reduce((count, number) => count + (number === NONE ? 0 : 1), 0);
  }

  static ofFile(index: IndexFile, file: DictionaryFile): IndexedFiles {
    const number = index.find(file.path, identityOfVersion(file.version)) ?? NONE;
    return new IndexedFiles(index, [file], Int32Array.of(number));
  }

  /** Throws the signal's reason. */
  static async ofFolder(index: IndexFile, snapshot: FolderSnapshot, pace: Pace): Promise<IndexedFiles> {
    const numbers = new Int32Array(snapshot.files.length);
    for (const [at, { path }] of snapshot.files.entries()) {
      if (pace.isExpired) await pace.yieldToEventLoop();
      numbers[at] = index.find(path, snapshot.identityOf(at)) ?? NONE;
    }
    return new IndexedFiles(index, snapshot.files, numbers);
  }

  /** Returns what the index has of some of the files, which must be in the same order. */
  partFor(files: readonly DictionaryFile[]): IndexedFiles {
    if (files.length === this.files.length) return this;
    const numbers = new Int32Array(files.length);
    let next = 0;
    for (const [at, file] of this.files.entries()) {
      if (file !== files[next]) continue;
      numbers[next] = this.#numbers[at] as number;
      next += 1;
    }
    return new IndexedFiles(this.index, files, numbers);
  }

  get isComplete(): boolean {
    return this.count === this.files.length;
  }

  /** Returns the files that the index doesn't have in their current version. */
  get missing(): DictionaryFile[] {
    return this.files.filter((_, at) => this.#numbers[at] === NONE);
  }

  at(index: number): IndexedFile {
    const file = this.files[index] as DictionaryFile;
    const number = this.#numbers[index] as number;
    const { tables } = this.index;
    const traits = number === NONE ? 0 : (tables.traits[number] as number);
    return {
      file,
      blocks: number === NONE ? undefined : new FileBlocks(tables, number),
      traits: { crlf: (traits & HAS_CRLF) !== 0, fortune: (traits & IS_FORTUNE) !== 0 },
      indent: number === NONE ? 0 : (tables.indents[number] as number),
    };
  }
}
