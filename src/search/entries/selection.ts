// Selects the matching entries to return: a page in file order, or a random sample.
import { randomInt } from 'node:crypto';
import { AppError } from '../../errors.js';
import { type AllQuery, type Entry, entryLength } from '../engine.js';
import { Batch } from './batch.js';

/** Takes the matching entries in file order, each with its index: 0, 1, 2 and so on. */
export interface Selection {
  /** Whether the entry with this index may be selected. The caller need not build the others. */
  mayInclude(index: number): boolean;
  /** Whether any entry with an index from `from` to before `to` may be selected. */
  mayIncludeAny(from: number, to: number): boolean;
  /** Takes consecutive entries, and returns those to yield now. */
  take(first: number, entries: Entry[]): Entry[];
  /** Yields the selected entries that were held back until all had been taken, in batches. */
  flush(): Iterable<Entry[]>;
}

/** Creates the page, or the random sample, that a query asks for. */
export function createSelection(query: Pick<AllQuery, 'nresults' | 'offset' | 'order' | 'seed'>): Selection {
  const end = query.nresults > 0 ? query.offset + query.nresults : Number.POSITIVE_INFINITY;
  return query.order === 'file' ? new Page(query.offset, end) : new Sample(query.offset, end, query.seed);
}

/** Selects the entries from `start` to before `end` in file order. */
class Page implements Selection {
  readonly #start: number;
  readonly #end: number;

  constructor(start: number, end: number) {
    this.#start = start;
    this.#end = end;
  }

  mayInclude(index: number): boolean {
    return index >= this.#start && index < this.#end;
  }

  mayIncludeAny(from: number, to: number): boolean {
    return from < this.#end && to > this.#start;
  }

  take(first: number, entries: Entry[]): Entry[] {
    if (first >= this.#start && first + entries.length <= this.#end) return entries;
    return entries.slice(Math.max(0, this.#start - first), Math.max(0, this.#end - first));
  }

  flush(): Entry[][] {
    return [];
  }
}

/** Bounds the memory and time of a sample. The length is in UTF-16 code units. */
export const MAX_SAMPLE_LENGTH = 16 * 1024 * 1024;
export const MAX_SAMPLE_ENTRIES = 100_000;

/**
 * Selects entries in random order by bottom-k sampling: each index has a key that depends only on
 * the seed, and entries are returned in the order of their keys. So a sample of ten begins with the
 * sample of five, and pages are consecutive. Only the entries with the lowest keys so far are kept.
 */
class Sample implements Selection {
  readonly #start: number;
  readonly #end: number;
  readonly #seed: number;
  readonly #entriesByKey = new Map<number, Entry>();
  #length = 0;
  /** This key and higher ones can't be selected. */
  #keyLimit = Number.POSITIVE_INFINITY;

  constructor(start: number, end: number, seed = randomInt(2 ** 48 - 1)) {
    this.#start = start;
    this.#end = end;
    this.#seed = seed;
  }

  mayInclude(index: number): boolean {
    return keyOf(this.#seed, index) < this.#keyLimit;
  }

  mayIncludeAny(): boolean {
    return true;
  }

  take(first: number, entries: Entry[]): Entry[] {
    for (const [position, entry] of entries.entries()) {
      let key = keyOf(this.#seed, first + position);
      if (key >= this.#keyLimit) continue;
      // Resolve the rare collision of keys.
      while (this.#entriesByKey.has(key)) key += 1;
      this.#entriesByKey.set(key, detach(entry));
      this.#length += entryLength(entry);
      // Shrinking only when the size has doubled keeps the amortized cost of sorting low.
      const maxEntries = 2 * Math.min(this.#end, MAX_SAMPLE_ENTRIES);
      if (this.#entriesByKey.size >= maxEntries || this.#length > MAX_SAMPLE_LENGTH) this.#shrink();
    }
    return [];
  }

  *flush(): Generator<Entry[]> {
    const batch = Batch.ofEntries();
    for (const key of this.#shrink().subarray(Math.min(this.#start, this.#entriesByKey.size))) {
      batch.add(this.#entriesByKey.get(key) as Entry);
      if (batch.isFull) yield batch.flush();
    }
    if (!batch.isEmpty) yield batch.flush();
  }

  /** Drops all but the entries with the lowest keys, and returns these keys in order. */
  #shrink(): Float64Array {
    // V8 sorts numbers in native code, which takes a few milliseconds for a full sample.
    const keys = Float64Array.from(this.#entriesByKey.keys()).sort();
    for (const key of keys.subarray(Math.min(this.#end, keys.length))) {
      this.#length -= entryLength(this.#entriesByKey.get(key) as Entry);
      this.#entriesByKey.delete(key);
    }
    if (keys.length >= this.#end) this.#keyLimit = keys[this.#end - 1] as number;
    if (this.#length > MAX_SAMPLE_LENGTH || this.#entriesByKey.size > MAX_SAMPLE_ENTRIES) {
      throw new AppError(
        'invalid_request',
        `"order": "random" can draw at most ${MAX_SAMPLE_ENTRIES} entries with ${MAX_SAMPLE_LENGTH} characters in ` +
          'total. Use lower values of "nresults" and "offset".',
      );
    }
    return keys.subarray(0, this.#entriesByKey.size);
  }
}

/** Hashes a seed and an index to a number from 0 to 2^53 - 1 with MurmurHash3's finalizer. */
function keyOf(seed: number, index: number): number {
  let high = mix(low32(seed) ^ 0x9e3779b9);
  high = mix(high ^ high32(seed));
  high = mix(high ^ low32(index));
  high = mix(high ^ high32(index));
  const low = mix(high ^ 0x85ebca6b ^ low32(index));
  return (high >>> 0) * 2 ** 21 + (low >>> 11);
}

function mix(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

const low32 = (value: number) => (value % 2 ** 32) | 0;
const high32 = (value: number) => Math.floor(value / 2 ** 32) | 0;

/** Copies an entry, because a substring in V8 keeps the whole string alive. */
function detach(entry: Entry): Entry {
  return typeof entry === 'string' ? Buffer.from(entry).toString() : structuredClone(entry);
}
