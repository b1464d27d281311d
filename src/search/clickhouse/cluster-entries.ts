// Puts entries together from lines of the cluster: matches, and what stands near them.
import { Batch } from '../batch.js';
import { ContextEntries, type Item } from '../context-entries.js';
import type { AllQuery, Entry, EntryObject, SearchQuery } from '../engine.js';
import { bytesToShow } from '../lines.js';
import { Quote } from '../quote.js';
import type { Selection } from '../selection.js';
import { isGone } from './catalog.js';
import type { LineReader } from './line-query.js';
import { type LoadedFile, type LoadedText, linesOf, quotesOf } from './manifest.js';
import type { Row } from './rows.js';

/** A line that matches. */
export interface Match {
  line: number;
  quote: number;
  /** The line's text. Empty where it is not of interest. */
  text: string;
  /** Whether that is not all of it. */
  isCut: boolean;
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
}

/** Lines or quotes of a dictionary that are wanted: each the number of a line or a quote, with the matches in it by line. */
interface Wanted {
  number: number;
  index: number;
  matches: Map<number, EntryObject['matches']>;
}

/** Between what is wanted, as many lines or quotes are read that are not: a range more to look for costs as much. */
const MOST_BETWEEN = 256;
/** In a query. */
const MOST_RANGES = 300;
/** As many are read together: enough to make up for the way there and back. */
const MOST_TOGETHER = 20_000;

export class ClusterEntries {
  readonly #options: EntriesOptions;
  readonly #entries: ContextEntries;
  readonly #isQuote: boolean;

  constructor(options: EntriesOptions) {
    const { query, selection, lineLength } = options;
    this.#options = options;
    this.#isQuote = query.unit === 'quote';
    this.#entries = new ContextEntries({ ...query, selection, longest: lineLength });
  }

  /** Whether an entry was cut. */
  get wasCut(): boolean {
    return this.#entries.wasCut;
  }

  /** Every line or quote, from one index to before another. */
  async *all(from: number, to: number): AsyncGenerator<Entry[], void, void> {
    const [first] = this.#numbers(this.#options.text);
    if (to <= from) return;
    const batch = new Batch();
    let given = 0;
    for await (const items of this.#items([[first + from, first + to - 1]])) {
      given += items.length;
      for (const [number, item] of items) {
        this.#entries.nrOfEntries = number - first;
        for (const entry of this.#entries.take({ ...item, isMatch: true })) batch.add(entry);
        if (batch.isFull) yield batch.empty();
      }
      if (!batch.isEmpty) yield batch.empty();
    }
    if (given !== to - from) throw isGone();
  }

  /** The entries of matching lines, which come in their order. The index is that of the first of them. Returns how many there were. */
  of(matches: AsyncIterable<Match[]>, firstIndex: number): AsyncGenerator<Entry[], number, void> {
    const { unit, n_before, n_after } = this.#options.query;
    return unit === 'line' && n_before + n_after === 0
      ? this.#alone(matches, firstIndex)
      : this.#inContext(matches, firstIndex);
  }

  /** Lines without context: all that is given is there. */
  async *#alone(matches: AsyncIterable<Match[]>, firstIndex: number): AsyncGenerator<Entry[], number, void> {
    const batch = new Batch();
    this.#entries.nrOfEntries = firstIndex;
    for await (const some of matches) {
      for (const match of some) {
        const { path, linesBefore } = this.#fileOf(match.line);
        const item = { ...match, file: path, line: match.line - linesBefore, isMatch: true };
        for (const entry of this.#entries.take(item)) batch.add(entry);
        if (batch.isFull) yield batch.empty();
      }
      if (!batch.isEmpty) yield batch.empty();
    }
    return this.#entries.nrOfEntries - firstIndex;
  }

  async *#inContext(matches: AsyncIterable<Match[]>, firstIndex: number): AsyncGenerator<Entry[], number, void> {
    let index = firstIndex - 1;
    let wanted: Wanted[] = [];
    let number = -1;
    for await (const some of matches) {
      for (const { line, quote, matches } of some) {
        // Behind a quote, and so in none.
        if (this.#isQuote && quote % 2 === 1) continue;
        const its = this.#isQuote ? quote / 2 : line;
        if (its !== number) {
          number = its;
          index += 1;
          // One that is complete by now, as its lines have all come.
          if (wanted.length >= MOST_TOGETHER) {
            yield* this.#read(wanted);
            wanted = [];
          }
          if (this.#options.selection.wants(index)) wanted.push({ number, index, matches: new Map() });
        }
        if (wanted.at(-1)?.number === number) wanted.at(-1)?.matches.set(line, matches);
      }
    }
    yield* this.#read(wanted);
    return index + 1 - firstIndex;
  }

  async *#read(wanted: readonly Wanted[]): AsyncGenerator<Entry[], void, void> {
    const { n_before, n_after } = this.#options.query;
    const batch = new Batch();
    let at = 0;
    let ahead = 0;
    // What comes is in order, as what is wanted is.
    const matchesOf = (line: number, number: number) => {
      while (ahead < wanted.length && (wanted[ahead] as Wanted).number < number) ahead += 1;
      return wanted[ahead]?.number === number ? wanted[ahead]?.matches.get(line) : undefined;
    };
    for (const ranges of this.#ranges(wanted)) {
      let lastNumber = -1;
      let lastFile = '';
      for await (const items of this.#items(ranges, matchesOf)) {
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
    if (at < wanted.length) throw isGone();
  }

  /** What must be read for these: as few ranges as can be, a query at a time. */
  *#ranges(wanted: readonly Wanted[]): Generator<[from: number, to: number][]> {
    const { n_before, n_after } = this.#options.query;
    let ranges: [number, number][] = [];
    for (const { number } of wanted) {
      const [first, last] = this.#numbers({ ...this.#options.text, files: [this.#fileOf(number)] });
      const from = Math.max(first, number - n_before);
      const to = Math.min(last, number + n_after);
      const open = ranges.at(-1);
      if (open !== undefined && from - open[1] <= MOST_BETWEEN) open[1] = Math.max(open[1], to);
      else {
        // What a range begins with must not be what the last query ended with.
        if (ranges.length >= MOST_RANGES) {
          yield ranges;
          ranges = [];
        }
        ranges.push([from, to]);
      }
    }
    if (ranges.length > 0) yield ranges;
  }

  /** Lines or quotes by their numbers. */
  async *#items(
    ranges: readonly [from: number, to: number][],
    matchesOf: (line: number, number: number) => EntryObject['matches'] | undefined = () => undefined,
  ): AsyncGenerator<[number: number, item: Item][], void, void> {
    const { text, reader, signal, lineLength } = this.#options;
    const within = ranges.map(([from, to]) =>
      this.#isQuote ? `quote BETWEEN ${2 * from} AND ${2 * to}` : `line BETWEEN ${from} AND ${to}`,
    );
    const query = {
      generation: text.generation,
      where: [`(${within.join(' OR ')})`],
      mostBytes: bytesToShow(lineLength),
    };
    let quote: { number: number; quote: Quote; file: string } | undefined;
    for await (const rows of reader.lines(query, signal)) {
      const items: [number, Item][] = [];
      for (const row of rows) {
        if (!this.#isQuote) {
          items.push([row.line, this.#itemOf(row, matchesOf(row.line, row.line) ?? [])]);
          continue;
        }
        if (row.quote % 2 === 1) continue;
        const number = row.quote / 2;
        const matches = matchesOf(row.line, number);
        const item = this.#itemOf(row, matches ?? []);
        if (quote?.number !== number) {
          if (quote !== undefined) items.push([quote.number, quote.quote.asItem(quote.file)]);
          quote = { number, quote: new Quote(item.line, lineLength), file: item.file };
        }
        quote.quote.add(item.text, matches === undefined ? undefined : item);
      }
      yield items;
    }
    if (quote !== undefined) yield [[quote.number, quote.quote.asItem(quote.file)]];
  }

  #itemOf({ line, text, isCut }: Row, matches: EntryObject['matches']): Item {
    const { path, linesBefore } = this.#fileOf(line, 'line');
    const shown = text.toString();
    return { file: path, line: line - linesBefore, isMatch: false, text: shown, isCut, matches };
  }

  #fileOf(number: number, unit: AllQuery['unit'] = this.#options.query.unit): LoadedFile {
    const { files } = this.#options.text;
    let from = 0;
    let to = files.length - 1;
    while (from < to) {
      const middle = (from + to + 1) >> 1;
      const before = files[middle]?.[unit === 'quote' ? 'quotesBefore' : 'linesBefore'] as number;
      if (before < number) from = middle;
      else to = middle - 1;
    }
    return files[from] as LoadedFile;
  }

  #numbers(text: LoadedText): [first: number, last: number] {
    return this.#isQuote ? quotesOf(text) : linesOf(text);
  }
}
