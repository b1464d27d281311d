// Splits a text into lines, and assigns them to quotes.
import { AppError } from '../../../../errors.js';
import { isBlankBytes, isPercentBytes } from '../../../entries/quote-separators.js';

export interface NumberedLine {
  /** Without the line end: `\n`, `\r\n`, or a `\r` at the end of the text. */
  text: Buffer;
  /** The number of its quote in the file, from 1. If it is in no quote, of the one before it. */
  quote: number;
  isInQuote: boolean;
}

export interface NumberingOptions {
  path: string;
  /** Whether quotes are separated by lines with a single `%`, instead of blank lines. */
  isFortune: boolean;
  /** The maximum length of a line. A search couldn't hold a longer one in memory. */
  maxBytes: number;
}

const NEWLINE = 0x0a;
const CR = 0x0d;

/** Yields batches of lines. Throws `damaged_dictionary` if a line is too long. */
export async function* numberLines(
  chunks: AsyncIterable<Buffer>,
  options: NumberingOptions,
): AsyncGenerator<NumberedLine[], void, void> {
  const numberer = new LineNumberer(options.isFortune);
  let partial: Buffer[] = [];
  let partialBytes = 0;
  for await (const chunk of chunks) {
    const lines: NumberedLine[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const text = chunk.subarray(start, end);
      lines.push(numberer.next(partial.length === 0 ? text : Buffer.concat([...partial, text])));
      partial = [];
      partialBytes = 0;
      start = end + 1;
    }
    if (start < chunk.length) {
      partial.push(chunk.subarray(start));
      partialBytes += chunk.length - start;
    }
    if (partialBytes > options.maxBytes) throw lineTooLongError(options);
    yield lines;
  }
  if (partial.length > 0) yield [numberer.next(Buffer.concat(partial))];
}

class LineNumberer {
  readonly #isSeparator: (text: Buffer) => boolean;
  #quote = 0;
  #wasInQuote = false;

  constructor(isFortune: boolean) {
    this.#isSeparator = isFortune ? isPercentBytes : isBlankBytes;
  }

  next(line: Buffer): NumberedLine {
    const text = line.at(-1) === CR ? line.subarray(0, -1) : line;
    const isInQuote = !this.#isSeparator(text);
    if (isInQuote && !this.#wasInQuote) this.#quote += 1;
    this.#wasInQuote = isInQuote;
    return { text, quote: this.#quote, isInQuote };
  }
}

function lineTooLongError({ path, maxBytes }: NumberingOptions): AppError {
  const name = JSON.stringify(path);
  return new AppError('damaged_dictionary', `The file ${name} has a line of more than ${maxBytes / 2 ** 20} MiB.`);
}
