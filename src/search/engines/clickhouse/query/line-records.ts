// Reads lines or quotes of a dictionary by their numbers.
import type { AllQuery, EntryObject } from '../../../engine.js';
import type { LineRecord } from '../../../entries/context-entries.js';
import { maxLineBytes } from '../../../entries/lines.js';
import { Quote } from '../../../entries/quote.js';
import { countOf, type LoadedFile, type LoadedText, type NumberRange, rangesOf } from '../storage/manifest.js';
import { decodeQuote, encodeQuote } from '../storage/quote-column.js';
import type { Row } from '../storage/row-reader.js';
import { isBetween, type LineReader } from './line-reader.js';

export interface RecordReaderOptions {
  unit: AllQuery['unit'];
  text: LoadedText;
  reader: LineReader;
  /** The maximum length of a line or a quote, in UTF-16 code units. */
  lineLength: number;
  signal: AbortSignal;
  /** How many bytes to read beyond that length: a match may end there. */
  extraBytes?: number;
}

/** Records with the numbers of their lines or quotes. */
export type NumberedRecords = [number: number, record: LineRecord][];

/**
 * Returns the matches in a line, or `undefined` if it doesn't match.
 *
 * @param number the number of the line, or of its quote if the unit is the quote
 */
export type FindMatches = (line: number, number: number, text: string) => EntryObject['matches'] | undefined;

export class RecordReader {
  readonly #options: RecordReaderOptions;
  readonly #isQuote: boolean;

  constructor(options: RecordReaderOptions) {
    this.#options = options;
    this.#isQuote = options.unit === 'quote';
  }

  /** Yields the lines or quotes in these ranges, which must be sorted, in order. */
  async *read(
    ranges: readonly NumberRange[],
    findMatches: FindMatches = () => undefined,
  ): AsyncGenerator<NumberedRecords, void, void> {
    const { text, reader, signal, lineLength, extraBytes = 0 } = this.#options;
    const maxBytes = maxLineBytes(lineLength) + extraBytes;
    const where = this.#isQuote
      ? inRanges(
          'quote',
          ranges.map(([first, last]) => [encodeQuote(first, true), encodeQuote(last, true)]),
        )
      : inRanges('line', ranges);
    const batches = reader.lines({ generation: text.generation, where: [where], maxBytes }, signal);
    yield* this.#isQuote ? this.#toQuotes(batches, findMatches) : this.#toLines(batches, findMatches);
  }

  async *#toLines(
    batches: AsyncIterable<Row[]>,
    findMatches: FindMatches,
  ): AsyncGenerator<NumberedRecords, void, void> {
    for await (const rows of batches) {
      yield rows.map((row) => {
        const record = this.#toRecord(row);
        return [row.line, { ...record, matches: findMatches(row.line, row.line, record.text) ?? [] }];
      });
    }
  }

  async *#toQuotes(
    batches: AsyncIterable<Row[]>,
    findMatches: FindMatches,
  ): AsyncGenerator<NumberedRecords, void, void> {
    let open: { number: number; quote: Quote; file: string } | undefined;
    for await (const rows of batches) {
      const quotes: NumberedRecords = [];
      for (const row of rows) {
        const number = decodeQuote(row.quoteColumn);
        if (number === undefined) continue;
        const record = this.#toRecord(row);
        if (open?.number !== number) {
          if (open !== undefined) quotes.push([open.number, open.quote.toRecord(open.file)]);
          open = { number, quote: new Quote(record.line, this.#options.lineLength), file: record.file };
        }
        const matches = findMatches(row.line, number, record.text);
        open.quote.add(record.text, matches && { ...record, matches });
      }
      yield quotes;
    }
    if (open !== undefined) yield [[open.number, open.quote.toRecord(open.file)]];
  }

  #toRecord({ line, text, isTruncated }: Row): LineRecord {
    const { path, linesBefore } = this.fileOf(line, 'line');
    return {
      file: path,
      line: line - linesBefore,
      isMatch: false,
      text: text.toString(),
      isTruncated,
      matches: [],
    };
  }

  /** Returns the file of a line or a quote, by binary search. */
  fileOf(number: number, unit = this.#options.unit): LoadedFile {
    const { files } = this.#options.text;
    let low = 0;
    let high = files.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const numbersBefore = files[middle]?.[unit === 'quote' ? 'quotesBefore' : 'linesBefore'] as number;
      if (numbersBefore < number) low = middle;
      else high = middle - 1;
    }
    return files[low] as LoadedFile;
  }

  /** Returns the range of lines or quotes of the file that this one is in. */
  rangeAround(number: number): NumberRange {
    const [range] = rangesOf([this.fileOf(number)], this.#options.unit);
    return range as NumberRange;
  }
}

/** Up to this many numbers, ClickHouse finds them faster by a list than by ranges. */
const MAX_LISTED_NUMBERS = 2_000;

function inRanges(column: string, ranges: readonly NumberRange[]): string {
  if (countOf(ranges) > MAX_LISTED_NUMBERS) return isBetween(column, ranges);
  const numbers = ranges.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index),
  );
  return `${column} IN (${numbers.join(', ')})`;
}
