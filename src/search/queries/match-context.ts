// The text and the sort keys of the matches of an entry.
import type { EntryObject, Match } from '../engine.js';
import { truncate } from '../entries/lines.js';
import type { ConcordanceLine, ConcordanceQuery, SortOrder } from '../query.js';
import { endOfCharacters, startOfCharacters } from './nearby-characters.js';
import { NearbyWords, type Range } from './nearby-words.js';

/** Bounds a side that is measured in words, in characters. */
export const MAX_SIDE_CHARACTERS = 4_000;

/** How many words on a side decide the order. */
const SORT_WORDS = 3;

/** Longer words, and matches, are compared by their beginning of this length, in UTF-16 code units. */
export const MAX_SORT_WORD_LENGTH = 256;

/** Its methods expect matches in the order of the text. */
export class MatchContext {
  readonly #entry: EntryObject;
  readonly #text: string;
  readonly #width: number;
  readonly #isInWords: boolean;
  readonly #words: NearbyWords;
  /** The number of the line that has been counted to, and where it ends, or -1. */
  #line: number;
  #newline: number;

  constructor(entry: EntryObject, { width, width_unit }: Pick<ConcordanceQuery, 'width' | 'width_unit'>) {
    this.#entry = entry;
    this.#text = entry.text;
    this.#width = width;
    this.#isInWords = width_unit === 'words' && width > 0;
    this.#words = new NearbyWords(entry.text);
    this.#line = entry.line;
    this.#newline = entry.text.indexOf('\n');
  }

  lineOf([start, end]: Match): ConcordanceLine {
    return {
      file: this.#entry.file,
      line: this.#lineAt(start),
      left: inOneLine(this.#text.slice(this.#leftStart(start), start)),
      match: inOneLine(this.#text.slice(start, end)),
      right: inOneLine(this.#text.slice(end, this.#rightEnd(end))),
    };
  }

  /**
   * Returns what decides the order, which is the order of the code units of the keys: the match, or
   * the words on a side, nearest word first. Folded, in the order of code points.
   */
  sortKey(order: SortOrder, [start, end]: Match): string {
    const key = order === 'match' ? this.#matchKey(start, end) : this.#wordsKey(order, start, end);
    return toCodePointOrder(key.toLowerCase().normalize('NFC'));
  }

  #matchKey(start: number, end: number): string {
    return truncate(
      inOneLine(this.#text.slice(start, Math.min(end, start + MAX_SORT_WORD_LENGTH + 1))),
      MAX_SORT_WORD_LENGTH,
    );
  }

  #wordsKey(side: 'left' | 'right', start: number, end: number): string {
    const words = side === 'left' ? this.#words.before(start, SORT_WORDS) : this.#words.after(end, SORT_WORDS);
    // A space sorts before all characters of words, so a word sorts before those that it begins.
    return words.map((word) => this.#beginningOf(word)).join(' ');
  }

  #lineAt(position: number): number {
    while (this.#newline !== -1 && this.#newline < position) {
      this.#line += 1;
      this.#newline = this.#text.indexOf('\n', this.#newline + 1);
    }
    return this.#line;
  }

  #leftStart(position: number): number {
    if (!this.#isInWords) return startOfCharacters(this.#text, position, this.#width);
    const first = this.#words.before(position, this.#width)[this.#width - 1];
    return Math.max(first?.[0] ?? 0, startOfCharacters(this.#text, position, MAX_SIDE_CHARACTERS));
  }

  #rightEnd(position: number): number {
    if (!this.#isInWords) return endOfCharacters(this.#text, position, this.#width);
    const last = this.#words.after(position, this.#width)[this.#width - 1];
    return Math.min(last?.[1] ?? this.#text.length, endOfCharacters(this.#text, position, MAX_SIDE_CHARACTERS));
  }

  #beginningOf([start, end]: Range): string {
    return truncate(this.#text.slice(start, end), MAX_SORT_WORD_LENGTH);
  }
}

/** Replaces each line end and tab by one space. */
function inOneLine(text: string): string {
  return text.replace(/[\t\n\v\f\r\u0085\u2028\u2029]/g, ' ');
}

/**
 * JavaScript compares code units, and those of surrogate pairs are lower than U+E000 to U+FFFF.
 * This exchanges the two.
 */
function toCodePointOrder(text: string): string {
  return text.replace(/[\ud800-\uffff]/g, (unit) => {
    const code = unit.charCodeAt(0);
    return String.fromCharCode(code < 0xe000 ? code + 0x2000 : code - 0x800);
  });
}
