// Matches become entries with their context.
import type { Entry, EntryObject, SearchQuery } from '../engine.js';
import { cut } from './lines.js';
import type { Selection } from './selection.js';

/** A line or a quote that is a match, or is near one. */
export interface LineRecord {
  file: string;
  /** Its number in the file, or that of its first line. */
  line: number;
  isMatch: boolean;
  text: string;
  /** Whether the text was cut. */
  isCut: boolean;
  /** As in EntryObject. */
  matches: [start: number, end: number][];
}

export interface ContextOptions {
  selection: Selection;
  n_before: number;
  n_after: number;
  format: SearchQuery['format'];
  /** The longest text, in UTF-16 code units. The context before a match, and that after it, are no longer than that either. */
  longest: number;
}

/** An entry that still lacks context after its match. */
interface Open {
  index: number;
  entry: EntryObject;
  lacks: number;
  /** How much text its context after the match may still have. */
  room: number;
}

/** Where contexts overlap, grep prints a line once; here each match gets its own copy. */
export class ContextEntries {
  readonly #options: ContextOptions;
  /** The last items of the group, at most `n_before`. */
  #recent: { text: string; isCut: boolean }[] = [];
  #recentLength = 0;
  /** Whether `#recent` lacks items because they were too long together. */
  #recentIsShort = false;
  /** Oldest first. */
  #open: Open[] = [];
  nrOfEntries = 0;
  /** Whether an entry was cut. */
  wasCut = false;

  constructor(options: ContextOptions) {
    this.#options = options;
  }

  /** Whether an entry lacks context that may still come. */
  get isOpen(): boolean {
    return this.#open.length > 0;
  }

  /** Takes the next item of the group, and returns the entry that it completes, if any. */
  take(item: LineRecord): Entry[] {
    const { selection, longest } = this.#options;
    const text = cut(item.text, longest);
    const isCut = item.isCut || text.length < item.text.length;
    for (const open of this.#open) {
      open.lacks -= 1;
      open.room -= text.length;
      if (isCut || open.room < 0) this.wasCut = true;
      if (open.room >= 0) open.entry.after.push(text);
    }
    if (item.isMatch) {
      if (selection.wants(this.nrOfEntries)) this.#begin(item, text, isCut);
      this.nrOfEntries += 1;
    }
    this.#remember(text, isCut);
    // All lack the same at first: no more than one is complete now.
    return this.#open[0]?.lacks === 0 ? this.#close() : [];
  }

  /** The group has no more items. The entries that were open: one after the other, as many that are long are much. */
  *end(): Generator<Entry> {
    this.#recent = [];
    this.#recentLength = 0;
    this.#recentIsShort = false;
    while (this.#open.length > 0) yield* this.#close();
  }

  #begin({ file, line, matches }: LineRecord, text: string, isCut: boolean): void {
    if (isCut || this.#recentIsShort || this.#recent.some((item) => item.isCut)) this.wasCut = true;
    const before = this.#recent.map((item) => item.text);
    const entry = { file, line, text, before, after: [], matches: isCut ? within(matches, text.length) : matches };
    const { n_after, longest } = this.#options;
    this.#open.push({ index: this.nrOfEntries, entry, lacks: n_after, room: longest });
  }

  /** The oldest of those that are open. */
  #close(): Entry[] {
    const { selection, format } = this.#options;
    const { index, entry } = this.#open.shift() as Open;
    return selection.take(index, [format === 'text' ? asText(entry) : entry]);
  }

  #remember(text: string, isCut: boolean): void {
    const { n_before, longest } = this.#options;
    if (n_before === 0) return;
    this.#recent.push({ text, isCut });
    this.#recentLength += text.length;
    if (this.#recent.length > n_before) this.#forget();
    else if (this.#recent.length === n_before) this.#recentIsShort = false;
    while (this.#recentLength > longest) {
      this.#forget();
      this.#recentIsShort = true;
    }
  }

  #forget(): void {
    this.#recentLength -= this.#recent.shift()?.text.length ?? 0;
  }
}

function asText({ before, text, after }: EntryObject): string {
  return before.length + after.length === 0 ? text : [...before, text, ...after].join('\n');
}

/** The matches in what is left of a text. */
function within(matches: [number, number][], length: number): [number, number][] {
  return matches
    .filter(([start]) => start < length)
    .map(([start, end]): [number, number] => [start, Math.min(end, length)]);
}
