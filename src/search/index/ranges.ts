// Which parts of a file grep has to read, given the blocks that may contain matches or the entries
// that are requested.
//
// Invariant: a part consists of whole blocks, and includes everything that grepd needs beside a
// match in one of its candidates: the context, and whole quotes. Lines at its borders, which may
// lack their context or be a part of a quote, are no candidates and no context of one.
import type { Unit } from '../engine.js';
import type { IndexTables } from './index-tables.js';

/** Blocks of one file, from `first` up to but without `end`. */
export interface BlockRange {
  first: number;
  end: number;
}

/** What an answer contains beside a matching line or quote. */
export interface Context {
  unit: Unit;
  /** In lines or quotes, as `unit` says. */
  n_before: number;
  n_after: number;
}

type Tables = Pick<
  IndexTables,
  'fileBlocks' | 'lines' | 'quotes' | 'starts' | 'ends' | 'linesBefore' | 'quotesBefore' | 'quoteBlocks'
>;

/** What the index knows of the blocks of one file. */
export class FileBlocks {
  readonly #tables: Tables;
  readonly #file: number;
  /** The blocks of the whole file. */
  readonly all: BlockRange;

  constructor(tables: Tables, file: number) {
    this.#tables = tables;
    this.#file = file;
    this.all = { first: tables.fileBlocks[file] as number, end: tables.fileBlocks[file + 1] as number };
  }

  get lines(): number {
    return this.#tables.lines[this.#file] as number;
  }

  get quotes(): number {
    return this.#tables.quotes[this.#file] as number;
  }

  /** Returns the number of lines before a block, or in the whole file for the block after the last. */
  linesBefore(block: number): number {
    return block === this.all.end ? this.lines : (this.#tables.linesBefore[block] as number);
  }

  /** Returns the number of quotes that begin before a block, or in the whole file. */
  quotesBefore(block: number): number {
    return block === this.all.end ? this.quotes : (this.#tables.quotesBefore[block] as number);
  }

  /** Returns the offsets of a range in the file. */
  offsets({ first, end }: BlockRange): { start: number; end: number } {
    const { starts, ends } = this.#tables;
    return { start: starts[first] as number, end: ends[end - 1] as number };
  }

  /** Returns the block that contains an offset of the file, or the last one. */
  blockAt(offset: number): number {
    const { starts } = this.#tables;
    return Math.max(this.all.first, partition(this.all, (block) => (starts[block] as number) <= offset) - 1);
  }

  /** Extends a range by at least this number of lines on each side, as far as there are any. */
  withLinesAround({ first, end }: BlockRange, lines: number): BlockRange {
    const range = { first, end };
    while (range.first > this.all.first && this.linesBefore(first) - this.linesBefore(range.first) < lines) {
      range.first -= 1;
    }
    while (range.end < this.all.end && this.linesBefore(range.end) - this.linesBefore(end) < lines) range.end += 1;
    return range;
  }

  /** Returns the parts to read for matches in the candidates, in order and without overlaps. */
  rangesAround(isCandidate: (block: number) => boolean, context: Context): BlockRange[] {
    const ranges: BlockRange[] = [];
    for (let block = this.all.first; block < this.all.end; block += 1) {
      if (!isCandidate(block)) continue;
      const range = context.unit === 'line' ? this.#aroundLines(block, context) : this.#aroundQuotes(block, context);
      const last = ranges.at(-1);
      if (last !== undefined && range.first <= last.end) last.end = Math.max(last.end, range.end);
      else ranges.push(range);
    }
    return ranges;
  }

  /** Returns the blocks that have all entries from `from` up to but without `to`, by number from 0. */
  rangeOf(unit: Unit, from: number, to: number): BlockRange {
    const before = (block: number) => (unit === 'line' ? this.linesBefore(block) : this.quotesBefore(block));
    // The last block before which there are no more entries, and the first one after the entries.
    const first = Math.max(this.all.first, partition(this.all, (block) => before(block) <= from) - 1);
    // A quote is complete for certain only once the next one has begun.
    const complete = unit === 'line' ? to : to + 1;
    const end = partition({ first: first + 1, end: this.all.end }, (block) => before(block) < complete);
    return { first, end };
  }

  /** Returns the number of entries before the first one that a text of these blocks begins with. */
  entriesBefore(unit: Unit, { first }: BlockRange): number {
    if (unit === 'line') return this.linesBefore(first);
    const isContinuation = this.#tables.quoteBlocks[first] !== first;
    return this.quotesBefore(first) - (isContinuation ? 1 : 0);
  }

  /** Returns the number of entries that begin after these blocks. */
  entriesAfter(unit: Unit, { end }: BlockRange): number {
    return unit === 'line' ? this.lines - this.linesBefore(end) : this.quotes - this.quotesBefore(end);
  }

  /** One line more than the context separates the matches of neighboring ranges. */
  #aroundLines(block: number, { n_before, n_after }: Context): BlockRange {
    if (n_before + n_after === 0) return { first: block, end: block + 1 };
    return this.withLinesAround({ first: block, end: block + 1 }, Math.max(n_before, n_after) + 1);
  }

  #aroundQuotes(block: number, { n_before, n_after }: Context): BlockRange {
    const quoteBlock = this.#tables.quoteBlocks[block] as number;
    const firstQuote = this.quotesBefore(block) - (quoteBlock === block ? 0 : 1);
    let first = quoteBlock;
    while (first > this.all.first && this.quotesBefore(first) > firstQuote - n_before) first -= 1;
    const lastQuote = this.quotesBefore(block + 1) - 1;
    let end = block + 1;
    while (end < this.all.end && this.quotesBefore(end) <= lastQuote + n_after + 1) end += 1;
    return { first, end };
  }
}

/** Returns the first block for which the condition doesn't hold, which must divide the range. */
function partition({ first, end }: BlockRange, holds: (block: number) => boolean): number {
  let [low, high] = [first, end];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
