// Collects entries, or other results, into batches.
import { type Entry, entryLength } from '../engine.js';

/** Small enough that handling a batch doesn't block the event loop for long. */
const BATCH_LENGTH = 64 * 1024;

/** Added to each entry's length, so that a batch of empty entries is bounded, too. */
const ENTRY_OVERHEAD = 8;

export class Batch<Some = Entry> {
  readonly #lengthOf: (entry: Some) => number;
  #entries: Some[] = [];
  #length = 0;

  /** @param lengthOf returns the approximate length of an entry, in UTF-16 code units */
  constructor(lengthOf: (entry: Some) => number) {
    this.#lengthOf = lengthOf;
  }

  /** Batches of entries of a search. */
  static ofEntries<Some extends Entry = Entry>(): Batch<Some> {
    return new Batch<Some>(entryLength);
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  get isFull(): boolean {
    return this.#length >= BATCH_LENGTH;
  }

  add(entry: Some): void {
    this.#entries.push(entry);
    this.#length += this.#lengthOf(entry) + ENTRY_OVERHEAD;
  }

  /** Removes and returns all entries. */
  flush(): Some[] {
    const entries = this.#entries;
    this.#entries = [];
    this.#length = 0;
    return entries;
  }
}
