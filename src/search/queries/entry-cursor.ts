// Reads an answer entry by entry, so that several answers can be joined.
import { compareBytes } from '../corpus/dictionary-root.js';
import type { Answer, EntryObject, Summary } from '../engine.js';

/** Where an entry is. Entries of one unit are equal if their positions are. */
export type Position = Pick<EntryObject, 'file' | 'line'>;

export class EntryCursor {
  readonly #answer: Answer<EntryObject>;
  #batch: EntryObject[] = [];
  #index = 0;
  /** Set once all entries have been read. */
  summary: Summary | undefined;

  /** @param answer its entries must be in file order */
  constructor(answer: Answer<EntryObject>) {
    this.#answer = answer;
  }

  /** The next entry, or `undefined` after the last. */
  get current(): EntryObject | undefined {
    return this.#batch[this.#index];
  }

  /** Whether the next entry has been read, or there is none. */
  get isReady(): boolean {
    return this.#index < this.#batch.length || this.summary !== undefined;
  }

  /** Reads the next entry. Needed only while it isn't ready. */
  async read(): Promise<void> {
    while (!this.isReady) {
      const step = await this.#answer.next();
      if (step.done) this.summary = step.value;
      else {
        this.#batch = step.value;
        this.#index = 0;
      }
    }
  }

  /** Skips the current entry. */
  advance(): void {
    this.#index += 1;
  }

  /** Skips all entries, so that the summary is known. */
  async drain(): Promise<void> {
    this.#batch = [];
    while (this.summary === undefined) {
      await this.read();
      this.#batch = [];
    }
  }

  async close(): Promise<void> {
    await this.#answer.return({ nrOfEntries: 0 });
  }
}

/** Compares positions in file order: files are in byte order of their paths. */
export function comparePositions(one: Position, other: Position): number {
  return one.file === other.file ? one.line - other.line : compareBytes(one.file, other.file);
}
