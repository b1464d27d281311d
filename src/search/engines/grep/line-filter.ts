// Applies the conditions of a pattern to the lines that grep selected for its terms: other greps
// decide, a batch of lines at a time.
import { Readable } from 'node:stream';
import { AppError } from '../../../errors.js';
import type { ResourceLimits } from '../../../process/resource-limits.js';
import { UnlinkedFile } from '../../../process/unlinked-file.js';
import type { Match } from '../../engine.js';
import { mergeMatches } from '../../entries/merge-matches.js';
import type { GrepForkServers } from '../../grep/grep-fork-servers.js';
import type { MatchMarkers } from '../../grep/grep-output.js';
import { type Grep, type Pattern, type PatternCondition, runGrep } from '../../grep/run-grep.js';

export interface LineFilterOptions {
  grep: Grep;
  forkServers: GrepForkServers;
  pattern: Pattern;
  /** Whether each line starts with its path and NUL. */
  withPaths: boolean;
  /** Whether lines that don't meet the conditions can be the context of others. */
  withContext: boolean;
  /** Marks the matches of all terms in the lines that meet the conditions. */
  markers: MatchMarkers | undefined;
  /** Whether the next lines need marks, which take time. */
  needsTexts: () => boolean;
  limits: ResourceLimits | undefined;
  signal: AbortSignal;
}

/** The first batch is small, so that the first entries come soon; later ones are larger. */
const FIRST_BATCH_BYTES = 64 * 1024;
const MAX_BATCH_BYTES = 1024 * 1024;
/** A longer line would take too much memory. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

const NEWLINE = 0x0a;
const [COLON, DASH] = [0x3a, 0x2d];
/** Between groups of lines. */
const SEPARATOR = Buffer.from('--\n');

/** A line of grep's output. */
interface OutputLine {
  start: number;
  /** The offset of the `:` or `-` after its number. */
  mark: number;
  /** The offset after its newline. */
  end: number;
  isSelected: boolean;
}

/**
 * Yields those lines of grep's output that meet the conditions, or that can be context. The lines
 * must have numbers or offsets, and no marks.
 */
export async function* filterLines(
  output: AsyncIterable<Buffer>,
  options: LineFilterOptions,
): AsyncGenerator<Buffer, void, void> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let batchBytes = FIRST_BATCH_BYTES;
  for await (const chunk of output) {
    pending.push(chunk);
    pendingBytes += chunk.length;
    // A long line isn't copied again with each chunk of it.
    if (pendingBytes >= batchBytes && chunk.includes(NEWLINE)) {
      const bytes = Buffer.concat(pending);
      const end = bytes.lastIndexOf(NEWLINE) + 1;
      pending = [bytes.subarray(end)];
      pendingBytes = bytes.length - end;
      batchBytes = Math.min(2 * batchBytes, MAX_BATCH_BYTES);
      yield await filterBatch(bytes.subarray(0, end), options);
    }
    if (pendingBytes > MAX_LINE_BYTES + MAX_BATCH_BYTES) {
      throw new AppError(
        'search_memory',
        `A line exceeds ${MAX_LINE_BYTES} bytes, which is too long for several terms.`,
      );
    }
  }
  // grep ends every line with a newline.
  if (pendingBytes > 0) yield await filterBatch(Buffer.concat(pending), options);
}

async function filterBatch(bytes: Buffer, options: LineFilterOptions): Promise<Buffer> {
  const { pattern, withContext, markers, needsTexts } = options;
  const lines = parseLines(bytes, options.withPaths);
  const candidates = lines.filter(({ isSelected }) => isSelected);
  const texts = joinTexts(bytes, candidates);
  for (const { patterns, isNegated } of pattern.conditions ?? []) {
    const matching = new Set<number>();
    for (const each of patterns) for (const { number } of await find(each, '-n', texts, options)) matching.add(number);
    for (const [at, line] of candidates.entries()) if (matching.has(at + 1) === isNegated) line.isSelected = false;
  }
  const selected = candidates.filter(({ isSelected }) => isSelected);
  const isMarked = markers !== undefined && needsTexts();
  const matches = isMarked ? await findMatches(joinTexts(bytes, selected), options) : [];
  const kept: Buffer[] = [];
  let offset = 0;
  let next = 0;
  for (const { start, mark, end, isSelected } of lines) {
    if (!isSelected) {
      if (!withContext) continue;
      if (bytes[mark] === COLON) bytes[mark] = DASH;
    }
    if (!isSelected || !isMarked) {
      kept.push(bytes.subarray(start, end));
      continue;
    }
    const text = bytes.subarray(mark + 1, end - 1);
    const inLine: Match[] = [];
    for (let match = matches[next]; match !== undefined && match[0] < offset + text.length; match = matches[next]) {
      inLine.push([match[0] - offset, match[1] - offset]);
      next += 1;
    }
    kept.push(bytes.subarray(start, mark + 1), markers.mark(text, inLine), bytes.subarray(end - 1, end));
    offset += text.length + 1;
  }
  return Buffer.concat(kept);
}

/** Returns where the terms that lines must match occur, in bytes. */
async function findMatches(texts: Buffer, options: LineFilterOptions): Promise<Match[]> {
  const { pattern } = options;
  const conditions: readonly PatternCondition[] = pattern.conditions ?? [];
  const patterns = [pattern, ...conditions.flatMap(({ patterns, isNegated }) => (isNegated ? [] : patterns))];
  const matches: Match[] = [];
  for (const each of patterns) {
    for (const { number, bytes } of await find(each, '-ob', texts, options)) matches.push([number, number + bytes]);
  }
  return mergeMatches(matches);
}

/** Returns the number before each line of grep's output, and how many bytes follow its `:`. */
async function find(
  pattern: Pattern,
  output: '-n' | '-ob',
  texts: Buffer,
  { grep, forkServers, limits, signal }: LineFilterOptions,
): Promise<{ number: number; bytes: number }[]> {
  if (texts.length === 0) return [];
  const chunks: Buffer[] = [];
  const short = await runForked(pattern, output, texts, { forkServers, signal });
  if (short !== undefined) chunks.push(short);
  else {
    const run = { pattern, output: [output], files: [], input: Readable.from([texts]), limits };
    for await (const chunk of runGrep(grep, run, signal)) chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  return parseLines(bytes, false).map(({ start, mark, end }) => ({
    number: Number(bytes.toString('latin1', start, mark)),
    bytes: end - 1 - (mark + 1),
  }));
}

/** Returns grep's output, or `undefined` if no fork server can produce it. */
async function runForked(
  pattern: Pattern,
  output: string,
  texts: Buffer,
  { forkServers, signal }: Pick<LineFilterOptions, 'forkServers' | 'signal'>,
): Promise<Buffer | undefined> {
  const file = UnlinkedFile.tryCreate(texts);
  if (file === undefined) return undefined;
  try {
    const run = { pattern, output: [output], text: file.fd, maxBytes: 2 * MAX_BATCH_BYTES };
    const result = await forkServers.run(run, signal);
    return result?.isComplete ? result.stdout : undefined;
  } finally {
    file.close();
  }
}

function parseLines(bytes: Buffer, withPaths: boolean): OutputLine[] {
  const lines: OutputLine[] = [];
  for (let start = 0, end = 0; start < bytes.length; start = end) {
    const isSeparator = SEPARATOR.equals(bytes.subarray(start, start + SEPARATOR.length));
    let mark = withPaths && !isSeparator ? bytes.indexOf(0, start) + 1 : start;
    while (isDigit(bytes[mark])) mark += 1;
    end = bytes.indexOf(NEWLINE, mark) + 1;
    lines.push({ start, mark, end, isSelected: bytes[mark] === COLON });
  }
  return lines;
}

function joinTexts(bytes: Buffer, lines: readonly OutputLine[]): Buffer {
  return Buffer.concat(lines.map(({ mark, end }) => bytes.subarray(mark + 1, end)));
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
