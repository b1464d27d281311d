// Finds the words beside the matches of an entry, without reading it again for each match.
import { wordsOf } from './words.js';

export type Range = readonly [start: number, end: number];

const JOINER_AT_END = /['’‐‑-]$/;
const WORD_START = /[\p{L}\p{N}]/u;

/**
 * The words on a side are those of the text on that side. So if a match is part of a word, the rest
 * of the word counts as a word.
 */
export class NearbyWords {
  readonly #text: string;
  readonly #unread: ReturnType<typeof wordsOf>;
  /** The words that have been read so far. */
  readonly #words: Range[] = [];

  constructor(text: string) {
    this.#text = text;
    this.#unread = wordsOf(text);
  }

  /** Returns the last words before a position, the nearest first. */
  before(position: number, count: number): Range[] {
    const found: Range[] = [];
    let index = this.#firstEndingAfter(position);
    const [start, end] = this.#words[index] ?? [position, position];
    if (start < position && end > position) {
      const hasJoiner = JOINER_AT_END.test(this.#text.slice(position - 1, position));
      found.push([start, hasJoiner ? position - 1 : position]);
    }
    for (index -= 1; index >= 0 && found.length < count; index -= 1) found.push(this.#words[index] as Range);
    return found.slice(0, count);
  }

  /** Returns the first words from a position on. */
  after(position: number, count: number): Range[] {
    const found: Range[] = [];
    for (let index = this.#firstEndingAfter(position); found.length < count; index += 1) {
      if (index === this.#words.length && !this.#read()) break;
      const [start, end] = this.#words[index] as Range;
      const skipped = start < position ? this.#text.slice(position, end).search(WORD_START) : 0;
      if (skipped !== -1) found.push([Math.max(start, position) + skipped, end]);
    }
    return found;
  }

  /** Returns the index of the first word that ends after a position, which may not exist. */
  #firstEndingAfter(position: number): number {
    while ((this.#words.at(-1)?.[1] ?? 0) <= position && this.#read());
    let [low, high] = [0, this.#words.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#words[middle] as Range)[1] > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Reads the next word. Returns whether there is one. */
  #read(): boolean {
    const { done, value } = this.#unread.next();
    if (done) return false;
    this.#words.push([value.start, value.end]);
    return true;
  }
}
