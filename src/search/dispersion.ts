// Where in a dictionary the matches lie, as dispersion plots of corpus tools show it.
import { TimeSlice } from '../concurrency/time-slice.js';
import type { EntryObject, SearchEngine, SearchQuery } from './engine.js';

/** Matches that lie next to each other. Start and end are parts of the file: 0 is its beginning, 1 its end. */
export interface Mark {
  start: number;
  end: number;
  /** The lines of the first and the last match. */
  firstLine: number;
  lastLine: number;
  count: number;
}

/** A file with matches. */
export interface Strip {
  file: string;
  /** The lines of the file. */
  lines: number;
  count: number;
  /** In file order; they don't overlap. */
  marks: Mark[];
}

export interface Dispersion {
  /** In the order in which files are searched: no more than `MAX_STRIPS`. */
  strips: Strip[];
  nrOfFiles: number;
  nrOfFilesWithMatches: number;
  /** False where there was not enough time to look through all of it. */
  isWhole: boolean;
}

export const MAX_STRIPS = 300;

/** How finely files are divided: as finely as gives no more than this many marks in all. Where they must be coarse, neighbours are joined. */
export const MAX_MARKS = 1_200;
const FINEST = 480;
const DIVISIONS = [480, 240, 120, 60, 30];
const JOINED_DIVISIONS = [60, 30, 15, 8, 4, 2, 1];

interface Counting {
  file: string;
  lines: number;
  count: number;
  /** By the part of the file, of `FINEST` parts. */
  bins: Map<number, Omit<Mark, 'start' | 'end'>>;
}

/**
 * @param query of which the matches are taken, all of them, whatever it says of paging, order, format and context
 * @param enough ends it, and what was found until then is returned
 * @throws what a search throws, and the signal's reason
 */
export async function disperse(
  engine: SearchEngine,
  query: SearchQuery,
  { signal, enough }: { signal: AbortSignal; enough: AbortSignal },
): Promise<Dispersion> {
  const countings = new Map<string, Counting>();
  let nrOfFiles = 0;
  let isWhole = true;
  try {
    const until = AbortSignal.any([signal, enough]);
    const linesOf = await engine.lineCounts(query.dictionary, until);
    nrOfFiles = linesOf.size;
    for await (const { file, line } of placesOf(engine, query, until)) {
      const lines = linesOf.get(file);
      // It was added or has grown meanwhile.
      if (lines === undefined || line > lines) continue;
      const counting = countings.get(file) ?? { file, lines, count: 0, bins: new Map() };
      countings.set(file, counting);
      count(counting, line, countings.size <= MAX_STRIPS);
    }
  } catch (error) {
    if (signal.aborted || !enough.aborted) throw error;
    isWhole = false;
  }
  const strips = createStrips([...countings.values()].slice(0, MAX_STRIPS));
  return { strips, nrOfFiles, nrOfFilesWithMatches: countings.size, isWhole };
}

async function* placesOf(engine: SearchEngine, query: SearchQuery, signal: AbortSignal): AsyncGenerator<EntryObject> {
  const everyMatch = { nresults: 0, offset: 0, order: 'file', format: 'location', n_before: 0, n_after: 0 } as const;
  const slice = new TimeSlice();
  for await (const entries of engine.search({ ...query, ...everyMatch }, signal)) {
    yield* entries as EntryObject[];
    if (slice.isExpired) await slice.yieldToEventLoop();
  }
}

function count(counting: Counting, line: number, isShown: boolean): void {
  counting.count += 1;
  if (!isShown) return;
  const bin = Math.floor(((line - 1) * FINEST) / counting.lines);
  const known = counting.bins.get(bin);
  if (known === undefined) counting.bins.set(bin, { firstLine: line, lastLine: line, count: 1 });
  else {
    known.lastLine = line;
    known.count += 1;
  }
}

function createStrips(countings: Counting[]): Strip[] {
  const nrOfMarks = (strips: Strip[]) => strips.reduce((sum, { marks }) => sum + marks.length, 0);
  for (const division of DIVISIONS) {
    const strips = countings.map((counting) => createStrip(counting, division));
    if (nrOfMarks(strips) <= MAX_MARKS) return strips;
  }
  let strips: Strip[] = [];
  for (const division of JOINED_DIVISIONS) {
    strips = countings.map((counting) => {
      const strip = createStrip(counting, division);
      return { ...strip, marks: joinNeighbours(strip.marks) };
    });
    if (nrOfMarks(strips) <= MAX_MARKS) break;
  }
  return strips;
}

function createStrip({ file, lines, count, bins }: Counting, division: number): Strip {
  const marks: Mark[] = [];
  let last = -1;
  for (const [bin, { firstLine, lastLine, count }] of bins) {
    const part = Math.floor((bin * division) / FINEST);
    const mark = marks.at(-1);
    if (part === last && mark !== undefined) {
      mark.lastLine = lastLine;
      mark.count += count;
      continue;
    }
    last = part;
    // A line of a short file is more than a part.
    const start = lines < division ? (firstLine - 1) / lines : part / division;
    marks.push({ start, end: start + Math.max(1 / division, 1 / lines), firstLine, lastLine, count });
  }
  return { file, lines, count, marks };
}

function joinNeighbours(marks: Mark[]): Mark[] {
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
