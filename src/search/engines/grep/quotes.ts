// Reads the quotes of a text in parallel with a grep that finds its matching lines.
import type { LineRecord } from '../../entries/context-entries.js';
import { LineSplitter, maxLineBytes } from '../../entries/lines.js';
import { Quote } from '../../entries/quote.js';
import { isBlank, isPercent } from '../../entries/quote-separators.js';
import { GROUP_END, type GroupedRecord } from '../../grep/grep-output.js';

/** A cursor over the matching lines of several files. */
export class MatchingLines {
  readonly #lines: AsyncGenerator<LineRecord, void, void>;
  #next: LineRecord | undefined;
  /** The file that is being read. */
  #file = '';
  /** The number of the line after the part of it that is being read. */
  #endLine = 0;

  constructor(lines: AsyncIterable<Iterable<GroupedRecord>>) {
    this.#lines = flatten(lines);
  }

  /** Must be called before another file, or another part of a file, is read. */
  moveTo(file: string, endLine: number): void {
    this.#file = file;
    this.#endLine = endLine;
  }

  /** The next matching line of what is being read, or `undefined` if there is none. */
  get current(): LineRecord | undefined {
    const next = this.#next;
    return next?.file === this.#file && next.line < this.#endLine ? next : undefined;
  }

  async advance(): Promise<void> {
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

async function* flatten(chunks: AsyncIterable<Iterable<GroupedRecord>>): AsyncGenerator<LineRecord, void, void> {
  for await (const records of chunks) {
    for (const record of records) if (record !== GROUP_END) yield record;
  }
}

export interface QuoteOptions {
  file: string;
  /** The number of the first line in the file, counted from 1. */
  lineInFile: number;
  /** Whether the file is in the fortune format, in which lines of `%` alone separate quotes. */
  isFortune: boolean;
  /** The maximum length of a quote, in UTF-16 code units. */
  maxLength: number;
  /** Whether to omit the quotes that don't match. */
  onlyMatches: boolean;
}

/**
 * Yields the quotes of a text. A quote matches if one of its lines does; separators never match.
 */
export async function* readQuotes(
  text: AsyncIterable<Buffer>,
  matching: MatchingLines,
  { file, lineInFile, isFortune, maxLength, onlyMatches }: QuoteOptions,
): AsyncGenerator<LineRecord, void, void> {
  const isSeparator = isFortune ? isPercent : isBlank;
  let quote = new Quote(0, maxLength);
  let number = lineInFile - 1;

  for await (const lines of readLines(text, maxLineBytes(maxLength))) {
    for (const line of lines) {
      number += 1;
      const { current } = matching;
      const match = current?.line === number ? current : undefined;
      if (!isSeparator(line)) {
        if (quote.isEmpty) quote = new Quote(number, maxLength);
        quote.add(line, match);
      } else if (!quote.isEmpty) {
        if (quote.isMatch || !onlyMatches) yield quote.toRecord(file);
        quote = new Quote(0, maxLength);
      }
      if (match !== undefined) await matching.advance();
    }
  }
  if (!quote.isEmpty && (quote.isMatch || !onlyMatches)) yield quote.toRecord(file);
}

async function* readLines(text: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<string[], void, void> {
  const splitter = new LineSplitter(maxBytes, 'lf or crlf');
  for await (const chunk of text) yield splitter.read(chunk);
  yield splitter.end();
}
