// Collects the lines of a concordance into batches.
import type { ConcordanceLine } from '../query.js';

/** As in `Batch`. */
const BATCH_LENGTH = 64 * 1024;

/** The names of the fields in JSON. */
const LINE_OVERHEAD = 48;

export class LineBatch {
  #lines: ConcordanceLine[] = [];
  #length = 0;

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  get isFull(): boolean {
    return this.#length >= BATCH_LENGTH;
  }

  add(line: ConcordanceLine): void {
    this.#lines.push(line);
    this.#length += LINE_OVERHEAD + line.file.length + line.left.length + line.match.length + line.right.length;
  }

  /** Removes and returns all lines. */
  flush(): ConcordanceLine[] {
    const lines = this.#lines;
    this.#lines = [];
    this.#length = 0;
    return lines;
  }
}
