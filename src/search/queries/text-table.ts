// Finds texts by parts of longer texts. A Map needs a string for each part, which takes most of the
// time when there are many short ones.
import { randomInt } from 'node:crypto';

const MIN_SLOTS = 1024;

/** Makes it hard to find texts with the same hash. */
const SEED = randomInt(2 ** 32) | 0;

/** A hash table with open addressing. The texts have the indexes 0, 1, 2 and so on. */
export class TextTable {
  readonly #texts: string[] = [];
  readonly #hashes: number[] = [];
  /** Each is 0, or 1 more than the index of a text. Their number is a power of 2. */
  #slots = new Int32Array(MIN_SLOTS);

  get size(): number {
    return this.#texts.length;
  }

  textAt(index: number): string {
    return this.#texts[index] as string;
  }

  /** Returns the index of the text from `start` to before `end`, or -1 if the table lacks it. */
  find(text: string, start: number, end: number): number {
    const hash = hashOf(text, start, end);
    return (this.#slots[this.#slotOf(hash, text, start, end)] as number) - 1;
  }

  /** Adds a text that the table lacks. Returns its index. */
  add(text: string): number {
    const hash = hashOf(text, 0, text.length);
    this.#texts.push(text);
    this.#hashes.push(hash);
    if (2 * this.size > this.#slots.length) this.#grow();
    else this.#slots[this.#slotOf(hash, text, 0, text.length)] = this.size;
    return this.size - 1;
  }

  /** Returns the slot of a text, or the free slot for it. */
  #slotOf(hash: number, text: string, start: number, end: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const index = (this.#slots[slot] as number) - 1;
      if (index === -1 || (this.#hashes[index] === hash && isAt(this.#texts[index] as string, text, start, end))) {
        return slot;
      }
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    this.#slots = new Int32Array(2 * this.#slots.length);
    const mask = this.#slots.length - 1;
    for (const [index, hash] of this.#hashes.entries()) {
      let slot = hash & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = index + 1;
    }
  }
}

function isAt(part: string, text: string, start: number, end: number): boolean {
  const { length } = part;
  if (length !== end - start) return false;
  for (let index = 0; index < length; index += 1) {
    if (part.charCodeAt(index) !== text.charCodeAt(start + index)) return false;
  }
  return true;
}

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
