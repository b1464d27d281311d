// Builds a quote from its lines. A quote is the text between blank lines, or in the fortune format
// between lines of `%` alone.
import type { LineRecord } from './context-entries.js';
import { truncate } from './lines.js';

export class Quote {
  readonly #line: number;
  readonly #maxLength: number;
  readonly #lines: string[] = [];
  readonly #matches: [number, number][] = [];
  #length = 0;
  #isTruncated = false;
  isMatch = false;

  /**
   * @param line the number of the first line
   * @param maxLength in UTF-16 code units
   */
  constructor(line: number, maxLength: number) {
    this.#line = line;
    this.#maxLength = maxLength;
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** @param match the line's record, if the line matches */
  add(line: string, match: LineRecord | undefined): void {
    if (match !== undefined) this.isMatch = true;
    // Text beyond the maximum length isn't kept.
    if (this.#length <= this.#maxLength) {
      this.#lines.push(line);
      for (const [start, end] of match?.matches ?? []) this.#matches.push([this.#length + start, this.#length + end]);
      // Match markers lengthen grep's output, so a line with very many matches is cut earlier.
      if (match?.isTruncated) this.#isTruncated = true;
    }
    this.#length += line.length + 1;
  }

  toRecord(file: string): LineRecord {
    const text = this.#lines.join('\n');
    return {
      file,
      line: this.#line,
      isMatch: this.isMatch,
      text: truncate(text, this.#maxLength),
      isTruncated: this.#isTruncated || this.#length - 1 > this.#maxLength,
      matches: this.#matches,
    };
  }
}
