// Reads lines or quotes of a dictionary by their numbers.

import type { AllQuery, EntryObject } from '../../../engine.js';
import type { LineRecord } from '../../../entries/context-entries.js';
import { bytesToShow } from '../../../entries/lines.js';
import { Quote } from '../../../entries/quote.js';
import { type LoadedFile, type LoadedText, linesOf, quotesOf } from '../storage/manifest.js';
import type { Row } from '../storage/row-reader.js';
import type { LineReader } from './line-reader.js';

export interface RecordReaderOptions {
  unit: AllQuery['unit'];
  text: LoadedText;
  reader: LineReader;
  /** The longest line or quote that is given, in UTF-16 code units. */
  lineLength: number;
  signal: AbortSignal;
  /** How many bytes more of a text are of interest: what matches may end behind what is shown. */
  bytesBeyond?: number;
}

/** What in a line matches; nothing where it is no match. The number is that of the line or of its quote. */
export type MatchesOf = (line: number, number: number, text: string) => EntryObject['matches'] | undefined;

export class RecordReader {
  readonly #options: RecordReaderOptions;
  readonly #isQuote: boolean;

  constructor(options: RecordReaderOptions) {
    this.#options = options;
    this.#isQuote = options.unit === 'quote';
  }

  /** Those in these ranges, in their order, each with its number. */
  async *read(
    ranges: readonly [from: number, to: number][],
    matchesOf: MatchesOf = () => undefined,
  ): AsyncGenerator<[number: number, item: LineRecord][], void, void> {
    const { text, reader, signal, lineLength, bytesBeyond = 0 } = this.#options;
    const maxBytes = bytesToShow(lineLength) + bytesBeyond;
    const where = [
      this.#isQuote
        ? inRanges(
            'quote',
            ranges.map(([from, to]) => [2 * from, 2 * to]),
          )
        : inRanges('line', ranges),
    ];
    const rows = reader.lines({ generation: text.generation, where, maxBytes }, signal);
    yield* this.#isQuote ? this.#quotes(rows, matchesOf) : this.#lines(rows, matchesOf);
  }

  async *#lines(
    batches: AsyncIterable<Row[]>,
    matchesOf: MatchesOf,
  ): AsyncGenerator<[number, LineRecord][], void, void> {
    for await (const rows of batches) {
      yield rows.map((row) => {
        const item = this.#itemOf(row);
        return [row.line, { ...item, matches: matchesOf(row.line, row.line, item.text) ?? [] }];
      });
    }
  }

  async *#quotes(
    batches: AsyncIterable<Row[]>,
    matchesOf: MatchesOf,
  ): AsyncGenerator<[number, LineRecord][], void, void> {
    let open: { number: number; quote: Quote; file: string } | undefined;
    for await (const rows of batches) {
      const quotes: [number, LineRecord][] = [];
      for (const row of rows) {
        // Behind a quote, and so in none.
        if (row.quote % 2 === 1) continue;
        const number = row.quote / 2;
        const item = this.#itemOf(row);
        if (open?.number !== number) {
          if (open !== undefined) quotes.push([open.number, open.quote.toRecord(open.file)]);
          open = { number, quote: new Quote(item.line, this.#options.lineLength), file: item.file };
        }
        const matches = matchesOf(row.line, number, item.text);
        open.quote.add(item.text, matches && { ...item, matches });
      }
      yield quotes;
    }
    if (open !== undefined) yield [[open.number, open.quote.toRecord(open.file)]];
  }

  #itemOf({ line, text, isCut }: Row): LineRecord {
    const { path, linesBefore } = this.fileOf(line, 'line');
    return {
      file: path,
      line: line - linesBefore,
      isMatch: false,
      text: text.toString(),
      isTruncated: isCut,
      matches: [],
    };
  }

  /** The file of a line or a quote. */
  fileOf(number: number, unit = this.#options.unit): LoadedFile {
    const { files } = this.#options.text;
    let from = 0;
    let to = files.length - 1;
    while (from < to) {
      const middle = (from + to + 1) >> 1;
      const before = files[middle]?.[unit === 'quote' ? 'quotesBefore' : 'linesBefore'] as number;
      if (before < number) from = middle;
      else to = middle - 1;
    }
    return files[from] as LoadedFile;
  }

  /** The numbers of the first and the last of some files. */
  numbersOf(files: readonly LoadedFile[]): [first: number, last: number] {
    return this.#isQuote ? quotesOf({ files }) : linesOf({ files });
  }
}

/** Few numbers are found sooner one by one. */
const MAX_NUMBERS = 2_000;

function inRanges(column: string, ranges: readonly (readonly [from: number, to: number])[]): string {
  const count = ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);
  if (count > MAX_NUMBERS) return `(${ranges.map(([from, to]) => `${column} BETWEEN ${from} AND ${to}`).join(' OR ')})`;
  const numbers = ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, at) => from + at));
  return `${column} IN (${numbers.join(', ')})`;
}
