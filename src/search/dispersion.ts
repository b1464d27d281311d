// Computes where in the files of a dictionary the matches of a search lie, for a dispersion plot.
import type { MatchObserver } from './engine.js';

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
  /** The number of matches of each file that has any, in search order. */
  countByFile: ReadonlyMap<string, number>;
  /** Whether all matches were observed. */
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

/** Bounds the memory and time for matches that are observed before the lines are counted. */
const MAX_EARLY_MATCHES = 250_000;

/** Observes a search. Needs the number of lines of each file, too, but accepts it at any time. */
export class DispersionRecorder implements MatchObserver {
  readonly #closing = new AbortController();
  readonly #matchesByFile = new Map<string, FileMatches>();
  #lineCounts: ReadonlyMap<string, number> | undefined;
  /** The lines of the matches before the line counts are known, by file. */
  readonly #earlyLines = new Map<string, number[]>();
  #nrOfMatches = 0;
  /** Whether further matches are ignored. */
  #isFull = false;

  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  /** Lets the engine stop locating matches. Records those that it locates nevertheless. */
  close(): void {
    this.#closing.abort();
  }

  observe(file: string, line: number): void {
    if (this.#isFull) return;
    this.#nrOfMatches += 1;
    if (this.#lineCounts !== undefined) this.#record(file, line, this.#lineCounts);
    else this.#recordEarly(file, line);
  }

  setLineCounts(lineCounts: ReadonlyMap<string, number>): void {
    this.#lineCounts = lineCounts;
    for (const [file, lines] of this.#earlyLines) {
      for (const line of lines) this.#record(file, line, lineCounts);
    }
    this.#earlyLines.clear();
  }

  /**
   * Returns `undefined` unless the line counts are known.
   *
   * @param nrOfEntries as in the summary of the search
   */
  dispersion(nrOfEntries: number): Dispersion | undefined {
    if (this.#lineCounts === undefined) return undefined;
    return {
      strips: createStrips([...this.#matchesByFile.values()].slice(0, MAX_STRIPS)),
      nrOfFiles: this.#lineCounts.size,
      countByFile: new Map([...this.#matchesByFile].map(([file, { count }]) => [file, count])),
      isComplete: this.#nrOfMatches === nrOfEntries,
    };
  }

  #recordEarly(file: string, line: number): void {
    const lines = this.#earlyLines.get(file) ?? [];
    this.#earlyLines.set(file, lines);
    lines.push(line);
    if (this.#nrOfMatches < MAX_EARLY_MATCHES) return;
    this.#isFull = true;
    this.close();
  }

  #record(file: string, line: number, lineCounts: ReadonlyMap<string, number>): void {
    const lines = lineCounts.get(file);
    // The file was added, or has grown, since its lines were counted.
    if (lines === undefined || line > lines) return;
    const matches = this.#matchesByFile.get(file) ?? { file, lines, count: 0, bins: new Map() };
    this.#matchesByFile.set(file, matches);
    addMatch(matches, line, this.#matchesByFile.size <= MAX_STRIPS);
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
