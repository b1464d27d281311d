// Streams lines of a dictionary from the cluster in order, and resumes if a node fails.
import type { Unit } from '../../../engine.js';
import type { Cluster } from '../client/cluster.js';
import { NodeError } from '../client/cluster-failures.js';
import { goneError } from '../storage/catalog.js';
import type { NumberRange } from '../storage/manifest.js';
import { type Block, BlockReader, type Row, RowReader, TextReader } from '../storage/row-reader.js';
import { tableNames } from '../storage/schema.js';

export interface LineQuery {
  generation: number;
  /** The lines to search, in order. All of them by default. */
  ranges?: readonly NumberRange[];
  /** SQL conditions that an index supports. They are checked first. */
  indexed?: readonly string[];
  /** Other SQL conditions. */
  where: readonly string[];
  /** How much of each text to return. All of it by default. */
  maxBytes?: number;
}

/** More ranges make a query slow. */
export const MAX_RANGES_PER_QUERY = 300;

/** Divides ranges into those that each query reads. */
export function* rangesPerQuery(ranges: readonly NumberRange[]): Generator<readonly NumberRange[]> {
  for (let start = 0; start < ranges.length; start += MAX_RANGES_PER_QUERY) {
    yield ranges.slice(start, start + MAX_RANGES_PER_QUERY);
  }
}

/** An SQL condition for numbers in any of the ranges. */
export function isBetween(column: string, ranges: readonly NumberRange[]): string {
  const conditions = ranges.map(([first, last]) => `${column} BETWEEN ${first} AND ${last}`);
  return conditions.length === 1 ? (conditions[0] as string) : `(${conditions.join(' OR ')})`;
}

export class LineReader {
  readonly #cluster: Cluster;
  readonly #table: string;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#table = tableNames(cluster.database).lines;
  }

  /** Yields batches of rows. Throws as `Cluster.stream` does. */
  async *lines(query: LineQuery, signal: AbortSignal): AsyncGenerator<Row[], void, void> {
    yield* this.#read(query, signal, () => {
      const reader = new RowReader();
      const decode = (chunk: Buffer) => {
        const rows = reader.read(chunk);
        return { output: rows, count: rows.length, lastLine: rows.at(-1)?.line };
      };
      return { decode, reader, columns: columnsFor(query) };
    });
  }

  /** Yields the same lines as input for another program. */
  async *blocks(query: LineQuery, signal: AbortSignal): AsyncGenerator<Block, void, void> {
    yield* this.#read(query, signal, () => {
      const reader = new BlockReader();
      const decode = (chunk: Buffer) => {
        const block = reader.read(chunk);
        return { output: block, count: block.lines.length, lastLine: block.lines.at(-1) };
      };
      return { decode, reader, columns: columnsFor(query) };
    });
  }

  /**
   * Yields the texts of a range of lines, each with a newline. Throws `dictionary_changed` if lines
   * are missing.
   */
  async *texts(
    generation: number,
    [first, last]: readonly [number, number],
    signal: AbortSignal,
  ): AsyncGenerator<Buffer, void, void> {
    let next = first;
    const query = { generation, ranges: [[first, last] as NumberRange], where: [] };
    yield* this.#read(query, signal, () => {
      const reader = new TextReader();
      const decode = (chunk: Buffer) => {
        const { texts, count } = reader.read(chunk);
        next += count;
        return { output: Buffer.concat(texts), count, lastLine: next - 1 };
      };
      return { decode, reader, columns: ['text'] };
    });
    if (next <= last) throw goneError();
  }

  async *#read<Output>(
    query: LineQuery,
    signal: AbortSignal,
    createDecoder: () => Decoder<Output>,
  ): AsyncGenerator<Output, void, void> {
    for (const part of partsOf(query)) yield* this.#readPart(part, signal, createDecoder);
  }

  async *#readPart<Output>(
    query: LineQuery,
    signal: AbortSignal,
    createDecoder: () => Decoder<Output>,
  ): AsyncGenerator<Output, void, void> {
    let lastLine = 0;
    for (let retries = 0; ; retries += 1) {
      const { decode, reader, columns } = createDecoder();
      try {
        for await (const chunk of this.#cluster.stream(this.#select(query, columns, lastLine), signal)) {
          const decoded = decode(chunk);
          if (decoded.count === 0) continue;
          lastLine = decoded.lastLine ?? lastLine;
          yield decoded.output;
        }
        if (reader.isEmpty) return;
        throw new NodeError(new Error('the response ends in the middle of a row'));
      } catch (error) {
        if (!(error instanceof NodeError) || retries >= this.#cluster.maxRetries) throw error;
      }
    }
  }

  /**
   * Counts the lines that match, or the quotes with such lines, and returns the first `limit`
   * values of the column `line` or `quote`.
   */
  async first(unit: Unit, limit: number, query: LineQuery, signal: AbortSignal) {
    const found = { count: 0, numbers: [] as number[] };
    for (const part of partsOf(query)) {
      const { count, numbers } = await this.#firstInPart(unit, limit, part, signal);
      found.count += count;
      found.numbers.push(...numbers.slice(0, limit - found.numbers.length));
    }
    return found;
  }

  async #firstInPart(unit: Unit, limit: number, query: LineQuery, signal: AbortSignal) {
    const lines = `FROM ${this.#table} ${conditions(query)}`;
    // A set of millions of numbers would exceed the memory limit of a search. A bitmap is compact.
    const quotes = `SELECT bitmapCardinality(found), bitmapToArray(bitmapSubsetLimit(found, toUInt64(0), ${limit})) FROM (SELECT groupBitmapState(quote) AS found ${lines})`;
    const [[count, numbers] = [0, []]] = await this.#cluster.rows<[number, number[]]>(
      unit === 'line' ? `SELECT count(), groupArraySorted(${limit})(line) ${lines}` : quotes,
      signal,
    );
    return { count, numbers };
  }

  #select(query: LineQuery, columns: readonly string[], lastLine: number): string {
    const where = lastLine > 0 ? [...query.where, `line > ${lastLine}`] : query.where;
    return `SELECT ${columns.join(', ')} FROM ${this.#table} ${conditions({ ...query, where })} ORDER BY line FORMAT RowBinary`;
  }
}

/** Returns queries that together find the same lines, in order. */
function partsOf(query: LineQuery): LineQuery[] {
  const { ranges, where } = query;
  if (ranges === undefined) return [query];
  return [...rangesPerQuery(ranges)].map((part) => ({ ...query, where: [isBetween('line', part), ...where] }));
}

/** Decodes the output of one query. */
interface Decoder<Output> {
  columns: readonly string[];
  decode: (chunk: Buffer) => { output: Output; count: number; lastLine: number | undefined };
  reader: { readonly isEmpty: boolean };
}

function columnsFor({ maxBytes }: LineQuery): string[] {
  const text = maxBytes === undefined ? 'text' : `substring(text, 1, ${maxBytes})`;
  const isTruncated = maxBytes === undefined ? '0' : `length(text) > ${maxBytes}`;
  return ['line', 'quote', `toUInt8(${isTruncated})`, text];
}

function conditions({ generation, indexed = [], where }: LineQuery): string {
  // Without PREWHERE, ClickHouse reads the texts before it consults the index.
  const prewhere = indexed.length > 0 ? `PREWHERE ${indexed.join(' AND ')} ` : '';
  return `${prewhere}WHERE ${[`generation = ${generation}`, ...where].join(' AND ')}`;
}
