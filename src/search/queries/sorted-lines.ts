// Keeps the first lines of a concordance in the order of their keys, with bounded memory.
import { sortInSlices } from '../../concurrency/sort-in-slices.js';
import { AppError } from '../../errors.js';
import { Batch } from '../entries/batch.js';
import type { ConcordanceLine } from '../query.js';
import { concordanceLength } from './concordance-length.js';

/** Bounds the memory and time of a sort. The length is in UTF-16 code units, with sort keys. */
export const MAX_SORTED_LINES = 100_000;
export const MAX_SORTED_LENGTH = 16 * 1024 * 1024;

/** Sorting only after this much has been added keeps the amortized cost low. */
const MIN_ADDED_LINES = 1_000;
const MIN_ADDED_LENGTH = 4 * 1024 * 1024;

/** A line as one string, which takes less memory than its parts. */
interface KeptLine {
  key: string;
  file: string;
  line: number;
  text: string;
  matchStart: number;
  matchEnd: number;
}

export class SortedLines {
  readonly #order: string;
  readonly #count: number;
  readonly #signal: AbortSignal;
  #lines: KeptLine[] = [];
  #length = 0;
  #sortedLines = 0;
  #sortedLength = 0;
  /** Lines with this key or higher ones can't be among the first: equal keys keep their order. */
  #keyLimit: string | undefined;

  /**
   * @param order for messages
   * @param count how many of the first lines to keep
   */
  constructor(order: string, count: number, signal: AbortSignal) {
    this.#order = order;
    this.#count = count;
    this.#signal = signal;
  }

  /** Whether a line with this key may be among the first. */
  mayInclude(key: string): boolean {
    return this.#keyLimit === undefined || key < this.#keyLimit;
  }

  /** The caller must await `sort` whenever `isFull`. */
  add(key: string, { file, line, left, match, right }: ConcordanceLine): void {
    // Both are copied, because a substring in V8 keeps the whole string alive.
    const kept = {
      // A key can have lone surrogates, which UTF-8 can't represent.
      key: Buffer.from(key, 'utf16le').toString('utf16le'),
      file,
      line,
      text: Buffer.from(left + match + right).toString(),
      matchStart: left.length,
      matchEnd: left.length + match.length,
    };
    this.#lines.push(kept);
    this.#length += lengthOf(kept);
  }

  get isFull(): boolean {
    const addedLines = this.#lines.length - this.#sortedLines;
    const isTooLong = this.#length - this.#sortedLength >= MIN_ADDED_LENGTH;
    if (this.#count > MAX_SORTED_LINES) return isTooLong || this.#lines.length > MAX_SORTED_LINES;
    return isTooLong || addedLines >= Math.max(MIN_ADDED_LINES, this.#count);
  }

  /** Drops all but the first lines. Throws the signal's reason, and `invalid_request` if these are too many. */
  async sort(): Promise<void> {
    const sorted = await sortInSlices(this.#lines, compareKeys, this.#signal);
    this.#lines = sorted.slice(0, this.#count);
    this.#length = this.#lines.reduce((sum, line) => sum + lengthOf(line), 0);
    this.#sortedLines = this.#lines.length;
    this.#sortedLength = this.#length;
    if (this.#lines.length === this.#count) this.#keyLimit = this.#lines.at(-1)?.key;
    if (this.#lines.length > MAX_SORTED_LINES || this.#length > MAX_SORTED_LENGTH) {
      throw new AppError(
        'invalid_request',
        `"order": "${this.#order}" can sort at most ${MAX_SORTED_LINES} lines with ${MAX_SORTED_LENGTH} characters in ` +
          'total. Use lower values of "nresults", "offset" and "width", or "order": "file".',
      );
    }
  }

  /** Yields the first lines in order and in batches, without the first `offset` of them. */
  async *flush(offset: number): AsyncGenerator<ConcordanceLine[], void, void> {
    await this.sort();
    const batch = new Batch(concordanceLength);
    for (const line of this.#lines.slice(offset)) {
      batch.add(toConcordanceLine(line));
      if (batch.isFull) yield batch.flush();
    }
    if (!batch.isEmpty) yield batch.flush();
  }
}

function toConcordanceLine({ file, line, text, matchStart, matchEnd }: KeptLine): ConcordanceLine {
  const [left, match, right] = [text.slice(0, matchStart), text.slice(matchStart, matchEnd), text.slice(matchEnd)];
  return { file, line, left, match, right };
}

function compareKeys({ key }: KeptLine, { key: other }: KeptLine): number {
  if (key === other) return 0;
  return key < other ? -1 : 1;
}

function lengthOf({ key, file, text }: KeptLine): number {
  return key.length + file.length + text.length;
}
