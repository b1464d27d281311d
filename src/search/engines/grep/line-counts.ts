// Counts the lines of a dictionary's files, once for each version of the dictionary.
import { EVERY_LINE } from '../../grep/run-grep.js';
import { CountCache, type FileCounts } from '../count-cache.js';
import type { OpenDictionary } from './open-dictionary.js';
import type { PortionGrep } from './portion-grep.js';

export class LineCounts {
  readonly #portionGrep: PortionGrep;
  readonly #cache = new CountCache();

  constructor(portionGrep: PortionGrep) {
    this.#portionGrep = portionGrep;
  }

  /** Returns the counts by path, or `undefined` unless they are cached for this version. */
  get(name: string, version: string | undefined): FileCounts | undefined {
    return this.#cache.get(name, version);
  }

  /** Counts the lines of each file, by path, and caches the result. */
  async count(name: string, dictionary: OpenDictionary, signal: AbortSignal): Promise<FileCounts> {
    const lines = new Map<string, number>();
    const task = { pattern: EVERY_LINE, dictionary, signal };
    for await (const portion of dictionary.portions(false, signal)) {
      const counts = await this.#portionGrep.lineCounts(task, portion);
      for (const [file, count] of counts) lines.set(file, count);
    }
    const { version } = await dictionary.summaryEnd();
    if (version !== undefined) this.#cache.set(name, version, lines);
    return lines;
  }
}
