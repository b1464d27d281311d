// Turns matches and the lines near them into entries with context. Where contexts overlap, grep
// prints a line once, but each entry gets its own copy. The length of a context is limited.
import type { Entry, EntryObject, MatchObserver, SearchQuery } from '../engine.js';
import { truncate } from './lines.js';
import type { Selection } from './selection.js';

/** A line or a quote that is a match, or is near one. */
export interface LineRecord {
  file: string;
  /** The line number in the file; for a quote, that of its first line. */
  line: number;
  isMatch: boolean;
  text: string;
  isTruncated: boolean;
  /** As in EntryObject. */
  matches: [start: number, end: number][];
}

export interface ContextOptions {
  selection: Selection;
  n_before: number;
  n_after: number;
  format: SearchQuery['format'];
  /** Bounds a text, and the context on each side of it, in UTF-16 code units. */
  maxLength: number;
  observer?: MatchObserver | undefined;
}

/** An entry that still lacks context after its match. */
interface PendingEntry {
  index: number;
  entry: EntryObject;
  /** The number of records that its context still lacks. */
  missing: number;
  /** How much more context fits, in UTF-16 code units. */
  room: number;
}

export class ContextEntries {
  readonly #options: ContextOptions;
  #observer: MatchObserver | undefined;
  /** The last records of the group, at most `n_before`. */
  #recent: { text: string; isTruncated: boolean }[] = [];
  #recentLength = 0;
  /** Whether `#recent` was shortened to `maxLength`. */
  #isRecentTruncated = false;
  /** Oldest first. */
  #pending: PendingEntry[] = [];
  nrOfEntries = 0;
  /** Whether an entry was truncated. */
  wasTruncated = false;

  constructor(options: ContextOptions) {
    this.#options = options;
    this.#observer = options.observer;
  }

  /** Whether an entry may still get context. */
  get isOpen(): boolean {
    return this.#pending.length > 0;
  }

  /** Whether the records that follow can still become part of an entry. */
  get needsTexts(): boolean {
    return this.isOpen || this.#options.selection.mayIncludeAny(this.nrOfEntries, Number.POSITIVE_INFINITY);
  }

  /** Whether the observer, if any, needs further matches. */
  get isObserved(): boolean {
    return this.#observer?.signal.aborted === false;
  }

  /** Counts entries that aren't read. */
  skip(entries: number): void {
    this.nrOfEntries += entries;
  }

  /** Must be called before matches are omitted, since an observer must not miss one in between. */
  stopObserving(): void {
    this.#observer = undefined;
  }

  /** Takes the next record of the group, and returns the entry that it completes, if any. */
  take(record: LineRecord): Entry[] {
    const { selection, maxLength } = this.#options;
    const text = truncate(record.text, maxLength);
    const isTruncated = record.isTruncated || text.length < record.text.length;
    for (const pending of this.#pending) {
      pending.missing -= 1;
      pending.room -= text.length;
      if (isTruncated || pending.room < 0) this.wasTruncated = true;
      if (pending.room >= 0) pending.entry.after.push(text);
    }
    if (record.isMatch) {
      this.#observer?.observe(record.file, record.line);
      if (selection.mayInclude(this.nrOfEntries)) this.#begin(record, text, isTruncated);
      this.nrOfEntries += 1;
    }
    this.#remember(text, isTruncated);
    // All entries get the same number of context records, so at most one is complete now.
    return this.#pending[0]?.missing === 0 ? this.#completeOldest() : [];
  }

  /**
   * Ends the group, and yields the pending entries one by one, since many long ones take memory.
   */
  *end(): Generator<Entry> {
    this.#recent = [];
    this.#recentLength = 0;
    this.#isRecentTruncated = false;
    while (this.#pending.length > 0) yield* this.#completeOldest();
  }

  #begin({ file, line, matches }: LineRecord, text: string, isTruncated: boolean): void {
    if (isTruncated || this.#isRecentTruncated || this.#recent.some((record) => record.isTruncated)) {
      this.wasTruncated = true;
    }
    const before = this.#recent.map((record) => record.text);
    const visible = isTruncated ? clipMatches(matches, text.length) : matches;
    const entry = { file, line, text, before, after: [], matches: visible };
    const { n_after, maxLength } = this.#options;
    this.#pending.push({ index: this.nrOfEntries, entry, missing: n_after, room: maxLength });
  }

  #completeOldest(): Entry[] {
    const { selection, format } = this.#options;
    const { index, entry } = this.#pending.shift() as PendingEntry;
    return selection.take(index, [format === 'text' ? toText(entry) : entry]);
  }

  #remember(text: string, isTruncated: boolean): void {
    const { n_before, maxLength } = this.#options;
    if (n_before === 0) return;
    this.#recent.push({ text, isTruncated });
    this.#recentLength += text.length;
    if (this.#recent.length > n_before) this.#forgetOldest();
    else if (this.#recent.length === n_before) this.#isRecentTruncated = false;
    while (this.#recentLength > maxLength) {
      this.#forgetOldest();
      this.#isRecentTruncated = true;
    }
  }

  #forgetOldest(): void {
    this.#recentLength -= this.#recent.shift()?.text.length ?? 0;
  }
}

/** Renders an entry in the format `text`. */
export function toText({ before, text, after }: EntryObject): string {
  return before.length + after.length === 0 ? text : [...before, text, ...after].join('\n');
}

/** Returns the parts of the matches that lie within the first `length` code units. */
export function clipMatches(matches: [number, number][], length: number): [number, number][] {
  return matches
    .filter(([start]) => start < length)
    .map(([start, end]): [number, number] => [start, Math.min(end, length)]);
}
