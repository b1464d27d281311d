// Keeps a number for each file of a dictionary, such as its lines, while its version stays the same.
import { LRUCache } from 'lru-cache';

/** By the path of the file. */
export type FileCounts = ReadonlyMap<string, number>;

interface CachedCounts {
  version: string;
  counts: FileCounts;
}

/** The approximate size of a cache. */
const MAX_CACHE_BYTES = 16 * 1024 * 1024;
/** The approximate overhead of a Map entry, without its key. */
const ENTRY_BYTES = 100;

export class CountCache {
  /** Keyed by the name of the dictionary. */
  readonly #cache = new LRUCache<string, CachedCounts>({
    maxSize: MAX_CACHE_BYTES,
    sizeCalculation: ({ counts }, name) =>
      [name, ...counts.keys()].reduce((sum, key) => sum + 2 * key.length + ENTRY_BYTES, 0),
  });

  /** Returns `undefined` unless the counts are cached for this version. */
  get(name: string, version: string | undefined): FileCounts | undefined {
    const cached = this.#cache.get(name);
    return cached !== undefined && cached.version === version ? cached.counts : undefined;
  }

  set(name: string, version: string, counts: FileCounts): void {
    this.#cache.set(name, { version, counts });
  }
}
