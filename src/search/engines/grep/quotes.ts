// The quotes of a text: what stands between blank lines, or between lines of `%` alone in the fortune format.

import type { LineRecord } from '../../entries/context-entries.js';
import { bytesToShow, Lines } from '../../entries/lines.js';
import { isBlank, isPercent, Quote } from '../../entries/quote.js';
import { GROUP_END, type GroupedRecord } from '../../grep/grep-output.js';

/** The lines that match, in their order, one after the other. */
export class MatchingLines {
  readonly #lines: AsyncGenerator<LineRecord, void, void>;
  #next: LineRecord | undefined;
  /** The file that is being read. */
  file = '';

  constructor(lines: AsyncIterable<Iterable<GroupedRecord>>) {
    this.#lines = flat(lines);
  }

  /** The next one of the file, until it has been passed. */
  get current(): LineRecord | undefined {
    return this.#next?.file === this.file ? this.#next : undefined;
  }

  async pass(): Promise<void> {
    const step = await this.#lines.next();
    this.#next = step.done ? undefined : step.value;
  }

  async close(): Promise<void> {
    await this.#lines.return();
  }
}

export function noMatchingLines(): MatchingLines {
  return new MatchingLines((async function* () {})());
}

async function* flat(pieces: AsyncIterable<Iterable<GroupedRecord>>): AsyncGenerator<LineRecord, void, void> {
  for await (const items of pieces) {
    for (const item of items) if (item !== GROUP_END) yield item;
  }
}

export interface QuoteOptions {
  file: string;
  /** Whether the file is in the fortune format: strfile(1). Otherwise blank lines stand between quotes. */
  isFortune: boolean;
  /** The longest quote, in UTF-16 code units. */
  longest: number;
  /** Whether only those that match are of interest. */
  onlyMatches: boolean;
}

/**
 * The quotes of a text. One with a matching line in it is a match; what matches between quotes is none. Those who need no more
 * of them stop reading.
 */
export async function* readQuotes(
  text: AsyncIterable<Buffer>,
  matching: MatchingLines,
  { file, isFortune, longest, onlyMatches }: QuoteOptions,
): AsyncGenerator<LineRecord, void, void> {
  const isBetween = isFortune ? isPercent : isBlank;
  const reader = new Lines(bytesToShow(longest), 'lf or crlf');
  let quote = new Quote(0, longest);
  let number = 0;

  for await (const lines of linesOf(text, reader)) {
    for (const line of lines) {
      number += 1;
      const { current } = matching;
      const match = current?.line === number ? current : undefined;
      if (!isBetween(line)) {
        if (quote.isEmpty) quote = new Quote(number, longest);
        quote.add(line, match);
      } else if (!quote.isEmpty) {
        if (quote.isMatch || !onlyMatches) yield quote.toRecord(file);
        quote = new Quote(0, longest);
      }
      if (match !== undefined) await matching.pass();
    }
  }
  if (!quote.isEmpty && (quote.isMatch || !onlyMatches)) yield quote.toRecord(file);
}

async function* linesOf(text: AsyncIterable<Buffer>, reader: Lines): AsyncGenerator<string[], void, void> {
  for await (const piece of text) yield reader.read(piece);
  yield reader.end();
}
