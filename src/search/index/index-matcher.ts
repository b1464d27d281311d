// Compares indexes with the files that their dictionaries have now.
import type { Dictionaries } from '../corpus/dictionaries.js';
import type { DictionaryFile } from '../corpus/dictionary-file.js';
import type { FolderSnapshot } from '../corpus/folder-snapshot.js';
import { Pace } from '../corpus/pace.js';
import type { IndexFile } from './index-file.js';
import { indexableFiles, isRecent } from './indexable-files.js';
import { IndexedFiles } from './indexed-files.js';
import { isEncoded } from './is-encoded.js';

/** A file, or a folder as it was found. */
export type Found = DictionaryFile | FolderSnapshot;

export interface IndexNeed {
  indexable: DictionaryFile[];
  hasRecentChanges: boolean;
}

export class IndexMatcher {
  readonly #dictionaries: Dictionaries;
  /** Kept for as long as the folder is known. */
  readonly #folders = new WeakMap<FolderSnapshot, IndexedFiles>();

  constructor(dictionaries: Dictionaries) {
    this.#dictionaries = dictionaries;
  }

  /** Returns what an index has of a file or a folder. Throws the signal's reason. */
  async match(index: IndexFile, found: Found, signal: AbortSignal): Promise<IndexedFiles> {
    if (!('files' in found)) return IndexedFiles.ofFile(index, found);
    const known = this.#folders.get(found);
    if (known?.index === index) return known;
    const indexed = await IndexedFiles.ofFolder(index, found, new Pace(signal));
    this.#folders.set(found, indexed);
    return indexed;
  }

  /**
   * Returns which files of a dictionary its index lacks and can have now, and whether others have
   * changed too recently. Throws AppErrors of the dictionary, and the signal's reason.
   */
  async need(index: IndexFile | undefined, name: string, signal: AbortSignal): Promise<IndexNeed> {
    const missing = await this.missingFiles(index, name, signal);
    const indexable = indexableFiles(missing, this.#dictionaries.root.path);
    return { indexable, hasRecentChanges: missing.some(isRecent) };
  }

  /**
   * Returns the files of a dictionary whose current version the index lacks, without encoded ones,
   * which are never indexed. Throws AppErrors of the dictionary, and the signal's reason.
   */
  async missingFiles(index: IndexFile | undefined, name: string, signal: AbortSignal): Promise<DictionaryFile[]> {
    const { files, snapshot } = await this.#dictionaries.find(name, signal);
    const [only] = files;
    if (index === undefined || only === undefined) return this.#withoutEncoded(files, signal);
    const indexed = await this.match(index, snapshot ?? only, signal);
    return indexed.isComplete ? [] : this.#withoutEncoded(indexed.missing, signal);
  }

  async #withoutEncoded(files: readonly DictionaryFile[], signal: AbortSignal): Promise<DictionaryFile[]> {
    const pace = new Pace(signal);
    const texts: DictionaryFile[] = [];
    for (const file of files) {
      if (pace.isExpired) await pace.yieldToEventLoop();
      if (!isEncoded(file, this.#dictionaries.root.path)) texts.push(file);
    }
    return texts;
  }
}
