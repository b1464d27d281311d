// The size of the batches of one group of searches.

const MAX_SIZE = 256;
/** The batches in a row that must answer all their searches before larger ones are tried. */
const SUCCESSES_TO_GROW = 16;

/**
 * Halves if the terms of a batch are about equally common, and only their number is too large.
 * Doubles again once enough batches have answered all their searches.
 */
export class BatchSize {
  #max = MAX_SIZE;
  #successes = 0;

  get max(): number {
    return this.#max;
  }

  /** A batch of this size had too many common terms. */
  shrinkBelow(size: number): void {
    this.#set(Math.ceil(size / 2));
  }

  /** A term was too common even alone, so smaller batches don't help. */
  reset(): void {
    this.#set(MAX_SIZE);
  }

  /** A batch of this size answered all its searches. */
  succeedWith(size: number): void {
    if (size < this.#max) return;
    this.#successes += 1;
    if (this.#successes === SUCCESSES_TO_GROW) this.#set(Math.min(2 * this.#max, MAX_SIZE));
  }

  #set(max: number): void {
    this.#max = max;
    this.#successes = 0;
  }
}
