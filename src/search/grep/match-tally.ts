// Counts the lines and matches in grep's output with -n, or with -n and -o, without decoding it.
import type { GrepSection } from './grep-output.js';

/** The entries and matches of a file. */
export interface TallyCount {
  /** The number of different lines. */
  entries: number;
  /** The number of lines that grep printed: with -o, one for each match that isn't empty. */
  matches: number;
}

export interface MatchTallyOptions {
  /** Where to add the counts, by path. Files without any are left out. */
  counts: Map<string, TallyCount>;
  /** The path of the file if there is only one. Otherwise -H and -Z make grep print the paths. */
  file?: string | undefined;
  /** Returns the path that callers use for a path that grep prints. */
  pathOf?: ((printed: string) => string) | undefined;
  /** The files whose texts grep reads as one. */
  sections?: readonly GrepSection[] | undefined;
}

const NEWLINE = 0x0a;
const COLON = 0x3a;
const ZERO = 0x30;

/** What the next byte belongs to: each line is `<path>\0<number>:<text>\n`, or lacks the path. */
enum Part {
  path,
  number,
  text,
}

/** Longer texts are skipped by a call that costs as much as this many steps of a loop. */
const MAX_STEPS = 64;

export class MatchTally {
  readonly #counts: Map<string, TallyCount>;
  readonly #pathOf: ((printed: string) => string) | undefined;
  readonly #sections: readonly GrepSection[] | undefined;
  /** What a line begins with. */
  readonly #first: Part.path | Part.number;
  #part: Part;
  /** The path of the latest line, or as much of it as has arrived, followed by older bytes. */
  #path = Buffer.alloc(256);
  #pathBytes = 0;
  /** How much of the next path has arrived, and whether it differs from the latest one. */
  #at = 0;
  #isOther = false;
  #number = 0;
  #lastNumber = 0;
  #section = 0;
  /** The line after the current section, if there are sections. */
  #sectionEnd = Number.POSITIVE_INFINITY;
  #file: string | undefined;
  #count: TallyCount | undefined;

  constructor({ counts, file, pathOf, sections }: MatchTallyOptions) {
    this.#counts = counts;
    this.#pathOf = pathOf;
    this.#sections = sections;
    this.#first = file === undefined && sections === undefined ? Part.path : Part.number;
    this.#part = this.#first;
    this.#file = file;
    // The first line belongs to a section that is yet to be found.
    if (sections !== undefined) this.#sectionEnd = 0;
  }

  read(chunk: Buffer): void {
    const { length } = chunk;
    let part = this.#part;
    let number = this.#number;
    for (let at = 0; at < length; at += 1) {
      const byte = chunk[at] as number;
      if (part === Part.text) {
        if (byte === NEWLINE) part = this.#first;
        else {
          // Most texts are short.
          const end = Math.min(length, at + MAX_STEPS);
          while (at < end && chunk[at] !== NEWLINE) at += 1;
          if (at === end) {
            const newline = chunk.indexOf(NEWLINE, at);
            at = newline === -1 ? length : newline;
          }
          if (at < length) part = this.#first;
        }
      } else if (part === Part.number) {
        if (byte !== COLON) number = 10 * number + byte - ZERO;
        else {
          this.#add(number);
          number = 0;
          part = Part.text;
        }
      } else if (byte !== 0) this.#addToPath(byte);
      else {
        this.#endPath();
        part = Part.number;
      }
    }
    this.#part = part;
    this.#number = number;
  }

  #add(number: number): void {
    if (number >= this.#sectionEnd) this.#moveTo(number);
    let count = this.#count;
    if (count === undefined) {
      count = this.#counts.get(this.#file as string) ?? { entries: 0, matches: 0 };
      this.#counts.set(this.#file as string, count);
      this.#count = count;
    }
    if (number !== this.#lastNumber) count.entries += 1;
    count.matches += 1;
    this.#lastNumber = number;
  }

  /** Finds the section of a line. Lines come in order. */
  #moveTo(number: number): void {
    const sections = this.#sections as readonly GrepSection[];
    const endOf = ({ firstLine, lines }: GrepSection) => firstLine + lines;
    while (number >= endOf(sections[this.#section] as GrepSection)) this.#section += 1;
    const section = sections[this.#section] as GrepSection;
    this.#sectionEnd = endOf(section);
    this.#file = section.file.path;
    this.#count = undefined;
  }

  #addToPath(byte: number): void {
    const at = this.#at;
    if (at === this.#path.length) this.#path = Buffer.concat([this.#path, Buffer.alloc(at)]);
    if (this.#path[at] !== byte) {
      this.#path[at] = byte;
      this.#isOther = true;
    }
    this.#at = at + 1;
  }

  #endPath(): void {
    if (this.#isOther || this.#at !== this.#pathBytes) {
      const printed = this.#path.toString('utf8', 0, this.#at);
      this.#file = this.#pathOf?.(printed) ?? printed;
      this.#pathBytes = this.#at;
      this.#count = undefined;
      this.#lastNumber = 0;
    }
    this.#at = 0;
    this.#isOther = false;
  }
}
