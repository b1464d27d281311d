// Finds a phrase in a quote that is longer than what an engine returns of it: in windows of its
// lines, which overlap.
import { collect, type EntryObject, type Match, type SearchEngine, type Truncation } from '../engine.js';
import { isBlank, isPercent } from '../entries/quote-separators.js';
import { EVERY_ENTRY } from './entry-source.js';
import type { TermVerifier } from './term-verifier.js';

/** Lines of a quote, and the matches in them. */
export interface QuoteWindow {
  /** The lines, joined by `\n`, as an entry without context. */
  entry: EntryObject;
  /** Where the text of the entry begins in the quote, in UTF-16 code units. */
  start: number;
  matches: Match[];
}

/** How much text grep gets at once, in UTF-16 code units. */
const WINDOW_LENGTH = 256 * 1024;
/** A match that is longer may be missed at the end of a window. */
const OVERLAP_LENGTH = 64 * 1024;

/** Whether an engine may have truncated an entry. */
export function isLong({ text }: EntryObject, { lineLength }: SearchEngine): boolean {
  // A character of two code units is never split.
  return text.length >= lineLength - 1;
}

/** Reads long quotes for one search. */
export class LongQuotes {
  readonly #engine: SearchEngine;
  readonly #verifier: TermVerifier;
  /** Whether lines of `%` separate the quotes of a file. */
  readonly #isFortune = new Map<string, boolean>();
  /** Why lines may be incomplete. */
  truncated: Truncation | undefined;

  constructor(engine: SearchEngine, verifier: TermVerifier) {
    this.#engine = engine;
    this.#verifier = verifier;
  }

  /**
   * Yields the windows that have matches.
   *
   * @param quote has the number of the first line
   */
  async *windows({ file, line }: EntryObject, signal: AbortSignal): AsyncGenerator<QuoteWindow, void, void> {
    const isSeparator = (await this.#hasPercentLine(file, signal)) ? isPercent : isBlank;
    const query = { ...EVERY_ENTRY, dictionary: file, unit: 'line', format: 'location', offset: line - 1 } as const;
    const lines = this.#engine.all(query, signal);
    let window = new LineWindow(file, line, 0);
    try {
      for (;;) {
        const step = await lines.next();
        for (const { text } of step.done ? [] : step.value) {
          if (isSeparator(text)) return yield* window.found(await window.matches(this.#verifier, signal));
          window.add(text);
          if (window.length < window.minLength) continue;
          const matches = await window.matches(this.#verifier, signal);
          const cut = window.cutAfter(matches);
          if (cut === undefined) continue;
          yield* window.found(matches.filter(([, end]) => end <= cut.offset));
          window = cut.rest;
        }
        if (!step.done) continue;
        this.truncated ??= step.value.truncated;
        return yield* window.found(await window.matches(this.#verifier, signal));
      }
    } finally {
      await lines.return({ nrOfEntries: 0 });
    }
  }

  async #hasPercentLine(file: string, signal: AbortSignal): Promise<boolean> {
    const known = this.#isFortune.get(file);
    if (known !== undefined) return known;
    const where = { ...EVERY_ENTRY, dictionary: file, unit: 'line', format: 'text', n_before: 0, n_after: 0 } as const;
    const percent = { term: '^%$', syntax: 'regex', ignore_case: false } as const;
    const { nrOfEntries } = await collect(this.#engine.search({ ...where, ...percent, nresults: 1 }, signal));
    this.#isFortune.set(file, nrOfEntries > 0);
    return nrOfEntries > 0;
  }
}

/** Consecutive lines of a quote. */
class LineWindow {
  readonly file: string;
  readonly line: number;
  /** The offset of its text in the quote. */
  readonly start: number;
  readonly #lines: string[] = [];
  /** Matches that begin before this offset were found in the window before. */
  readonly #first: number;
  length = 0;
  /** Grows if there is no place to cut. */
  minLength = WINDOW_LENGTH;

  constructor(file: string, line: number, start: number, first = 0) {
    this.file = file;
    this.line = line;
    this.start = start;
    this.#first = first;
  }

  get text(): string {
    return this.#lines.join('\n');
  }

  add(line: string): void {
    this.#lines.push(line);
    this.length += line.length + 1;
  }

  async matches(verifier: TermVerifier, signal: AbortSignal): Promise<Match[]> {
    const [matches = []] = await verifier.verify([this.#entry], signal);
    return matches.filter(([start]) => start >= this.#first);
  }

  *found(matches: Match[]): Generator<QuoteWindow> {
    if (matches.length > 0) yield { entry: this.#entry, start: this.start, matches };
  }

  get #entry(): EntryObject {
    const { file, line, text } = this;
    return { file, line, text, before: [], after: [], matches: [] };
  }

  /**
   * Cuts at the beginning of a line that no match crosses. The rest begins one line earlier, since a
   * match may begin with the line end before it.
   */
  cutAfter(matches: readonly Match[]): { offset: number; rest: LineWindow } | undefined {
    let offset = 0;
    let lineStart = 0;
    for (let at = 1; at < this.#lines.length; at += 1) {
      const previousStart = lineStart;
      const previous = this.#lines[at - 1] as string;
      lineStart += previous.length + 1;
      offset = lineStart - 1;
      if (this.length - lineStart > OVERLAP_LENGTH && at < this.#lines.length - 1) continue;
      if (matches.some(([start, end]) => start < lineStart && end > offset)) continue;
      const rest = new LineWindow(this.file, this.line + at - 1, this.start + previousStart, previous.length);
      for (const line of this.#lines.slice(at - 1)) rest.add(line);
      return { offset, rest };
    }
    this.minLength = 2 * this.length;
    return undefined;
  }
}
