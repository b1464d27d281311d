// Entries that are given together.
import { type Entry, lengthOf } from '../engine.js';

/** How much text is given at once: little enough that whoever handles it soon lets others have their turn. */
const BATCH_LENGTH = 64 * 1024;

export class Batch {
  #entries: Entry[] = [];
  #length = 0;

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  get isFull(): boolean {
    return this.#length >= BATCH_LENGTH;
  }

  add(entry: Entry): void {
    this.#entries.push(entry);
    // Many that are empty are much, too.
    this.#length += lengthOf(entry) + 8;
  }

  empty(): Entry[] {
    const entries = this.#entries;
    this.#entries = [];
    this.#length = 0;
    return entries;
  }
}
