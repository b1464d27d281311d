// Counts the words of a dictionary's files, once for each version of the dictionary.
import { CountCache, type FileCounts } from '../count-cache.js';
import type { SearchTask } from './search-task.js';

export class WordCounts {
  readonly #cache = new CountCache();

  /** Returns the counts by path, or `undefined` unless they are cached for this version. */
  get(name: string, version: string | undefined): FileCounts | undefined {
    return this.#cache.get(name, version);
  }

  /** Counts the words of each file, by path, and caches the result. */
  async count(name: string, dictionary: SearchTask['dictionary'], signal: AbortSignal): Promise<FileCounts> {
    const words = new Map<string, number>();
    for (const file of dictionary.files) {
      signal.throwIfAborted();
      const text = dictionary.only ?? (await dictionary.openText(file));
      try {
        words.set(file.path, await text.countWords(signal));
      } finally {
        if (text !== dictionary.only) text.close();
      }
    }
    const { version } = await dictionary.summaryEnd();
    if (version !== undefined) this.#cache.set(name, version, words);
    return words;
  }
}
