// Counts how often texts occur, in bounded memory.
import { sortInSlices } from '../../concurrency/sort-in-slices.js';
import { TextTable } from './text-table.js';

export interface TextLimits {
  /** The maximum number of distinct texts. */
  texts: number;
  /** Their maximum total length, in UTF-16 code units. */
  length: number;
}

/** At most about 40 MB of memory. */
export const TEXT_LIMITS: TextLimits = { texts: 200_000, length: 8 * 1024 * 1024 };

/**
 * Counts texts exactly up to its limits. Beyond them, it counts only the texts that it has, so that
 * their counts stay exact.
 */
export class TextCounts {
  readonly table = new TextTable();
  readonly #limits: TextLimits;
  /** By the indexes of the table. */
  readonly #counts: number[] = [];
  /** How many texts were added, including those that weren't counted. */
  total = 0;
  /** Whether a text wasn't counted. */
  wasTruncated = false;

  constructor(limits: TextLimits) {
    this.#limits = limits;
  }

  countAt(index: number): number {
    return this.#counts[index] as number;
  }

  /** Counts a text, or its part from `start` to before `end`. */
  add(text: string, start = 0, end = text.length): void {
    this.total += 1;
    const index = this.table.find(text, start, end);
    if (index !== -1) (this.#counts[index] as number) += 1;
    else if (!this.wasTruncated) this.#addNew(text, start, end);
  }

  /** Returns the indexes of the texts: those with the highest counts first, then in byte order. */
  order(signal: AbortSignal): Promise<number[]> {
    const compare = (one: number, other: number) =>
      this.countAt(other) - this.countAt(one) || this.table.compare(one, other);
    return sortInSlices([...this.#counts.keys()], compare, signal);
  }

  #addNew(text: string, start: number, end: number): void {
    const { texts, length } = this.#limits;
    if (this.table.size < texts && this.table.length + end - start <= length) {
      this.table.add(text, start, end);
      this.#counts.push(1);
    } else this.wasTruncated = true;
  }
}
