// The tables of grepd in a ClickHouse cluster, and the expressions that its queries are made of.

import { FOLDED } from '../../../pattern/required-literals.js';
import { PLACES } from './line-checksum.js';

/** Lines of a dictionary that stand in a row stay together on one shard, so many of them: see `SHARD_KEY`. */
export const SHARD_LINES = 131_072;

/** Where the cluster keeps a part of a table, and what is asked: all parts. Without a cluster they are one. */
export interface TableNames {
  lines: string;
  catalog: string;
}

/** The table that all parts of are asked through. */
export function tablesOf(database: string): TableNames {
  return { lines: `${quoteName(database)}.lines`, catalog: `${quoteName(database)}.catalog` };
}

/**
 * A line as `fold` folds it, and in which the index finds any three characters in a row. The index takes a byte that begins a character for all of that character,
 * whatever follows it: in a line that is not UTF-8 it would miss letters. So does toValidUTF8 at the end of a text, where the spaces are missed instead.
 */
export const FOLDED_TEXT = `lower(${FOLDED.reduce((text, [from, to]) => `replaceAll(${text}, ${quote(from)}, ${quote(to)})`, "toValidUTF8(concat(text, '   '))")})`;

/** What a line adds to the checksum of its dictionary: see `LineChecksum`. */
export const CHECKSUM = `sum(toUInt64(CRC32(text)) * (line % ${PLACES} + 1))`;

/** How the tables were made, in order: a cluster that has an older version gets what it lacks. What is here is never changed again, only added to. */
export const migrations: readonly ((schema: Schema) => string[])[] = [
  (schema) => [
    ...schema.table({
      name: 'lines',
      columns: [
        'generation UInt64',
        'line UInt64 CODEC(Delta, ZSTD(1))',
        'quote UInt64 CODEC(Delta, ZSTD(1))',
        'text String CODEC(ZSTD(1))',
        `INDEX folded ${FOLDED_TEXT} TYPE text(tokenizer = ngrams(3))`,
        'INDEX quotes quote TYPE minmax',
      ],
      // A generation is one load of one dictionary: what is not used any more is dropped as a whole.
      partition: 'generation',
      order: 'line',
      shardKey: `cityHash64(generation, intDiv(line - 1, ${SHARD_LINES}))`,
    }),
    ...schema.table({
      name: 'catalog',
      columns: [
        'change UInt64',
        'name String',
        'state LowCardinality(String)',
        'generation UInt64',
        'source String',
        'lines UInt64',
        'bytes UInt64',
        'checksum UInt64',
        'manifest String CODEC(ZSTD(3))',
        "at DateTime64(3, 'UTC') DEFAULT now64(3)",
      ],
      partition: undefined,
      order: 'name, change',
      shardKey: 'cityHash64(name)',
    }),
  ],
];

interface Table {
  name: string;
  columns: string[];
  partition: string | undefined;
  order: string;
  /** Which shard a row belongs to. */
  shardKey: string;
}

export interface Schema {
  /** What creates a table on a node. */
  table(table: Table): string[];
}

/** How often in a row the same insert is known again, for each table. */
const REMEMBERED_INSERTS = 10_000;

/** The lines that are read together: a quarter of ClickHouse's own. What few lines hold is found in half the time, to read all takes a tenth longer. */
const GRANULARITY = 2048;

export interface SchemaOptions {
  database: string;
  /** Its name. None: the one node by itself. */
  cluster: string | undefined;
  /** Whether the replicas of a shard fetch from each other what one of them gets (`internal_replication`). */
  isReplicated: boolean;
}

export function createSchema({ database, cluster, isReplicated }: SchemaOptions): Schema {
  return {
    table({ name, columns, partition, order, shardKey }) {
      const part = cluster === undefined ? name : localName(name);
      const where = `${quoteName(database)}.${quoteName(part)}`;
      const engine = isReplicated
        ? `ReplicatedMergeTree('/clickhouse/tables/{shard}/${database}/${part}', '{replica}')`
        : 'MergeTree';
      const remember = isReplicated ? 'replicated_deduplication_window' : 'non_replicated_deduplication_window';
      const local = [
        `CREATE TABLE IF NOT EXISTS ${where} (${columns.join(', ')})`,
        `ENGINE = ${engine}`,
        ...(partition === undefined ? [] : [`PARTITION BY ${partition}`]),
        `ORDER BY (${order})`,
        `SETTINGS ${remember} = ${REMEMBERED_INSERTS}, index_granularity = ${GRANULARITY}`,
      ].join(' ');
      if (cluster === undefined) return [local];
      const all = `${quoteName(database)}.${quoteName(name)}`;
      const distributed = `Distributed(${quote(cluster)}, ${quote(database)}, ${quote(part)}, ${shardKey})`;
      return [local, `CREATE TABLE IF NOT EXISTS ${all} AS ${where} ENGINE = ${distributed}`];
    },
  };
}

/** The name of the part of a table that a node of a cluster has. */
export function localName(name: string): string {
  return `${name}_local`;
}

/** A text in a query (https://clickhouse.com/docs/sql-reference/syntax#string). */
export function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

export function quoteName(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}

/** That a text holds another one: `%`, `_` and `\` stand for themselves in it. */
export function holds(expression: string, text: string): string {
  return `${expression} LIKE ${quote(`%${text.replace(/[\\%_]/g, '\\$&')}%`)}`;
}
