// What is known of the encodings of a dictionary's files.
import type { DetectedEncoding } from './detect-encoding.js';
import type { DictionaryFile } from './dictionary-file.js';
import { encodingAdvice } from './encoding-advice.js';

/** Bounds the memory. The number of further files is still known. */
const MAX_WARNINGS = 1_000;

export class FolderEncodings {
  readonly #isFolder: boolean;
  /** Whether all files have been added. */
  isComplete = false;
  /** By path. */
  readonly #advice = new Map<string, string>();
  readonly #names = new Set<string>();
  #undeclared = 0;

  constructor(isFolder: boolean) {
    this.#isFolder = isFolder;
  }

  add({ path }: DictionaryFile, { isDecoded, name }: DetectedEncoding): void {
    if (isDecoded && name !== undefined) this.#names.add(name);
    if (isDecoded) return;
    this.#undeclared += 1;
    if (this.#advice.size < MAX_WARNINGS) this.#advice.set(path, encodingAdvice(path, name));
  }

  /** As in `Dictionary`. */
  get encoding(): string | null {
    if (!this.isComplete) return null;
    const [only = null, second] = this.#names;
    const isMixed = second !== undefined || (only !== null && this.#undeclared > 0);
    return isMixed ? 'mixed' : only;
  }

  /** As in `ListedFile`. */
  warningOf(path: string): string | undefined {
    return this.#advice.get(path);
  }

  /** As in `Dictionary`. */
  get warning(): string | undefined {
    const [first] = this.#advice;
    if (first === undefined) return undefined;
    const [path, advice] = first;
    if (!this.#isFolder) return advice;
    if (this.#undeclared === 1) return `has a file that isn't in UTF-8: ${path} ${advice}`;
    return `has ${this.#undeclared} files that aren't in UTF-8: for example, ${path} ${advice}`;
  }
}
