// Assembles entries from lines of the cluster: matches and their context.
import type { AllQuery, Entry, EntryObject, SearchQuery } from '../../../engine.js';
import { Batch } from '../../../entries/batch.js';
import { ContextEntries } from '../../../entries/context-entries.js';
import type { Selection } from '../../../entries/selection.js';
import { goneError } from '../storage/catalog.js';
import { countOf, type LoadedText, type NumberRange } from '../storage/manifest.js';
import { type LineReader, MAX_RANGES_PER_QUERY, rangesPerQuery } from './line-reader.js';
import { type FindMatches, RecordReader } from './line-records.js';

/** A matching line. */
export interface Match {
  line: number;
  /** `undefined` if the line belongs to no quote, or the query's unit is the line. */
  quote: number | undefined;
  /** Empty if the query doesn't need it. */
  text: string;
  isTruncated: boolean;
  matches: EntryObject['matches'];
}

export interface EntriesOptions {
  query: AllQuery & Pick<SearchQuery, 'n_before' | 'n_after'>;
  text: LoadedText;
  selection: Selection;
  reader: LineReader;
  /** The maximum length of a line or a quote, in UTF-16 code units. */
  lineLength: number;
  signal: AbortSignal;
  /** As in RecordReaderOptions. */
  extraBytes: number;
}

/** A line or a quote that becomes an entry. */
interface SelectedRecord {
  number: number;
  /** The index of the entry. */
  index: number;
  /** The matches in each of its lines. */
  matches: Map<number, EntryObject['matches']>;
}

/** Returns the matches in the text of a line that is known to match. */
export type FindInText = (text: string) => EntryObject['matches'];

const NO_MATCHES: SelectedRecord['matches'] = new Map();

/** Reading this many records in between is as fast as another range in the query. */
const MAX_RANGE_GAP = 256;
/** Enough records per query to make up for its latency. */
const MAX_RECORDS_PER_QUERY = 20_000;

export class ClusterEntries {
  readonly #options: EntriesOptions;
  readonly #entries: ContextEntries;
  readonly #records: RecordReader;

  constructor(options: EntriesOptions) {
    const { query, selection, lineLength } = options;
    this.#options = options;
    this.#records = new RecordReader({ ...options, unit: query.unit });
    this.#entries = new ContextEntries({ ...query, selection, maxLength: lineLength });
  }

  /** Whether any entry was truncated. */
  get wasTruncated(): boolean {
    return this.#entries.wasTruncated;
  }

  /**
   * Yields every line or quote in these ranges, which must be sorted.
   *
   * @param firstIndex the index of the first entry
   */
  async *all(ranges: readonly NumberRange[], firstIndex: number): AsyncGenerator<Entry[], void, void> {
    const batch = Batch.ofEntries();
    const end = firstIndex + countOf(ranges);
    let index = firstIndex;
    for (const part of rangesPerQuery(ranges)) {
      for await (const records of this.#records.read(part)) {
        for (const [, record] of records) {
          this.#entries.nrOfEntries = index;
          index += 1;
          for (const entry of this.#entries.take({ ...record, isMatch: true })) batch.add(entry);
          if (batch.isFull) yield batch.flush();
        }
        if (!batch.isEmpty) yield batch.flush();
      }
    }
    if (index !== end) throw goneError();
  }

  /** Yields the entries of lines or quotes by their numbers, which must be sorted. */
  async *byNumber(
    numbers: readonly number[],
    firstIndex: number,
    findInText: FindInText,
  ): AsyncGenerator<Entry[], void, void> {
    yield* this.#read(
      numbers.map((number, index) => ({ number, index: firstIndex + index, matches: NO_MATCHES })),
      findInText,
    );
  }

  /** Yields the entries of matching lines, which must be sorted. Returns the number of entries. */
  fromMatches(batches: AsyncIterable<Match[]>): AsyncGenerator<Entry[], number, void> {
    const { unit, n_before, n_after } = this.#options.query;
    return unit === 'line' && n_before + n_after === 0 ? this.#withoutContext(batches) : this.#withContext(batches);
  }

  async *#withoutContext(batches: AsyncIterable<Match[]>): AsyncGenerator<Entry[], number, void> {
    const batch = Batch.ofEntries();
    for await (const matches of batches) {
      for (const match of matches) {
        const { path, linesBefore } = this.#records.fileOf(match.line);
        const record = { ...match, file: path, line: match.line - linesBefore, isMatch: true };
        for (const entry of this.#entries.take(record)) batch.add(entry);
        if (batch.isFull) yield batch.flush();
      }
      if (!batch.isEmpty) yield batch.flush();
    }
    return this.#entries.nrOfEntries;
  }

  async *#withContext(batches: AsyncIterable<Match[]>): AsyncGenerator<Entry[], number, void> {
    const isQuote = this.#options.query.unit === 'quote';
    let index = -1;
    let selected: SelectedRecord[] = [];
    let lastNumber = -1;
    for await (const batch of batches) {
      for (const { line, quote, matches } of batch) {
        const number = isQuote ? quote : line;
        if (number === undefined) continue;
        if (number !== lastNumber) {
          lastNumber = number;
          index += 1;
          // Only now, because a quote is complete when the next one begins.
          if (selected.length >= MAX_RECORDS_PER_QUERY) {
            yield* this.#read(selected);
            selected = [];
          }
          if (this.#options.selection.mayInclude(index)) selected.push({ number, index, matches: new Map() });
        }
        if (selected.at(-1)?.number === number) selected.at(-1)?.matches.set(line, matches);
      }
    }
    yield* this.#read(selected);
    return index + 1;
  }

  async *#read(selected: readonly SelectedRecord[], findInText?: FindInText): AsyncGenerator<Entry[], void, void> {
    const { n_before, n_after } = this.#options.query;
    const batch = Batch.ofEntries();
    let next = 0;
    // Runs ahead of `next`: matches are looked up while a batch of records is read.
    let nextLookup = 0;
    const findMatches: FindMatches = (line, number, text) => {
      while (nextLookup < selected.length && (selected[nextLookup] as SelectedRecord).number < number) nextLookup += 1;
      const record = selected[nextLookup];
      if (record?.number !== number) return undefined;
      return findInText === undefined ? record.matches.get(line) : findInText(text);
    };
    for (const ranges of this.#toRanges(selected)) {
      let lastNumber = -1;
      let lastFile = '';
      for await (const records of this.#records.read(ranges, findMatches)) {
        for (const [number, record] of records) {
          if (number !== lastNumber + 1 || record.file !== lastFile)
            for (const entry of this.#entries.end()) batch.add(entry);
          lastNumber = number;
          lastFile = record.file;
          const isMatch = selected[next]?.number === number;
          if (isMatch) {
            this.#entries.nrOfEntries = (selected[next] as SelectedRecord).index;
            next += 1;
          } else if (n_before + n_after === 0) continue;
          for (const entry of this.#entries.take({ ...record, isMatch })) batch.add(entry);
          if (batch.isFull) yield batch.flush();
        }
      }
      for (const entry of this.#entries.end()) batch.add(entry);
      if (!batch.isEmpty) yield batch.flush();
    }
    if (next < selected.length) throw goneError();
  }

  /** Yields the ranges to read, one query at a time. Merges those that are close to each other. */
  *#toRanges(selected: readonly SelectedRecord[]): Generator<NumberRange[]> {
    const { n_before, n_after } = this.#options.query;
    let ranges: NumberRange[] = [];
    for (const { number } of selected) {
      const [firstInFile, lastInFile] = this.#records.rangeAround(number);
      const first = Math.max(firstInFile, number - n_before);
      const last = Math.min(lastInFile, number + n_after);
      const open = ranges.at(-1);
      if (open !== undefined && first - open[1] <= MAX_RANGE_GAP) open[1] = Math.max(open[1], last);
      else {
        // Only here: the ranges of one query must not overlap those of the next.
        if (ranges.length >= MAX_RANGES_PER_QUERY) {
          yield ranges;
          ranges = [];
        }
        ranges.push([first, last]);
      }
    }
    if (ranges.length > 0) yield ranges;
  }
}
