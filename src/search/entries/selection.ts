// Which of the matching entries are given, and in what order.
import { randomInt } from 'node:crypto';
import { AppError } from '../../errors.js';
import { type AllQuery, type Entry, lengthOf } from '../engine.js';
import { Batch } from './batch.js';

/** Is told of the matching entries in file order, each by its index: 0, 1, 2 and so on. */
export interface Selection {
  /** Whether the entry of this index may be given: one that may not need not be put together. */
  wants(index: number): boolean;
  /** Whether any entry from one index to before another may be given. */
  wantsAny(from: number, to: number): boolean;
  /** Takes consecutive entries and returns those to give now. */
  take(first: number, entries: Entry[]): Entry[];
  /** What is to be given when all have been taken, in batches. */
  rest(): Iterable<Entry[]>;
}

export function createSelection(query: Pick<AllQuery, 'nresults' | 'offset' | 'order' | 'seed'>): Selection {
  const end = query.nresults > 0 ? query.offset + query.nresults : Number.POSITIVE_INFINITY;
  return query.order === 'file' ? new Page(query.offset, end) : new Draw(query.offset, end, query.seed);
}

/** The entries from `start` to before `end`, as they come. */
class Page implements Selection {
  readonly #start: number;
  readonly #end: number;

  constructor(start: number, end: number) {
    this.#start = start;
    this.#end = end;
  }

  wants(index: number): boolean {
    return index >= this.#start && index < this.#end;
  }

  wantsAny(from: number, to: number): boolean {
    return from < this.#end && to > this.#start;
  }

  take(first: number, entries: Entry[]): Entry[] {
    if (first >= this.#start && first + entries.length <= this.#end) return entries;
    return entries.slice(Math.max(0, this.#start - first), Math.max(0, this.#end - first));
  }

  rest(): Entry[][] {
    return [];
  }
}

/** The most that is held for a draw, in UTF-16 code units and in entries: one draw must not use up a worker's memory, or its time. */
export const DRAWN_LENGTH = 16 * 1024 * 1024;
export const DRAWN_ENTRIES = 100_000;

/**
 * A random order: each index has a key that looks random and depends on nothing but the seed, and the entries are given in the
 * order of their keys. So a draw of ten begins with the draw of five, and the next five are page two of the same order. Only
 * those with the lowest keys so far are held, however many there are (bottom-k sampling).
 */
class Draw implements Selection {
  readonly #start: number;
  readonly #end: number;
  readonly #seed: number;
  /** By their keys. */
  readonly #drawn = new Map<number, Entry>();
  #length = 0;
  /** Keys from this one on are not among the lowest. */
  #limit = Number.POSITIVE_INFINITY;

  constructor(start: number, end: number, seed = randomInt(2 ** 48 - 1)) {
    this.#start = start;
    this.#end = end;
    this.#seed = seed;
  }

  wants(index: number): boolean {
    return keyOf(this.#seed, index) < this.#limit;
  }

  wantsAny(): boolean {
    return true;
  }

  take(first: number, entries: Entry[]): Entry[] {
    for (const [at, entry] of entries.entries()) {
      let key = keyOf(this.#seed, first + at);
      if (key >= this.#limit) continue;
      // Once in a blue moon.
      while (this.#drawn.has(key)) key += 1;
      this.#drawn.set(key, detach(entry));
      this.#length += lengthOf(entry);
      // Sorting once for as many again as are held costs little for each.
      if (this.#drawn.size >= 2 * Math.min(this.#end, DRAWN_ENTRIES) || this.#length > DRAWN_LENGTH) this.#shrink();
    }
    return [];
  }

  *rest(): Generator<Entry[]> {
    const batch = new Batch();
    for (const key of this.#shrink().subarray(Math.min(this.#start, this.#drawn.size))) {
      batch.add(this.#drawn.get(key) as Entry);
      if (batch.isFull) yield batch.empty();
    }
    if (!batch.isEmpty) yield batch.empty();
  }

  /** Keeps the lowest, and returns their keys in order. */
  #shrink(): Float64Array {
    // Numbers are sorted in native code: a few milliseconds for the most that there can be.
    const keys = Float64Array.from(this.#drawn.keys()).sort();
    for (const key of keys.subarray(Math.min(this.#end, keys.length))) {
      this.#length -= lengthOf(this.#drawn.get(key) as Entry);
      this.#drawn.delete(key);
    }
    if (keys.length >= this.#end) this.#limit = keys[this.#end - 1] as number;
    if (this.#length > DRAWN_LENGTH || this.#drawn.size > DRAWN_ENTRIES) {
      throw new AppError(
        'invalid_request',
        `"order" "random" holds what it draws in memory, at most ${DRAWN_ENTRIES} entries of ${DRAWN_LENGTH} characters together; ` +
          '"nresults" and "offset" must ask for fewer.',
      );
    }
    return keys.subarray(0, this.#drawn.size);
  }
}

/** A number from 0 to 2^53 - 1 for a seed and an index: both are mixed as MurmurHash3 finishes a hash. */
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

/** A copy that does not keep the text alive from which it was cut: V8's substrings do. */
function detach(entry: Entry): Entry {
  return typeof entry === 'string' ? Buffer.from(entry).toString() : structuredClone(entry);
}
