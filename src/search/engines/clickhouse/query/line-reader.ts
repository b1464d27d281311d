// Reads lines of a dictionary from the cluster, in their order.

import type { Cluster } from '../client/cluster.js';
import { NodeError } from '../client/cluster-failures.js';
import { goneError } from '../storage/catalog.js';
import { type Block, BlockReader, type Row, RowReader, TextReader } from '../storage/row-reader.js';
import { tablesOf } from '../storage/schema.js';

/** Which lines, and what of them. */
export interface LineQuery {
  generation: number;
  /** What an index knows of the lines: it is looked at first. */
  indexed?: readonly string[];
  /** What a line must be, beside being one of the dictionary's. None: any. */
  where: readonly string[];
  /** The most of each text that is of interest, in bytes. Otherwise all. */
  maxBytes?: number;
}

export class LineReader {
  readonly #cluster: Cluster;
  readonly #table: string;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#table = tablesOf(cluster.database).lines;
  }

  /** The lines, in batches. Where a node fails in the middle, another one goes on behind the last line that was given. Throws as `Cluster.stream` does. */
  async *lines(query: LineQuery, signal: AbortSignal): AsyncGenerator<Row[], void, void> {
    yield* this.#read(query, signal, () => {
      const reader = new RowReader();
      const read = (piece: Buffer) => {
        const rows = reader.read(piece);
        return { given: rows, count: rows.length, last: rows.at(-1)?.line };
      };
      return { read, reader, columns: columnsOf(query) };
    });
  }

  /** The same, for a program to read. */
  async *blocks(query: LineQuery, signal: AbortSignal): AsyncGenerator<Block, void, void> {
    yield* this.#read(query, signal, () => {
      const reader = new BlockReader();
      const read = (piece: Buffer) => {
        const block = reader.read(piece);
        return { given: block, count: block.lines.length, last: block.lines.at(-1) };
      };
      return { read, reader, columns: columnsOf(query) };
    });
  }

  /** The texts of lines that stand in a row, each with a newline. Throws `dictionary_changed` where there are not as many as there must be. */
  async *texts(
    generation: number,
    [first, last]: readonly [number, number],
    signal: AbortSignal,
  ): AsyncGenerator<Buffer, void, void> {
    let next = first;
    const query = { generation, where: [`line BETWEEN ${first} AND ${last}`] };
    const pieces = this.#read(query, signal, () => {
      const reader = new TextReader();
      const read = (piece: Buffer) => {
        const { texts, count } = reader.read(piece);
        next += count;
        return { given: Buffer.concat(texts), count, last: next - 1 };
      };
      return { read, reader, columns: ['text'] };
    });
    yield* pieces;
    if (next <= last) throw goneError();
  }

  async *#read<Given>(
    query: LineQuery,
    signal: AbortSignal,
    begin: () => Reading<Given>,
  ): AsyncGenerator<Given, void, void> {
    let last = 0;
    for (let tries = this.#cluster.tries; ; tries -= 1) {
      const { read, reader, columns } = begin();
      try {
        for await (const piece of this.#cluster.stream(this.#select(query, columns, last), signal)) {
          const rows = read(piece);
          if (rows.count === 0) continue;
          last = rows.last ?? last;
          yield rows.given;
        }
        if (reader.isEmpty) return;
        throw new NodeError(new Error('the answer ends in the middle of a row'));
      } catch (error) {
        if (!(error instanceof NodeError) || tries <= 0) throw error;
      }
    }
  }

  /** How many lines, or quotes with such a line, there are, and the first ones of them: `line` or `quote` of each, so many at most. */
  async first(unit: 'line' | 'quote', most: number, query: LineQuery, signal: AbortSignal) {
    const lines = `FROM ${this.#table} ${conditions(query)}`;
    // A bitmap takes little for numbers that are close to each other, where a set of millions takes all the memory that a search may have.
    const quotes = `SELECT bitmapCardinality(found), bitmapToArray(bitmapSubsetLimit(found, toUInt64(0), ${most})) FROM (SELECT groupBitmapState(quote) AS found ${lines})`;
    const [[count, numbers] = [0, []]] = await this.#cluster.rows<[number, number[]]>(
      unit === 'line' ? `SELECT count(), groupArraySorted(${most})(line) ${lines}` : quotes,
      signal,
    );
    return { count, numbers };
  }

  #select(query: LineQuery, columns: readonly string[], last: number): string {
    const where = last > 0 ? [...query.where, `line > ${last}`] : query.where;
    return `SELECT ${columns.join(', ')} FROM ${this.#table} ${conditions({ ...query, where })} ORDER BY line FORMAT RowBinary`;
  }
}

/** What becomes of the pieces of one answer. */
interface Reading<Given> {
  columns: readonly string[];
  read: (piece: Buffer) => { given: Given; count: number; last: number | undefined };
  reader: { readonly isEmpty: boolean };
}

function columnsOf({ maxBytes }: LineQuery): string[] {
  const text = maxBytes === undefined ? 'text' : `substring(text, 1, ${maxBytes})`;
  const isCut = maxBytes === undefined ? '0' : `length(text) > ${maxBytes}`;
  return ['line', 'quote', `toUInt8(${isCut})`, text];
}

function conditions({ generation, indexed = [], where }: LineQuery): string {
  // Left to itself ClickHouse reads the text before it looks at the index.
  const first = indexed.length > 0 ? `PREWHERE ${indexed.join(' AND ')} ` : '';
  return `${first}WHERE ${[`generation = ${generation}`, ...where].join(' AND ')}`;
}
