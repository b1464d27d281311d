// Inserts lines in batches, while the next ones are read.
import { encodeQuote } from '../storage/quote-column.js';
import { RowWriter } from '../storage/row-writer.js';
import type { ClusterWriter } from './cluster-writer.js';

const BATCH_BYTES = 16 * 1024 * 1024;
const MAX_CONCURRENT_INSERTS = 2;

export class LineInserter {
  readonly #writer: ClusterWriter;
  readonly #generation: number;
  readonly #rows: RowWriter;
  readonly #pending = new Set<Promise<void>>();
  /** The first line of the batch. */
  #firstLine = 0;

  constructor(writer: ClusterWriter, generation: number) {
    this.#writer = writer;
    this.#generation = generation;
    this.#rows = new RowWriter(generation);
  }

  get isFull(): boolean {
    return this.#rows.bytes >= BATCH_BYTES;
  }

  /** @param quote as in `encodeQuote` */
  add(line: number, { text, quote, isInQuote }: { text: Buffer; quote: number; isInQuote: boolean }): void {
    if (this.#rows.rows === 0) this.#firstLine = line;
    this.#rows.add(line, encodeQuote(quote, isInQuote), text);
  }

  /** Starts inserting the batch. Waits if there are too many inserts in progress. */
  async flush(): Promise<void> {
    if (this.#rows.rows === 0) return;
    const insert = this.#writer.insertLines(this.#rows.take(), `${this.#generation}:${this.#firstLine}`);
    const remove = () => this.#pending.delete(insert);
    this.#pending.add(insert);
    // A failed insert stays pending, so that a later flush or the end rejects.
    insert.then(remove, () => {});
    if (this.#pending.size >= MAX_CONCURRENT_INSERTS) await Promise.race(this.#pending);
  }

  /** Waits until all inserts have ended, even if some fail. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#pending);
  }

  /** Inserts the last batch. Rejects if any insert has failed, once all have ended. */
  async end(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.settle();
    }
    await Promise.all(this.#pending);
  }
}
