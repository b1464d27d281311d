// Computes where in the files of a dictionary the matches of a search lie, for a dispersion plot.
import { TimeSlice } from '../concurrency/time-slice.js';
import type { EntryObject, SearchEngine, SearchQuery } from './engine.js';

/** Neighboring matches. Start and end are fractions of the file: 0 is its start, 1 its end. */
export interface Mark {
  start: number;
  end: number;
  /** The line numbers of the first and the last match. */
  firstLine: number;
  lastLine: number;
  count: number;
}

/** A file with matches. */
export interface Strip {
  file: string;
  /** The number of lines of the file. */
  lines: number;
  count: number;
  /** In file order; they don't overlap. */
  marks: Mark[];
}

export interface Dispersion {
  /** In search order, at most `MAX_STRIPS`. */
  strips: Strip[];
  nrOfFiles: number;
  nrOfFilesWithMatches: number;
  /** Whether the whole dictionary was searched before `softTimeout` aborted. */
  isComplete: boolean;
}

export const MAX_STRIPS = 300;

/**
 * Files are divided as finely as `MAX_MARKS` allows. If even a coarse division gives more marks,
 * neighboring marks are joined.
 */
export const MAX_MARKS = 1_200;
const MAX_DIVISION = 480;
const DIVISIONS = [480, 240, 120, 60, 30];
const JOINED_DIVISIONS = [60, 30, 15, 8, 4, 2, 1];

interface FileMatches {
  file: string;
  lines: number;
  count: number;
  /** Keyed by the part of the file, one of `MAX_DIVISION`. */
  bins: Map<number, Omit<Mark, 'start' | 'end'>>;
}

/**
 * Counts all matches of a query, and ignores its paging, order, format and context. When
 * `softTimeout` aborts, returns the matches found so far. Throws like a search, and the reason of
 * `signal`.
 */
export async function disperse(
  engine: SearchEngine,
  query: SearchQuery,
  { signal, softTimeout }: { signal: AbortSignal; softTimeout: AbortSignal },
): Promise<Dispersion> {
  const matchesByFile = new Map<string, FileMatches>();
  let nrOfFiles = 0;
  let isComplete = true;
  try {
    const eitherSignal = AbortSignal.any([signal, softTimeout]);
    const lineCounts = await engine.lineCounts(query.dictionary, eitherSignal);
    nrOfFiles = lineCounts.size;
    for await (const { file, line } of matchingLines(engine, query, eitherSignal)) {
      const lines = lineCounts.get(file);
      // The file was added, or has grown, since its lines were counted.
      if (lines === undefined || line > lines) continue;
      const matches = matchesByFile.get(file) ?? { file, lines, count: 0, bins: new Map() };
      matchesByFile.set(file, matches);
      addMatch(matches, line, matchesByFile.size <= MAX_STRIPS);
    }
  } catch (error) {
    if (signal.aborted || !softTimeout.aborted) throw error;
    isComplete = false;
  }
  const strips = createStrips([...matchesByFile.values()].slice(0, MAX_STRIPS));
  return { strips, nrOfFiles, nrOfFilesWithMatches: matchesByFile.size, isComplete };
}

async function* matchingLines(
  engine: SearchEngine,
  query: SearchQuery,
  signal: AbortSignal,
): AsyncGenerator<EntryObject> {
  const everyMatch = { nresults: 0, offset: 0, order: 'file', format: 'location', n_before: 0, n_after: 0 } as const;
  const slice = new TimeSlice();
  for await (const entries of engine.search({ ...query, ...everyMatch }, signal)) {
    yield* entries;
    if (slice.isExpired) await slice.yieldToEventLoop();
  }
}

function addMatch(matches: FileMatches, line: number, isShown: boolean): void {
  matches.count += 1;
  if (!isShown) return;
  const bin = Math.floor(((line - 1) * MAX_DIVISION) / matches.lines);
  const existing = matches.bins.get(bin);
  if (existing === undefined) matches.bins.set(bin, { firstLine: line, lastLine: line, count: 1 });
  else {
    existing.lastLine = line;
    existing.count += 1;
  }
}

function createStrips(files: FileMatches[]): Strip[] {
  const nrOfMarks = (strips: Strip[]) => strips.reduce((sum, { marks }) => sum + marks.length, 0);
  for (const division of DIVISIONS) {
    const strips = files.map((matches) => createStrip(matches, division));
    if (nrOfMarks(strips) <= MAX_MARKS) return strips;
  }
  let strips: Strip[] = [];
  for (const division of JOINED_DIVISIONS) {
    strips = files.map((matches) => {
      const strip = createStrip(matches, division);
      return { ...strip, marks: joinNeighbors(strip.marks) };
    });
    if (nrOfMarks(strips) <= MAX_MARKS) break;
  }
  return strips;
}

function createStrip({ file, lines, count, bins }: FileMatches, division: number): Strip {
  const marks: Mark[] = [];
  let last = -1;
  for (const [bin, { firstLine, lastLine, count }] of bins) {
    const part = Math.floor((bin * division) / MAX_DIVISION);
    const mark = marks.at(-1);
    if (part === last && mark !== undefined) {
      mark.lastLine = lastLine;
      mark.count += count;
      continue;
    }
    last = part;
    // In a short file, a line is longer than a part.
    const start = lines < division ? (firstLine - 1) / lines : part / division;
    marks.push({ start, end: start + Math.max(1 / division, 1 / lines), firstLine, lastLine, count });
  }
  return { file, lines, count, marks };
}

function joinNeighbors(marks: Mark[]): Mark[] {
  const joined: Mark[] = [];
  for (const mark of marks) {
    const last = joined.at(-1);
    if (last === undefined || mark.start - last.end > 1e-9) joined.push({ ...mark });
    else {
      last.end = mark.end;
      last.lastLine = mark.lastLine;
      last.count += mark.count;
    }
  }
  return joined;
}
