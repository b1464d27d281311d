// Counts the lines of a dictionary's files, once for each version of the dictionary.
import { LRUCache } from 'lru-cache';
import { EVERY_LINE } from '../../grep/run-grep.js';
import type { OpenDictionary } from './open-dictionary.js';
import type { PortionGrep } from './portion-grep.js';

interface CachedCounts {
  version: string;
  lines: ReadonlyMap<string, number>;
}

/** The approximate size of the cache. */
const MAX_CACHE_BYTES = 16 * 1024 * 1024;
/** The approximate overhead of a Map entry, without its key. */
const ENTRY_BYTES = 100;

export class LineCounts {
  readonly #portionGrep: PortionGrep;
  /** Keyed by the name of the dictionary. */
  readonly #cache = new LRUCache<string, CachedCounts>({
    maxSize: MAX_CACHE_BYTES,
    sizeCalculation: ({ lines }, name) =>
      [name, ...lines.keys()].reduce((sum, key) => sum + 2 * key.length + ENTRY_BYTES, 0),
  });

  constructor(portionGrep: PortionGrep) {
    this.#portionGrep = portionGrep;
  }

  /** Returns the counts by path, or `undefined` unless they are cached for this version. */
  get(name: string, version: string | undefined): ReadonlyMap<string, number> | undefined {
    const cached = this.#cache.get(name);
    return cached !== undefined && cached.version === version ? cached.lines : undefined;
  }

  /** Counts the lines of each file, by path, and caches the result. */
  async count(name: string, dictionary: OpenDictionary, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    const lines = new Map<string, number>();
    const task = { pattern: EVERY_LINE, dictionary, signal };
    for await (const portion of dictionary.portions(false, signal)) {
      const counts = await this.#portionGrep.lineCounts(task, portion);
      for (const [file, count] of counts) lines.set(file, count);
    }
    const { version } = await dictionary.summaryEnd();
    if (version !== undefined) this.#cache.set(name, { version, lines });
    return lines;
  }
}
