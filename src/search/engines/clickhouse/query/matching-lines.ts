// Finds matching lines. For some queries, SQL conditions are exact; otherwise they select
// candidates, and grep decides which of them match.
import type { SearchQuery } from '../../../engine.js';
import { maxLineBytes } from '../../../entries/lines.js';
import { GrepLines, MatchMarkers } from '../../../grep/grep-output.js';
import { type Grep, type GrepRun, type Pattern, runGrep } from '../../../grep/run-grep.js';
import { literalMatches } from '../../../pattern/literal-matches.js';
import { decodeQuote } from '../storage/quote-column.js';
import type { Block } from '../storage/row-reader.js';
import type { Match } from './cluster-entries.js';
import type { LineQuery, LineReader } from './line-reader.js';

export interface MatchesOptions {
  reader: LineReader;
  /** The lines to search. */
  lines: Pick<LineQuery, 'generation' | 'ranges' | 'indexed' | 'where'>;
  query: SearchQuery;
  /** Whether to return the texts of the lines. */
  withText: boolean;
  /** The maximum length of a line, in UTF-16 code units. */
  lineLength: number;
  signal: AbortSignal;
}

/** Yields all selected lines as matches. For conditions that are exact. */
export async function* exactMatches({
  reader,
  lines,
  query: { term, format },
  withText,
  lineLength,
  signal,
}: MatchesOptions): AsyncGenerator<Match[], void, void> {
  const withMatches = format === 'object';
  // A match may end beyond the part of the line that is returned.
  const maxBytes = withText || withMatches ? maxLineBytes(lineLength) + Buffer.byteLength(term) : 0;
  for await (const rows of reader.lines({ ...lines, maxBytes }, signal)) {
    yield rows.map(({ line, quoteColumn, text: bytes, isTruncated }) => {
      const text = bytes.toString();
      const matches = withMatches ? literalMatches(term, text) : [];
      return { line, quote: decodeQuote(quoteColumn), text, isTruncated, matches };
    });
  }
}

export interface GrepMatchesOptions extends MatchesOptions {
  /** The range of the lines to search, if it is one and all of them are candidates. */
  everyLine: readonly [first: number, last: number] | undefined;
  grep: Grep;
  pattern: Pattern;
  /** The memory limit of a grep with an expensive pattern. */
  searchMemoryBytes: number;
}

/** Yields those of the selected lines that grep matches. Throws as runGrep does. */
export async function* grepMatches(options: GrepMatchesOptions): AsyncGenerator<Match[], void, void> {
  const { reader, lines, everyLine, pattern, query, searchMemoryBytes, signal } = options;
  const limits = pattern.isExpensive ? { memoryBytes: searchMemoryBytes } : undefined;
  // Reading only the texts is faster, but lacks the quote of each line.
  if (everyLine && query.unit === 'line') {
    const input = reader.texts(lines.generation, everyLine, signal);
    yield* runOneGrep(options, { input, limits }, (number) => ({ line: everyLine[0] + number - 1, quote: undefined }));
    return;
  }
  const candidates = new Candidates(reader.blocks(lines, signal));
  try {
    do yield* runOneGrep(options, { input: candidates.nextInput(), limits }, (number) => candidates.locate(number));
    while (!candidates.areExhausted);
  } finally {
    await candidates.close();
  }
}

/** @param locate maps the number of a line in grep's input to its line and quote */
async function* runOneGrep(
  { grep, pattern, query, lineLength, signal }: GrepMatchesOptions,
  { input, limits }: Pick<GrepRun, 'input' | 'limits'>,
  locate: (number: number) => Pick<Match, 'line' | 'quote'>,
): AsyncGenerator<Match[], void, void> {
  const markers = query.format === 'object' ? new MatchMarkers() : undefined;
  const output = markers === undefined ? ['-n'] : ['-n', '--color=always'];
  const grepLines = new GrepLines({
    withLocations: true,
    file: '',
    maxLength: lineLength,
    lineEnd: 'lf',
    markers,
  });
  for await (const chunk of runGrep(
    grep,
    { pattern, output, files: [], input, colors: markers?.colors, limits },
    signal,
  )) {
    const matches: Match[] = [];
    for (const record of grepLines.read(chunk)) {
      if (typeof record === 'symbol') continue;
      const { line, text, isTruncated } = record;
      matches.push({ ...locate(line), text, isTruncated, matches: record.matches });
    }
    yield matches;
  }
}

/** Limits of one grep's input: the numbers of its lines are kept in memory until grep exits. */
const MAX_INPUT_BYTES = 32 * 1024 * 1024;
const MAX_INPUT_LINES = 500_000;

/** Candidates as the inputs of consecutive greps. */
class Candidates {
  readonly #blocks: AsyncGenerator<Block, void, void>;
  /** The blocks of the current input. */
  #inputBlocks: Block[] = [];
  /** The number of the first line of each block in the input. */
  #firstNumbers: number[] = [];
  /** The index of the block that the last located line is in. */
  #current = 0;
  areExhausted = false;

  constructor(blocks: AsyncGenerator<Block, void, void>) {
    this.#blocks = blocks;
  }

  /** Yields the texts of the next input. */
  async *nextInput(): AsyncGenerator<Buffer, void, void> {
    this.#inputBlocks = [];
    this.#firstNumbers = [];
    this.#current = 0;
    let bytes = 0;
    let lines = 0;
    while (bytes < MAX_INPUT_BYTES && lines < MAX_INPUT_LINES) {
      const step = await this.#blocks.next();
      this.areExhausted = step.done === true;
      if (step.done) return;
      this.#inputBlocks.push(step.value);
      this.#firstNumbers.push(lines + 1);
      const { text } = step.value;
      bytes += text.length;
      lines += step.value.lines.length;
      yield text;
    }
  }

  /** Locates a line of the input by its number, from 1. The numbers must increase. */
  locate(number: number): Pick<Match, 'line' | 'quote'> {
    while ((this.#firstNumbers[this.#current + 1] ?? Number.POSITIVE_INFINITY) <= number) this.#current += 1;
    const index = number - (this.#firstNumbers[this.#current] as number);
    const { lines, quoteColumns } = this.#inputBlocks[this.#current] as Block;
    return { line: lines[index] as number, quote: decodeQuote(quoteColumns[index] as number) };
  }

  async close(): Promise<void> {
    await this.#blocks.return();
  }
}
