// Which lines match: where the cluster can tell exactly, it does; else it gives candidates, and grep decides.
import type { SearchQuery } from '../../../engine.js';
import { bytesToShow } from '../../../entries/lines.js';
import { GrepLines, MatchMarkers } from '../../../grep/grep-output.js';
import { type Grep, type GrepRun, type Pattern, runGrep } from '../../../grep/run-grep.js';
import { literalMatches } from '../../../pattern/literal-matches.js';
import { requiredOf } from '../../../pattern/required-literals.js';
import type { Block } from '../storage/row-reader.js';
import { FOLDED_TEXT, holds } from '../storage/schema.js';
import type { Match } from './cluster-entries.js';
import type { LineQuery, LineReader } from './line-reader.js';

/** What the lines of a search must hold, for the cluster: all that match do, and where `isExact` no others. */
export interface Conditions {
  /** Those of them that an index knows. */
  indexed: string[];
  others: string[];
  isExact: boolean;
}

export function conditionsOf(query: Pick<SearchQuery, 'term' | 'syntax' | 'ignore_case'>): Conditions {
  const { isExact, literals, folded } = requiredOf(query);
  const isTelling = (text: string) => isExact || !COMMON.test(text);
  // The index knows nothing shorter, and to fold all lines takes longer than to look into them.
  const indexed = folded.filter((text) => text.length >= INDEXED_LENGTH || literals.length === 0);
  return {
    indexed: indexed.filter(isTelling).map((text) => holds(FOLDED_TEXT, text)),
    others: literals.filter(isTelling).map((text) => holds('text', text)),
    isExact,
  };
}

/** The length of what the index finds. */
const INDEXED_LENGTH = 3;
/** What nearly all lines hold: looking for it takes longer than what it spares. */
const COMMON = /^[A-Za-z0-9 ,.]$/;

export interface MatchesOptions {
  reader: LineReader;
  /** The lines to look in. */
  lines: Pick<LineQuery, 'generation' | 'indexed' | 'where'>;
  query: SearchQuery;
  /** Whether the texts of the lines are of interest. */
  withText: boolean;
  /** The longest line that is given, in UTF-16 code units. */
  lineLength: number;
  signal: AbortSignal;
}

/** The lines that the cluster finds, each of them a match. */
export async function* exactMatches({
  reader,
  lines,
  query: { term, format },
  withText,
  lineLength,
  signal,
}: MatchesOptions): AsyncGenerator<Match[], void, void> {
  const isMarked = format === 'object';
  // What matches may end behind what is shown.
  const maxBytes = withText || isMarked ? bytesToShow(lineLength) + Buffer.byteLength(term) : 0;
  for await (const rows of reader.lines({ ...lines, maxBytes }, signal)) {
    yield rows.map(({ line, quote, text, isCut }) => {
      const shown = text.toString();
      return { line, quote, text: shown, isTruncated: isCut, matches: isMarked ? literalMatches(term, shown) : [] };
    });
  }
}

export interface DecidedOptions extends MatchesOptions {
  /** Where every line is a candidate: the first and the last of them. */
  everyLine: readonly [first: number, last: number] | undefined;
  grep: Grep;
  pattern: Pattern;
  /** The most memory of a grep that could grow. */
  searchMemoryBytes: number;
}

/** The candidates that grep takes for matches. Throws as runGrep does. */
export async function* decidedMatches(options: DecidedOptions): AsyncGenerator<Match[], void, void> {
  const { reader, lines, everyLine, pattern, query, searchMemoryBytes, signal } = options;
  const bounds = pattern.isExpensive ? { memoryBytes: searchMemoryBytes } : undefined;
  // Which quote a line is in is not told with the bare texts.
  if (everyLine && query.unit === 'line') {
    const texts = reader.texts(lines.generation, everyLine, signal);
    yield* decide(options, { input: texts, bounds }, (number) => ({ line: everyLine[0] + number - 1, quote: 0 }));
    return;
  }
  const candidates = new Candidates(reader.blocks(lines, signal));
  try {
    do yield* decide(options, { input: candidates.next(), bounds }, (number) => candidates.at(number));
    while (!candidates.areOver);
  } finally {
    await candidates.close();
  }
}

/** One grep, and which of its lines is which. */
async function* decide(
  { grep, pattern, query, lineLength, signal }: DecidedOptions,
  { input, bounds }: Pick<GrepRun, 'input' | 'bounds'>,
  at: (number: number) => Pick<Match, 'line' | 'quote'>,
): AsyncGenerator<Match[], void, void> {
  const marks = query.format === 'object' ? new MatchMarkers() : undefined;
  const output = marks === undefined ? ['-n'] : ['-n', '--color=always'];
  const printed = new GrepLines({
    withLocations: true,
    file: '',
    maxLength: lineLength,
    lineEnd: 'lf',
    markers: marks,
  });
  for await (const piece of runGrep(
    grep,
    { pattern, output, files: [], input, colors: marks?.colors, bounds },
    signal,
  )) {
    const found: Match[] = [];
    for (const item of printed.read(piece)) {
      if (typeof item === 'symbol') continue;
      found.push({ ...at(item.line), text: item.text, isTruncated: item.isTruncated, matches: item.matches });
    }
    yield found;
  }
}

/** A grep gets no more candidates than these: what is known of each is held until it has decided. */
const MAX_BYTES = 32 * 1024 * 1024;
const MAX_LINES = 500_000;

/** Lines for grep to decide on, as many at a time as it gets. */
class Candidates {
  readonly #blocks: AsyncGenerator<Block, void, void>;
  #given: Block[] = [];
  /** The number of the first line of each block. */
  #firsts: number[] = [];
  /** The block that was looked into last. */
  #at = 0;
  areOver = false;

  constructor(blocks: AsyncGenerator<Block, void, void>) {
    this.#blocks = blocks;
  }

  /** The texts of the next ones. */
  async *next(): AsyncGenerator<Buffer, void, void> {
    this.#given = [];
    this.#firsts = [];
    this.#at = 0;
    let bytes = 0;
    let lines = 0;
    while (bytes < MAX_BYTES && lines < MAX_LINES) {
      const step = await this.#blocks.next();
      this.areOver = step.done === true;
      if (step.done) return;
      this.#given.push(step.value);
      this.#firsts.push(lines + 1);
      const { text } = step.value;
      bytes += text.length;
      lines += step.value.lines.length;
      yield text;
    }
  }

  /** The one of this number, counted from 1: a higher one each time. */
  at(number: number): Pick<Match, 'line' | 'quote'> {
    while ((this.#firsts[this.#at + 1] ?? Number.POSITIVE_INFINITY) <= number) this.#at += 1;
    const place = number - (this.#firsts[this.#at] as number);
    const { lines, quotes } = this.#given[this.#at] as Block;
    return { line: lines[place] as number, quote: quotes[place] as number };
  }

  async close(): Promise<void> {
    await this.#blocks.return();
  }
}
