// Cuts a text into its lines, and tells which quote each belongs to.
import { AppError } from '../../../../errors.js';
import { isBlankBytes, isPercentBytes } from '../../../entries/quote-separators.js';

export interface NumberedLine {
  /** Without its end: `\n`, `\r\n`, or the `\r` at the end of the text. */
  text: Buffer;
  /** The number of its quote in the file, counted from 1, or where it is in none, of the one before it. */
  quote: number;
  isInQuote: boolean;
}

export interface NumberingOptions {
  path: string;
  /** Whether lines of `%` alone stand between quotes, and not blank ones. */
  isFortune: boolean;
  /** The longest line, in bytes: more is more than a search could hold. */
  maxBytes: number;
}

const NEWLINE = 0x0a;
const CR = 0x0d;

/** The lines, in batches. Throws what reading throws, and `damaged_dictionary` where a line is too long. */
export async function* numberLines(
  pieces: AsyncIterable<Buffer>,
  options: NumberingOptions,
): AsyncGenerator<NumberedLine[], void, void> {
  const numbering = new Numbering(options.isFortune);
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const piece of pieces) {
    const lines: NumberedLine[] = [];
    let start = 0;
    for (let end = piece.indexOf(NEWLINE); end !== -1; end = piece.indexOf(NEWLINE, start)) {
      const text = piece.subarray(start, end);
      lines.push(numbering.next(rest.length === 0 ? text : Buffer.concat([...rest, text])));
      rest = [];
      restBytes = 0;
      start = end + 1;
    }
    if (start < piece.length) {
      rest.push(piece.subarray(start));
      restBytes += piece.length - start;
    }
    if (restBytes > options.maxBytes) throw tooLong(options);
    yield lines;
  }
  if (rest.length > 0) yield [numbering.next(Buffer.concat(rest))];
}

class Numbering {
  readonly #isBetween: (text: Buffer) => boolean;
  #quote = 0;
  #wasInQuote = false;

  constructor(isFortune: boolean) {
    this.#isBetween = isFortune ? isPercentBytes : isBlankBytes;
  }

  next(line: Buffer): NumberedLine {
    const text = line.at(-1) === CR ? line.subarray(0, -1) : line;
    const isInQuote = !this.#isBetween(text);
    if (isInQuote && !this.#wasInQuote) this.#quote += 1;
    this.#wasInQuote = isInQuote;
    return { text, quote: this.#quote, isInQuote };
  }
}

function tooLong({ path, maxBytes }: NumberingOptions): AppError {
  const name = JSON.stringify(path);
  return new AppError('damaged_dictionary', `The file ${name} has a line of more than ${maxBytes / 2 ** 20} MiB.`);
}
