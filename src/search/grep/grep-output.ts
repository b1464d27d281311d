// Parses grep's output with paths, line numbers, context and marked matches.
import { randomBytes } from 'node:crypto';
import type { EntryObject, Match } from '../engine.js';
import type { LineRecord } from '../entries/context-entries.js';
import { type LineEnd, LineSplitter, maxLineBytes } from '../entries/lines.js';

export interface GrepLinesOptions {
  /** Whether the lines carry line numbers, and also paths unless `file` is set. */
  withLocations: boolean;
  /** The path of the file if there is only one. The lines then carry no paths. */
  file?: string | undefined;
  /** Returns the path that callers use for a path that grep prints. */
  pathOf?: ((printed: string) => string) | undefined;
  /** The files whose texts grep reads as one. The lines then carry no paths. */
  sections?: readonly GrepSection[] | undefined;
  /** The maximum length of a line, in UTF-16 code units. */
  maxLength: number;
  lineEnd: LineEnd;
  /** Set if grep marks the matches. */
  markers?: MatchMarkers | undefined;
  /** Whether the next record needs its text and matches, which take time to parse. */
  needsTexts?: (() => boolean) | undefined;
}

/** A part of what grep reads: the text of a file, or a part of it. */
export interface GrepSection {
  file: { path: string };
  /** The number of its first line in what grep reads, counted from 1. */
  firstLine: number;
  lines: number;
  /** The number of its first line in the file, counted from 1. */
  lineInFile: number;
}

export type GroupedRecord = LineRecord | typeof GROUP_END;

/** The end of a group: the next line isn't adjacent to the previous one, or is in another file. */
export const GROUP_END = Symbol('end of a group');

/** Leaves room for the path (PATH_MAX), the line number and some match markers. */
const OVERHEAD_BYTES = 8192;

/**
 * Parses the output of grep with -A and -B, and either -b or -H -Z -n. Each line starts with its
 * path and NUL, if any, then its number, then `:` for a match or `-` for context. The only other
 * line is the separator `--`. (-b is cheaper than -n, which makes grep count all newlines.)
 */
export class GrepLines {
  readonly #splitter: LineSplitter;
  readonly #withLocations: boolean;
  readonly #markers: MatchMarkers | undefined;
  readonly #needsTexts: () => boolean;
  readonly #withPaths: boolean;
  readonly #pathOf: ((printed: string) => string) | undefined;
  readonly #sections: readonly GrepSection[] | undefined;
  /** The index of the section of the last line. */
  #section = 0;
  #file: string;
  /** The last path that grep printed. */
  #path = '';
  /** The file of the current group, if it has lines. */
  #groupFile: string | undefined;

  constructor({ withLocations, file, pathOf, sections, maxLength, lineEnd, markers, needsTexts }: GrepLinesOptions) {
    this.#splitter = new LineSplitter(maxLineBytes(maxLength) + OVERHEAD_BYTES, lineEnd);
    this.#withLocations = withLocations;
    this.#withPaths = withLocations && file === undefined && sections === undefined;
    this.#pathOf = pathOf;
    this.#sections = sections;
    this.#file = file ?? '';
    this.#markers = markers;
    this.#needsTexts = needsTexts ?? (() => true);
  }

  *read(output: Buffer): Generator<GroupedRecord> {
    for (const [index, line] of this.#splitter.read(output).entries()) {
      if (line === '--') {
        this.#groupFile = undefined;
        yield GROUP_END;
        continue;
      }
      const record = this.#parse(line, index === 0 && this.#splitter.isFirstTruncated);
      // Context doesn't cross file boundaries.
      if (this.#groupFile !== undefined && this.#groupFile !== record.file) yield GROUP_END;
      this.#groupFile = record.file;
      yield record;
    }
  }

  #parse(line: string, isTruncated: boolean): LineRecord {
    let start = 0;
    if (this.#withPaths) {
      const end = line.indexOf('\0');
      if (end !== this.#path.length || !line.startsWith(this.#path)) {
        this.#path = line.slice(0, end);
        this.#file = this.#pathOf?.(this.#path) ?? this.#path;
      }
      start = end + 1;
    }
    let numberEnd = start;
    while (isDigit(line.charCodeAt(numberEnd))) numberEnd += 1;
    const isMatch = line[numberEnd] === ':';
    const number = this.#withLocations ? Number(line.slice(start, numberEnd)) : 0;
    return {
      ...(this.#sections === undefined ? { file: this.#file, line: number } : this.#locate(this.#sections, number)),
      isMatch,
      isTruncated,
      ...this.#parseContent(isMatch, line, numberEnd + 1),
    };
  }

  /** Finds the file of a line. Lines come in order. */
  #locate(sections: readonly GrepSection[], number: number): { file: string; line: number } {
    let section = sections[this.#section] as GrepSection;
    while (number >= section.firstLine + section.lines) {
      this.#section += 1;
      section = sections[this.#section] as GrepSection;
    }
    this.#file = section.file.path;
    return { file: this.#file, line: number - section.firstLine + section.lineInFile };
  }

  #parseContent(isMatch: boolean, line: string, start: number): Pick<LineRecord, 'text' | 'matches'> {
    if (!this.#needsTexts()) return { text: '', matches: [] };
    const content = line.slice(start);
    return isMatch && this.#markers !== undefined ? this.#markers.parse(content) : { text: content, matches: [] };
  }
}

const isDigit = (code: number) => code >= 0x30 && code <= 0x39;

/**
 * Makes grep mark matches, as `--color` does (grep(1), GREP_COLORS), and finds the markers in its
 * output. A matching line then consists of parts: a marker, a text, and END. Parts that aren't
 * matches lack END unless they are the last.
 */
export class MatchMarkers {
  /** Random, so no text contains a marker. A text may contain END, but grep's is unambiguous. */
  readonly #number = randomBytes(8).readBigUInt64BE();
  readonly #marker = new RegExp(`\\x1b\\[([12]);${this.#number}m`);

  /** The value of GREP_COLORS. Colors nothing else, and disables "erase to the end of the line". */
  get colors(): string {
    return `ms=1;${this.#number}:sl=2;${this.#number}:mc=:cx=:fn=:ln=:bn=:se=:ne`;
  }

  /**
   * Marks matches as grep does, so that `parse` finds them.
   *
   * @param matches in bytes, in order and without overlaps
   */
  mark(text: Buffer, matches: readonly Match[]): Buffer {
    const hasCr = text.at(-1) === CR && (matches.at(-1)?.[1] ?? 0) < text.length;
    const end = hasCr ? text.length - 1 : text.length;
    const parts: Buffer[] = [];
    let position = 0;
    for (const [from, to] of matches) {
      if (from > position) parts.push(this.#startOf(OTHER), text.subarray(position, from));
      parts.push(this.#startOf(MATCH), text.subarray(from, to), Buffer.from(END));
      position = to;
    }
    if (position < end) parts.push(this.#startOf(OTHER), text.subarray(position, end), Buffer.from(END));
    return Buffer.concat([...parts, text.subarray(end)]);
  }

  #startOf(kind: string): Buffer {
    return Buffer.from(`\x1b[${kind};${this.#number}m`);
  }

  parse(marked: string): Pick<EntryObject, 'text' | 'matches'> {
    // grep doesn't mark a trailing \r unless it is part of a match.
    const trailingCr = marked.endsWith('\r') ? '\r' : '';
    // Nothing precedes the first marker. Then markers and texts alternate.
    const [, ...parts] = marked.slice(0, marked.length - trailingCr.length).split(this.#marker);
    const matches: [number, number][] = [];
    let text = '';
    for (let index = 0; index < parts.length; index += 2) {
      const isMatch = parts[index] === MATCH;
      const isLast = index + 2 === parts.length;
      let part = parts[index + 1] ?? '';
      if (isLast && !part.endsWith(END)) part = part.replace(TRUNCATED_MARKER, '');
      if ((isMatch || isLast) && part.endsWith(END)) part = part.slice(0, -END.length);
      // The part is empty if the line was truncated right here.
      if (isMatch && part !== '') matches.push([text.length, text.length + part.length]);
      text += part;
    }
    return { text: text + trailingCr, matches };
  }
}

const MATCH = '1';
const OTHER = '2';
const CR = 0x0d;
const END = '\x1b[m';

/** A marker that was truncated together with its line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: markers begin with Escape
const TRUNCATED_MARKER = /\x1b(\[([12](;\d*)?)?)?$/;
