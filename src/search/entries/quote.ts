// A quote: what stands between blank lines, or between lines of `%` alone in the fortune format (strfile(1)).
import type { LineRecord } from './context-entries.js';
import { cut } from './lines.js';

/** What stands between quotes. */
export function isBlank(line: string): boolean {
  return line === '' || /^[ \t]+$/.test(line);
}

/** What stands between quotes in the fortune format. */
export function isPercent(line: string): boolean {
  return line === '%';
}

/** Its lines, as they come. */
export class Quote {
  readonly #line: number;
  readonly #longest: number;
  readonly #lines: string[] = [];
  readonly #matches: [number, number][] = [];
  #length = 0;
  #isCut = false;
  isMatch = false;

  constructor(line: number, longest: number) {
    this.#line = line;
    this.#longest = longest;
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  add(line: string, match: LineRecord | undefined): void {
    if (match !== undefined) this.isMatch = true;
    // What is beyond the longest needs not be held.
    if (this.#length <= this.#longest) {
      this.#lines.push(line);
      for (const [start, end] of match?.matches ?? []) this.#matches.push([this.#length + start, this.#length + end]);
      // A line with very many matches is cut sooner where grep marks them, and has more matches than are known.
      if (match?.isCut) this.#isCut = true;
    }
    this.#length += line.length + 1;
  }

  toRecord(file: string): LineRecord {
    const whole = this.#lines.join('\n');
    return {
      file,
      line: this.#line,
      isMatch: this.isMatch,
      text: cut(whole, this.#longest),
      isCut: this.#isCut || this.#length - 1 > this.#longest,
      matches: this.#matches,
    };
  }
}
