// Which of the matching entries are given, and in what order.
import { randomInt } from 'node:crypto';
import { AppError } from '../errors.js';
import { type AllQuery, type Entry, lengthOf } from './engine.js';

/** Is told of the matching entries in file order, each by its index: 0, 1, 2 and so on. */
export interface Selection {
  /** Whether the entry of this index may be given: one that may not need not be put together. */
  wants(index: number): boolean;
  /** Whether any entry from this index on may be given. */
  wantsFrom(index: number): boolean;
  /** Takes consecutive entries and returns those to give now. */
  take(first: number, entries: Entry[]): Entry[];
  /** What is to be given when all have been taken. */
  rest(): Entry[];
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

  wantsFrom(index: number): boolean {
    return index < this.#end;
  }

  take(first: number, entries: Entry[]): Entry[] {
    if (first >= this.#start && first + entries.length <= this.#end) return entries;
    return entries.slice(Math.max(0, this.#start - first), Math.max(0, this.#end - first));
  }

  rest(): Entry[] {
    return [];
  }
}

/** The most text that is held for a draw, in UTF-16 code units: one draw must not use up a worker's memory. */
export const DRAWN_LENGTH = 16 * 1024 * 1024;

/**
 * A random order: each index has a key that looks random and depends on nothing but the seed, and the entries are given in the
 * order of their keys. So a draw of ten begins with the draw of five, and the next five are page two of the same order. Only
 * those with the lowest keys so far are held, however many there are (bottom-k sampling).
 */
class Draw implements Selection {
  readonly #start: number;
  readonly #end: number;
  readonly #seed: number;
  #drawn: { key: number; entry: Entry }[] = [];
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

  wantsFrom(): boolean {
    return true;
  }

  take(first: number, entries: Entry[]): Entry[] {
    for (const [at, entry] of entries.entries()) {
      const key = keyOf(this.#seed, first + at);
      if (key >= this.#limit) continue;
      this.#drawn.push({ key, entry: detach(entry) });
      this.#length += lengthOf(entry);
      // Sorting once for as many again as are held costs little for each.
      if (this.#drawn.length >= 2 * this.#end || this.#length > DRAWN_LENGTH) this.#shrink();
    }
    return [];
  }

  rest(): Entry[] {
    this.#shrink();
    return this.#drawn.slice(this.#start).map(({ entry }) => entry);
  }

  #shrink(): void {
    this.#drawn.sort((a, b) => a.key - b.key);
    this.#drawn.splice(this.#end);
    if (this.#drawn.length === this.#end) this.#limit = this.#drawn.at(-1)?.key ?? 0;
    this.#length = this.#drawn.reduce((sum, { entry }) => sum + lengthOf(entry), 0);
    if (this.#length <= DRAWN_LENGTH) return;
    throw new AppError(
      'invalid_request',
      `"order" "random" holds what it draws in memory, at most ${DRAWN_LENGTH} characters; "nresults" and "offset" must ask for fewer entries.`,
    );
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
  return typeof entry === 'string' ? Buffer.from(entry, 'utf16le').toString('utf16le') : structuredClone(entry);
}
