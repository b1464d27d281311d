// One grep over a portion of a dictionary: what it reads, how it is bounded, and what it prints.

import { withoutCr } from '../../corpus/text-file.js';
import type { LineEnd } from '../../entries/lines.js';
import { GrepLines, type GroupedRecord, MatchMarkers } from '../../grep/grep-output.js';
import { EVERY_LINE, type Grep, type Pattern, runGrep } from '../../grep/run-grep.js';
import type { Portion } from './open-dictionary.js';
import type { Question } from './question.js';

export interface PortionGrepOptions {
  grep: Grep;
  /** The working directory of grep. */
  root: string;
  /** The longest line that is given, in UTF-16 code units. */
  lineLength: number;
  /** The most memory of a grep that could grow. */
  searchMemoryBytes: number;
}

interface Reading {
  /** Whether the portion has been read before. */
  isReadAgain: boolean;
}

type Asking = Pick<Question, 'pattern' | 'dictionary' | 'signal'>;

export class PortionGrep {
  readonly #options: PortionGrepOptions;

  constructor(options: PortionGrepOptions) {
    this.#options = options;
  }

  /** What grep prints about the lines of a portion that match, and those near them. */
  async *lines(
    question: Question,
    portion: Portion,
    context: readonly string[],
  ): AsyncGenerator<Iterable<GroupedRecord>, void, void> {
    const { format, unit } = question.query;
    const marks = format === 'object' && question.pattern !== EVERY_LINE ? new MatchMarkers() : undefined;
    const located = format !== 'text' || unit === 'quote';
    const lines = new GrepLines({
      located,
      file: portion.text?.path,
      names: portion.opened?.names,
      longest: this.#options.lineLength,
      lineEnd: lineEndOf(question.pattern),
      marks,
    });
    const place = located ? ['-n', ...(portion.text === undefined ? ['-H', '-Z'] : [])] : ['-b'];
    const color = marks === undefined ? [] : ['--color=always'];
    for await (const output of this.output(question, portion, [...color, ...place, ...context], {
      colors: marks?.colors,
    })) {
      yield lines.read(output);
    }
  }

  /** How many lines of each file match. */
  async counts(question: Asking, portion: Portion, { isReadAgain }: Reading): Promise<Map<string, number>> {
    const pieces: Buffer[] = [];
    // Output per file: path, NUL, count, newline.
    const options = ['-c', '-H', '-Z'];
    for await (const output of this.output(question, portion, options, { isReadAgain })) pieces.push(output);
    const counts = new Map<string, number>();
    for (const line of Buffer.concat(pieces).toString().trim().split('\n')) {
      const [path = '', count] = line.split('\0');
      counts.set(portion.text?.path ?? portion.opened?.names.get(path) ?? path, Number(count));
    }
    return counts;
  }

  /** As grep prints it. */
  async *output(
    { pattern, dictionary, signal }: Asking,
    { files, opened, text }: Portion,
    output: readonly string[],
    { colors, isReadAgain }: Partial<Reading> & { colors?: string | undefined } = {},
  ): AsyncGenerator<Buffer, void, void> {
    // A program that is given a file descriptor reads on from where the last one stopped.
    let input: number | AsyncIterable<Buffer> | undefined = text?.fd;
    if (isReadAgain === true || text?.isPacked) input = text?.read(signal);
    if (text !== undefined && seesLineEnd(pattern) && (text.isPacked || (await dictionary.has('crlf', text, signal)))) {
      input = withoutCr(text.read(signal));
    }
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const bounds =
      pattern.isExpensive || bytes * (text?.isPacked ? MAX_UNPACKED_RATIO : 1) > QUICK_BYTES
        ? { memoryBytes: this.#options.searchMemoryBytes }
        : undefined;
    const run = {
      pattern,
      output,
      files: [...(opened?.names.keys() ?? [])],
      cwd: this.#options.root,
      input,
      colors,
      bounds,
    };
    yield* runGrep(this.#options.grep, run, signal);
  }
}

/**
 * Whether it may matter to a pattern that a line ends in \r: it may match it, or what is before it. Only a regular expression can, and
 * none without anchors, classes, escapes and control characters.
 */
export function seesLineEnd({ isRegex, terms }: Pattern): boolean {
  return isRegex && terms.some((term) => /[.$[\\\p{Cc}]/u.test(term));
}

/** How the lines end that grep prints: a pattern that sees line ends gets texts without the \r of \r\n, others get them as they are. */
export function lineEndOf(pattern: Pattern): LineEnd {
  return seesLineEnd(pattern) ? 'lf' : 'lf or crlf';
}

/** grep reads at least 100 MB a second: less text than this takes it a fraction of a second, and then it ends by itself. */
export const QUICK_BYTES = 64 * 1024 * 1024;

/** What deflate makes small at best (https://zlib.net/zlib_tech.html). */
const MAX_UNPACKED_RATIO = 1032;
