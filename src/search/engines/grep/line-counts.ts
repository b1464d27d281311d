// Counts the lines of a dictionary's files, once for each version of the dictionary.
import { EVERY_LINE } from '../../grep/run-grep.js';
import { CountCache, type FileCounts } from '../count-cache.js';
import type { IndexedPortions } from './indexed-portions.js';
import { OpenDictionary } from './open-dictionary.js';
import type { PortionGrep } from './portion-grep.js';
import type { SearchTask } from './search-task.js';

export class LineCounts {
  readonly #portionGrep: PortionGrep;
  /** Knows the counts without reading the text. */
  readonly #indexed: IndexedPortions | undefined;
  readonly #cache = new CountCache();

  constructor(portionGrep: PortionGrep, indexed: IndexedPortions | undefined) {
    this.#portionGrep = portionGrep;
    this.#indexed = indexed;
  }

  /** Returns the counts by path, or `undefined` unless they are cached for this version. */
  get(name: string, version: string | undefined): FileCounts | undefined {
    return this.#cache.get(name, version);
  }

  /** Counts the lines of each file, by path, and caches the result. */
  async count(name: string, dictionary: SearchTask['dictionary'], signal: AbortSignal): Promise<FileCounts> {
    const lines = new Map<string, number>();
    for await (const member of dictionary instanceof OpenDictionary ? [dictionary] : dictionary.members()) {
      const known = await this.#indexed?.lineCounts(member, signal);
      // An index keeps them, too.
      if (known !== undefined && member === dictionary) return known;
      for (const [file, count] of known ?? (await this.#countOne(member, signal))) lines.set(file, count);
    }
    const { version } = await dictionary.summaryEnd();
    if (version !== undefined) this.#cache.set(name, version, lines);
    return lines;
  }

  async #countOne(dictionary: OpenDictionary, signal: AbortSignal): Promise<FileCounts> {
    const lines = new Map<string, number>();
    const task = { pattern: EVERY_LINE, dictionary, signal };
    for await (const portion of dictionary.portions(false, signal)) {
      const counts = await this.#portionGrep.lineCounts(task, portion);
      for (const [file, count] of counts) lines.set(file, count);
    }
    return lines;
  }
}
