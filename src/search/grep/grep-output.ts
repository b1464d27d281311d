// What grep prints where its lines carry more than their text: which file, which line, and what in it matches.
import { randomBytes } from 'node:crypto';
import type { EntryObject } from '../engine.js';
import type { LineRecord } from '../entries/context-entries.js';
import { bytesToShow, type LineEnd, Lines } from '../entries/lines.js';

export interface GrepLinesOptions {
  /** Whether the lines carry their own numbers, as they must where places are asked for. Then also their files' paths. */
  located: boolean;
  /** The path of the file if there is only one; the lines don't carry it then. */
  file?: string | undefined;
  /** Maps the paths that grep prints to the paths that callers use. */
  names?: ReadonlyMap<string, string> | undefined;
  /** The longest line, in UTF-16 code units. */
  longest: number;
  lineEnd: LineEnd;
  /** Where the matches are marked, their marks. */
  marks?: MatchMarkers | undefined;
}

export type GroupedRecord = LineRecord | typeof GROUP_END;

/** The end of a group: the next line does not adjoin the last one, or is of another file. */
export const GROUP_END = Symbol('end of a group');

/** The path (PATH_MAX), the number and a few marks. */
const BYTES_ON_TOP = 8192;

/**
 * Reads the output of grep with -A and -B, and with -b or with -H -Z -n. Every line begins with its path and NUL, if any, then
 * its number, then `:` for a match or `-` for context; only the separator `--` between groups does not. (-b tells matches from
 * context as -n would, and costs less: -n makes grep count all newlines.)
 */
export class GrepLines {
  readonly #lines: Lines;
  readonly #located: boolean;
  readonly #marks: MatchMarkers | undefined;
  /** Whether the lines carry their file's path. */
  readonly #isNamed: boolean;
  readonly #names: ReadonlyMap<string, string> | undefined;
  #file: string;
  /** As grep prints it. */
  #path = '';

  constructor({ located, file, names, longest, lineEnd, marks }: GrepLinesOptions) {
    this.#lines = new Lines(bytesToShow(longest) + BYTES_ON_TOP, lineEnd);
    this.#located = located;
    this.#isNamed = located && file === undefined;
    this.#names = names;
    this.#file = file ?? '';
    this.#marks = marks;
  }

  *read(output: Buffer): Generator<GroupedRecord> {
    for (const [at, line] of this.#lines.read(output).entries()) {
      yield line === '--' ? GROUP_END : this.#parse(line, at === 0 && this.#lines.firstIsCut);
    }
  }

  #parse(line: string, isCut: boolean): LineRecord {
    let start = 0;
    if (this.#isNamed) {
      const end = line.indexOf('\0');
      if (end !== this.#path.length || !line.startsWith(this.#path)) {
        this.#path = line.slice(0, end);
        this.#file = this.#names?.get(this.#path) ?? this.#path;
      }
      start = end + 1;
    }
    let mark = start;
    while (isDigit(line.charCodeAt(mark))) mark += 1;
    const isMatch = line[mark] === ':';
    const marked = line.slice(mark + 1);
    return {
      file: this.#file,
      line: this.#located ? Number(line.slice(start, mark)) : 0,
      isMatch,
      isCut,
      ...(isMatch && this.#marks !== undefined ? this.#marks.parse(marked) : { text: marked, matches: [] }),
    };
  }
}

const isDigit = (code: number) => code >= 0x30 && code <= 0x39;

/**
 * Has grep mark what matches, as `--color` does (grep(1), GREP_COLORS). A matching line is then pieces, each between one of two
 * marks and the next: what matches, which is followed by END, and what does not, followed by END only at the line's end.
 * The marks hold a random number, so that no text holds them; END it may hold, but which END is grep's is always clear.
 */
export class MatchMarkers {
  readonly #number = randomBytes(8).readBigUInt64BE();
  readonly #mark = new RegExp(`\\x1b\\[([12]);${this.#number}m`);

  /** For grep's environment. No colour for anything else, and no "erase to the end of the line". */
  get colors(): string {
    return `ms=1;${this.#number}:sl=2;${this.#number}:mc=:cx=:fn=:ln=:bn=:se=:ne`;
  }

  parse(marked: string): Pick<EntryObject, 'text' | 'matches'> {
    // grep leaves a \r at the end unmarked, unless it matches.
    const last = marked.endsWith('\r') ? '\r' : '';
    // What is before the first mark is empty; then marks and pieces take turns.
    const [, ...parts] = marked.slice(0, marked.length - last.length).split(this.#mark);
    const matches: [number, number][] = [];
    let text = '';
    for (let at = 0; at < parts.length; at += 2) {
      const matched = parts[at] === MATCHED;
      const isLast = at + 2 === parts.length;
      let piece = parts[at + 1] ?? '';
      if (isLast && !piece.endsWith(END)) piece = piece.replace(TORN_MARK, '');
      if ((matched || isLast) && piece.endsWith(END)) piece = piece.slice(0, -END.length);
      // Empty where the line was cut just here.
      if (matched && piece !== '') matches.push([text.length, text.length + piece.length]);
      text += piece;
    }
    return { text: text + last, matches };
  }
}

const MATCHED = '1';
const END = '\x1b[m';

/** At the end of a line that was cut, and so may end within a mark. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: marks begin with Escape
const TORN_MARK = /\x1b(\[([12](;\d*)?)?)?$/;
