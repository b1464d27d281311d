// Reads the lines of a page of a text, and finds the texts beside it.
import { AppError } from '../../errors.js';
import type { Match, SearchEngine } from '../../search/engine.js';
import { copyOf, MAX_EXCERPT_LENGTH } from './excerpt.js';

/** How much of a long line to show before its first match. */
const LEAD_LENGTH = 500;

export interface ShownLine {
  /** The shown part of the line. */
  text: string;
  /** The offset of that part in the line. */
  offset: number;
  /** The length of the whole line, in UTF-16 code units. */
  length: number;
  /** The matches in the part. */
  matches: Match[];
}

export interface LinesToRead {
  first: number;
  count: number;
  /** Where to begin in a line; by default, at its start or near its first match. */
  offsetIn: (line: number) => number | undefined;
  matches: ReadonlyMap<number, Match[]>;
}

export async function readLines(
  engine: SearchEngine,
  file: string,
  { first, count, offsetIn, matches }: LinesToRead,
  signal: AbortSignal,
): Promise<ShownLine[]> {
  const query = { nresults: count, offset: first - 1, unit: 'line', order: 'file', format: 'text' } as const;
  const shown: ShownLine[] = [];
  for await (const entries of engine.all({ dictionary: file, ...query }, signal)) {
    for (const entry of entries) {
      const line = first + shown.length;
      shown.push(toShownLine(String(entry), matches.get(line) ?? [], offsetIn(line)));
    }
    // Reading on would only count the lines, and the count is known.
    if (shown.length === count) break;
  }
  return shown;
}

/** Truncates a line to the maximum length. An offset beyond the end counts as 0. */
function toShownLine(line: string, matches: readonly Match[], requestedOffset = offsetOfMatch(matches)): ShownLine {
  const { length } = line;
  const offset = requestedOffset < length ? requestedOffset : 0;
  const isWhole = offset === 0 && length <= MAX_EXCERPT_LENGTH;
  const text = isWhole ? line : copyOf(line.slice(offset, offset + MAX_EXCERPT_LENGTH));
  const end = offset + text.length;
  const shownMatches = matches
    .filter(([from, to]) => from < end && to > offset)
    .map(([from, to]): Match => [Math.max(from, offset) - offset, Math.min(to, end) - offset]);
  return { text, offset, length, matches: shownMatches };
}

/** Returns an offset at which the part of a line shows the first match. */
function offsetOfMatch([first]: readonly Match[]): number {
  return first === undefined || first[1] <= MAX_EXCERPT_LENGTH ? 0 : Math.max(0, first[0] - LEAD_LENGTH);
}

export interface Neighbors {
  previous: string | undefined;
  next: string | undefined;
}

const NO_NEIGHBORS: Neighbors = { previous: undefined, next: undefined };

/** Returns a file's neighbors in its dictionary, or none if its folder can't be listed. */
export async function findNeighbors(engine: SearchEngine, file: string, signal: AbortSignal): Promise<Neighbors> {
  const [dictionary] = file.split('/', 1);
  if (dictionary === file) return NO_NEIGHBORS;
  try {
    const files = await engine.files(dictionary, signal);
    const index = files.findIndex((other) => other.file === file);
    return index === -1 ? NO_NEIGHBORS : { previous: files[index - 1]?.file, next: files[index + 1]?.file };
  } catch (error) {
    if (signal.aborted || !(error instanceof AppError)) throw error;
    return NO_NEIGHBORS;
  }
}
