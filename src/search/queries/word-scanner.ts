// Finds the words of a text by their offsets, without a string for each: about ten times as fast as
// `wordsOf`, whose words these are.
import { type Word, wordsOf } from './words.js';

const OTHER = 0;
/** Letters and digits. */
const BASE = 1;
const MARK = 2;
/** Apostrophes and hyphens. */
const JOINER = 3;
const SURROGATE = 4;

/** The kind of each code unit. */
let kinds: Uint8Array | undefined;

function createKinds(): Uint8Array {
  const all = new Uint8Array(0x10000).fill(OTHER);
  const units = Buffer.from(Uint16Array.from(all, (_, unit) => unit).buffer).toString('utf16le');
  for (const [pattern, kind] of [
    [/[\p{L}\p{N}]/gu, BASE],
    [/\p{M}/gu, MARK],
    [/['’‐‑-]/gu, JOINER],
    [/[\ud800-\udfff]/g, SURROGATE],
  ] as const) {
    for (const { index } of units.matchAll(pattern)) all[index] = kind;
  }
  return all;
}

export class WordScanner {
  readonly #kinds: Uint8Array;
  readonly #text: string;
  /** Finds the remaining words, from the first character outside the BMP on. */
  #rest: Iterator<Word> | undefined;
  #restStart = 0;
  /** The offsets of the current word. */
  start = 0;
  end = 0;

  constructor(text: string) {
    kinds ??= createKinds();
    this.#kinds = kinds;
    this.#text = text;
  }

  /** Moves to the next word. Returns `false` if there is none. */
  next(): boolean {
    if (this.#rest !== undefined) return this.#nextOfRest();
    const text = this.#text;
    const { length } = text;
    let at = this.end;
    let kind = OTHER;
    for (; at < length; at += 1) {
      kind = this.#kindAt(at);
      if (kind === BASE || kind === SURROGATE) break;
    }
    this.start = at;
    if (at === length) {
      this.end = at;
      return false;
    }
    while (kind === BASE || kind === MARK) {
      at += 1;
      kind = this.#kindAt(at);
      if (kind === JOINER) {
        const next = this.#kindAt(at + 1);
        if (next !== BASE && next !== SURROGATE) break;
        at += 1;
        kind = next;
      }
    }
    if (kind === SURROGATE) {
      this.#restStart = this.start;
      this.#rest = wordsOf(text.slice(this.start));
      return this.#nextOfRest();
    }
    this.end = at;
    return true;
  }

  #kindAt(at: number): number {
    return at < this.#text.length ? (this.#kinds[this.#text.charCodeAt(at)] as number) : OTHER;
  }

  #nextOfRest(): boolean {
    const step = (this.#rest as Iterator<Word>).next();
    if (step.done) return false;
    this.start = this.#restStart + step.value.start;
    this.end = this.#restStart + step.value.end;
    return true;
  }
}
