// Finds texts by parts of longer texts. A Map of many short texts needs a string for each part,
// which takes most of the time, and several times the memory of the texts.
import { randomInt } from 'node:crypto';

const MIN_SLOTS = 1024;
const MIN_UNITS = 16 * 1024;

/** Makes it hard to find texts with the same hash. */
const SEED = randomInt(2 ** 32) | 0;

/** A hash table with open addressing. The texts have the indexes 0, 1, 2 and so on. */
export class TextTable {
  /** The code units of all texts, one after the other. */
  #units = new Uint16Array(MIN_UNITS);
  /** Where each text ends in the units, after 0, where the first begins. */
  readonly #ends = [0];
  readonly #hashes: number[] = [];
  /** Each is 0, or 1 more than the index of a text. Their number is a power of 2. */
  #slots = new Int32Array(MIN_SLOTS);

  get size(): number {
    return this.#hashes.length;
  }

  /** The total length of the texts, in UTF-16 code units. */
  get length(): number {
    return this.#startOf(this.size);
  }

  textAt(index: number): string {
    const units = this.#units.subarray(this.#startOf(index), this.#startOf(index + 1));
    return Buffer.from(units.buffer, units.byteOffset, units.byteLength).toString('utf16le');
  }

  /** Compares two texts in byte order of UTF-8. */
  compare(index: number, other: number): number {
    const units = this.#units;
    let [at, otherAt] = [this.#startOf(index), this.#startOf(other)];
    const [end, otherEnd] = [this.#startOf(index + 1), this.#startOf(other + 1)];
    for (; at < end && otherAt < otherEnd; at += 1, otherAt += 1) {
      const [unit, otherUnit] = [units[at] as number, units[otherAt] as number];
      if (unit !== otherUnit) return rankOf(unit) - rankOf(otherUnit);
    }
    return end - at - (otherEnd - otherAt);
  }

  /** Returns the index of the text from `start` to before `end`, or -1 if the table lacks it. */
  find(text: string, start: number, end: number): number {
    const mask = this.#slots.length - 1;
    const hash = hashOf(text, start, end);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const index = (this.#slots[slot] as number) - 1;
      if (index === -1 || (this.#hashes[index] === hash && this.#isAt(index, text, start, end))) return index;
    }
  }

  /** Adds the text from `start` to before `end`, which the table lacks. */
  add(text: string, start: number, end: number): void {
    const from = this.length;
    const to = from + end - start;
    if (to > this.#units.length) this.#growUnits(to);
    for (let at = from; at < to; at += 1) this.#units[at] = text.charCodeAt(start + at - from);
    this.#ends.push(to);
    this.#hashes.push(hashOf(text, start, end));
    if (2 * this.size > this.#slots.length) this.#growSlots();
    else this.#link(this.size - 1);
  }

  #startOf(index: number): number {
    return this.#ends[index] as number;
  }

  #isAt(index: number, text: string, start: number, end: number): boolean {
    const from = this.#startOf(index);
    if (this.#startOf(index + 1) - from !== end - start) return false;
    for (let at = start; at < end; at += 1) {
      if (this.#units[from + at - start] !== text.charCodeAt(at)) return false;
    }
    return true;
  }

  /** Puts the index of a text into the first free slot for its hash. */
  #link(index: number): void {
    const mask = this.#slots.length - 1;
    let slot = (this.#hashes[index] as number) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = index + 1;
  }

  #growUnits(length: number): void {
    const units = new Uint16Array(Math.max(length, 2 * this.#units.length));
    units.set(this.#units);
    this.#units = units;
  }

  #growSlots(): void {
    this.#slots = new Int32Array(2 * this.#slots.length);
    for (let index = 0; index < this.size; index += 1) this.#link(index);
  }
}

/** Surrogates stand for characters after all others. */
const rankOf = (unit: number) => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);

/** MurmurHash3, with code units in place of 32-bit blocks. */
function hashOf(text: string, start: number, end: number): number {
  let hash = SEED;
  for (let index = start; index < end; index += 1) {
    hash ^= Math.imul(text.charCodeAt(index), 0xcc9e2d51);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
