// Puts entries together from lines of the cluster: matches, and what stands near them.

import type { AllQuery, Entry, EntryObject, SearchQuery } from '../../../engine.js';
import { Batch } from '../../../entries/batch.js';
import { ContextEntries } from '../../../entries/context-entries.js';
import type { Selection } from '../../../entries/selection.js';
import { goneError } from '../storage/catalog.js';
import type { LoadedText } from '../storage/manifest.js';
import type { LineReader } from './line-reader.js';
import { type MatchesOf, RecordReader } from './line-records.js';

/** A line that matches. */
export interface Match {
  line: number;
  quote: number;
  /** The line's text. Empty where it is not of interest. */
  text: string;
  /** Whether that is not all of it. */
  isTruncated: boolean;
  /** As in EntryObject. */
  matches: EntryObject['matches'];
}

export interface EntriesOptions {
  query: AllQuery & Pick<SearchQuery, 'n_before' | 'n_after'>;
  text: LoadedText;
  selection: Selection;
  reader: LineReader;
  /** The longest line or quote that is given, in UTF-16 code units. */
  lineLength: number;
  signal: AbortSignal;
  /** As in RecordReaderOptions. */
  bytesBeyond: number;
}

/** Lines or quotes of a dictionary that are wanted: each the number of a line or a quote, with the matches in it by line. */
interface Wanted {
  number: number;
  index: number;
  matches: Map<number, EntryObject['matches']>;
}

/** What in the text of a line matches. */
export type Mark = (text: string) => EntryObject['matches'];

const NO_MATCHES: Wanted['matches'] = new Map();

/** Between what is wanted, as many lines or quotes are read that are not: a range more to look for costs as much. */
const MAX_BETWEEN = 256;
/** In a query. */
const MAX_RANGES = 300;
/** As many are read together: enough to make up for the way there and back. */
const MAX_TOGETHER = 20_000;

export class ClusterEntries {
  readonly #options: EntriesOptions;
  readonly #entries: ContextEntries;
  readonly #items: RecordReader;

  constructor(options: EntriesOptions) {
    const { query, selection, lineLength } = options;
    this.#options = options;
    this.#items = new RecordReader({ ...options, unit: query.unit });
    this.#entries = new ContextEntries({ ...query, selection, maxLength: lineLength });
  }

  /** Whether an entry was cut. */
  get wasTruncated(): boolean {
    return this.#entries.wasTruncated;
  }

  /** Every line or quote, from one index to before another. */
  async *all(from: number, to: number): AsyncGenerator<Entry[], void, void> {
    const [first] = this.#items.numbersOf(this.#options.text.files);
    if (to <= from) return;
    const batch = new Batch();
    let given = 0;
    for await (const items of this.#items.read([[first + from, first + to - 1]])) {
      given += items.length;
      for (const [number, item] of items) {
        this.#entries.nrOfEntries = number - first;
        for (const entry of this.#entries.take({ ...item, isMatch: true })) batch.add(entry);
        if (batch.isFull) yield batch.empty();
      }
      if (!batch.isEmpty) yield batch.empty();
    }
    if (given !== to - from) throw goneError();
  }

  /** Those of lines or quotes by their numbers, which are in order. The index is that of the first of them; each line is asked what in it matches. */
  async *numbered(numbers: readonly number[], firstIndex: number, mark: Mark): AsyncGenerator<Entry[], void, void> {
    yield* this.#read(
      numbers.map((number, at) => ({ number, index: firstIndex + at, matches: NO_MATCHES })),
      mark,
    );
  }

  /** The entries of matching lines, which come in their order. Returns how many there were. */
  of(matches: AsyncIterable<Match[]>): AsyncGenerator<Entry[], number, void> {
    const { unit, n_before, n_after } = this.#options.query;
    return unit === 'line' && n_before + n_after === 0 ? this.#alone(matches) : this.#inContext(matches);
  }

  /** Lines without context: all that is given is there. */
  async *#alone(matches: AsyncIterable<Match[]>): AsyncGenerator<Entry[], number, void> {
    const batch = new Batch();
    for await (const some of matches) {
      for (const match of some) {
        const { path, linesBefore } = this.#items.fileOf(match.line);
        const item = { ...match, file: path, line: match.line - linesBefore, isMatch: true };
        for (const entry of this.#entries.take(item)) batch.add(entry);
        if (batch.isFull) yield batch.empty();
      }
      if (!batch.isEmpty) yield batch.empty();
    }
    return this.#entries.nrOfEntries;
  }

  async *#inContext(matches: AsyncIterable<Match[]>): AsyncGenerator<Entry[], number, void> {
    const isQuote = this.#options.query.unit === 'quote';
    let index = -1;
    let wanted: Wanted[] = [];
    let number = -1;
    for await (const some of matches) {
      for (const { line, quote, matches } of some) {
        // Behind a quote, and so in none.
        if (isQuote && quote % 2 === 1) continue;
        const its = isQuote ? quote / 2 : line;
        if (its !== number) {
          number = its;
          index += 1;
          // One that is complete by now, as its lines have all come.
          if (wanted.length >= MAX_TOGETHER) {
            yield* this.#read(wanted);
            wanted = [];
          }
          if (this.#options.selection.mayInclude(index)) wanted.push({ number, index, matches: new Map() });
        }
        if (wanted.at(-1)?.number === number) wanted.at(-1)?.matches.set(line, matches);
      }
    }
    yield* this.#read(wanted);
    return index + 1;
  }

  async *#read(wanted: readonly Wanted[], mark?: Mark): AsyncGenerator<Entry[], void, void> {
    const { n_before, n_after } = this.#options.query;
    const batch = new Batch();
    let at = 0;
    let ahead = 0;
    // What comes is in order, as what is wanted is.
    const matchesOf: MatchesOf = (line, number, text) => {
      while (ahead < wanted.length && (wanted[ahead] as Wanted).number < number) ahead += 1;
      const next = wanted[ahead];
      if (next?.number !== number) return undefined;
      return mark === undefined ? next.matches.get(line) : mark(text);
    };
    for (const ranges of this.#ranges(wanted)) {
      let lastNumber = -1;
      let lastFile = '';
      for await (const items of this.#items.read(ranges, matchesOf)) {
        for (const [number, item] of items) {
          if (number !== lastNumber + 1 || item.file !== lastFile)
            for (const entry of this.#entries.end()) batch.add(entry);
          lastNumber = number;
          lastFile = item.file;
          const next = wanted[at];
          const isMatch = next?.number === number;
          if (isMatch) {
            this.#entries.nrOfEntries = next.index;
            at += 1;
          } else if (n_before + n_after === 0) continue;
          for (const entry of this.#entries.take({ ...item, isMatch })) batch.add(entry);
          if (batch.isFull) yield batch.empty();
        }
      }
      for (const entry of this.#entries.end()) batch.add(entry);
      if (!batch.isEmpty) yield batch.empty();
    }
    if (at < wanted.length) throw goneError();
  }

  /** What must be read for these: as few ranges as can be, a query at a time. */
  *#ranges(wanted: readonly Wanted[]): Generator<[from: number, to: number][]> {
    const { n_before, n_after } = this.#options.query;
    let ranges: [number, number][] = [];
    for (const { number } of wanted) {
      const [first, last] = this.#items.numbersOf([this.#items.fileOf(number)]);
      const from = Math.max(first, number - n_before);
      const to = Math.min(last, number + n_after);
      const open = ranges.at(-1);
      if (open !== undefined && from - open[1] <= MAX_BETWEEN) open[1] = Math.max(open[1], to);
      else {
        // What a range begins with must not be what the last query ended with.
        if (ranges.length >= MAX_RANGES) {
          yield ranges;
          ranges = [];
        }
        ranges.push([from, to]);
      }
    }
    if (ranges.length > 0) yield ranges;
  }
}
