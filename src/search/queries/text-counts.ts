// Counts how often texts occur, in bounded memory.
import { compareBytes } from '../corpus/dictionary-root.js';
import { TextTable } from './text-table.js';

export interface TextLimits {
  /** The maximum number of different texts. */
  texts: number;
  /** Their maximum total length, in UTF-16 code units. */
  length: number;
}

/** At most about 50 MB of memory. */
export const TEXT_LIMITS: TextLimits = { texts: 200_000, length: 16 * 1024 * 1024 };

export interface TextCount {
  readonly text: string;
  readonly count: number;
}

/**
 * Counts texts exactly up to its limits. Beyond them, it counts only the texts that it has, so that
 * their counts stay exact.
 */
export class TextCounts {
  readonly #limits: TextLimits;
  readonly #table = new TextTable();
  /** By the indexes of the table. */
  readonly #counts: number[] = [];
  #length = 0;
  /** How many texts were added, including those that weren't counted. */
  total = 0;
  /** Whether a text wasn't counted. */
  wasTruncated = false;

  constructor(limits: TextLimits) {
    this.#limits = limits;
  }

  /** The number of different texts. */
  get size(): number {
    return this.#table.size;
  }

  /** Counts a text, or its part from `start` to before `end`. */
  add(text: string, start = 0, end = text.length): void {
    this.total += 1;
    const index = this.#table.find(text, start, end);
    if (index !== -1) (this.#counts[index] as number) += 1;
    else if (!this.wasTruncated) this.#addNew(text.slice(start, end));
  }

  /** Returns the counts in the order in which their texts first occurred. */
  list(): TextCount[] {
    return this.#counts.map((count, index) => ({ text: this.#table.textAt(index), count }));
  }

  #addNew(text: string): void {
    const length = this.#length + text.length;
    if (this.size === this.#limits.texts || length > this.#limits.length) {
      this.wasTruncated = true;
      return;
    }
    this.#length = length;
    this.#table.add(detach(text));
    this.#counts.push(1);
  }
}

/** Orders counts: the highest first, then texts in byte order. */
export function compareCounts(one: TextCount, other: TextCount): number {
  return other.count - one.count || compareBytes(one.text, other.text);
}

/** Copies a text, because a substring in V8 keeps the whole string alive. */
function detach(text: string): string {
  return Buffer.from(text).toString();
}
