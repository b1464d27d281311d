// grepd's tables in a ClickHouse cluster, and SQL expressions for its queries.

import { WEIGHT_MODULUS } from './line-checksum.js';

/** Blocks of this many consecutive lines are distributed over the shards: see `shardKey`. */
export const SHARD_LINES = 131_072;

export interface TableNames {
  lines: string;
  catalog: string;
}

/** Returns the tables to query. In a cluster, they span the local tables of all shards. */
export function tableNames(database: string): TableNames {
  return { lines: `${quoteIdentifier(database)}.lines`, catalog: `${quoteIdentifier(database)}.catalog` };
}

/** Non-ASCII characters that the index folds, on disk. All others stay as they are. */
const FOLDED: readonly [from: string, to: string][] = [
  ['\u017f', 's'],
  ['\u0131', 'i'],
  ['\u0130', 'i'],
  ['\u212a', 'k'],
];

/** Folds what could match an ASCII letter, so that each ASCII letter has one form in the index. */
export function foldForIndex(text: string): string {
  const lower = text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return FOLDED.reduce((folded, [from, to]) => folded.replaceAll(from, to), lower);
}

/** The unit of the index, in characters. It doesn't help with shorter texts. */
export const NGRAM_LENGTH = 3;

/**
 * The line as `foldForIndex` folds it; the n-gram index is over this expression. The index
 * derives a character's length from its first byte, so it would skip letters after invalid UTF-8.
 * toValidUTF8 does the same at the end of a text, where it can only skip the appended spaces.
 */
export const FOLDED_TEXT = `lower(${FOLDED.reduce((text, [from, to]) => `replaceAll(${text}, ${quoteLiteral(from)}, ${quoteLiteral(to)})`, "toValidUTF8(concat(text, '   '))")})`;

/** The checksum over lines: see `LineChecksum`. */
export const CHECKSUM = `sum(toUInt64(CRC32(text)) * (line % ${WEIGHT_MODULUS} + 1))`;

/**
 * The statements of each schema version, in order. A cluster with an older version runs those that
 * it lacks, so only ever append to this list.
 */
export const migrations: readonly ((schema: Schema) => string[])[] = [
  (schema) => [
    ...schema.createTable({
      name: 'lines',
      columns: [
        'generation UInt64',
        'line UInt64 CODEC(Delta, ZSTD(1))',
        'quote UInt64 CODEC(Delta, ZSTD(1))',
        'text String CODEC(ZSTD(1))',
        `INDEX folded ${FOLDED_TEXT} TYPE text(tokenizer = ngrams(${NGRAM_LENGTH}))`,
        'INDEX quotes quote TYPE minmax',
      ],
      // A generation is one load of one dictionary. An old one is dropped as a whole.
      partition: 'generation',
      order: 'line',
      shardKey: `cityHash64(generation, intDiv(line - 1, ${SHARD_LINES}))`,
    }),
    ...schema.createTable({
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
  /** Determines the shard of a row. */
  shardKey: string;
}

export interface Schema {
  /** Returns the statements that create a table on a node. */
  createTable(table: Table): string[];
}

/** For how many inserts a table recognizes a duplicate. */
const DEDUPLICATION_WINDOW = 10_000;

/**
 * The unit of reading, in lines: a quarter of ClickHouse's default. Rare matches are found in half
 * the time, and a full scan takes a tenth longer.
 */
const GRANULARITY = 2048;

export interface SchemaOptions {
  database: string;
  /** The name of the cluster, or `undefined` for a single node. */
  cluster: string | undefined;
  /** Whether the replicas of a shard replicate inserts themselves (`internal_replication`). */
  isReplicated: boolean;
}

/** Returns how tables are created on one node, or on the nodes of a cluster. */
export function createSchema({ database, cluster, isReplicated }: SchemaOptions): Schema {
  return {
    createTable({ name, columns, partition, order, shardKey }) {
      const localPart = cluster === undefined ? name : localTable(name);
      const localPath = `${quoteIdentifier(database)}.${quoteIdentifier(localPart)}`;
      const engine = isReplicated
        ? `ReplicatedMergeTree('/clickhouse/tables/{shard}/${database}/${localPart}', '{replica}')`
        : 'MergeTree';
      const windowSetting = isReplicated ? 'replicated_deduplication_window' : 'non_replicated_deduplication_window';
      const local = [
        `CREATE TABLE IF NOT EXISTS ${localPath} (${columns.join(', ')})`,
        `ENGINE = ${engine}`,
        ...(partition === undefined ? [] : [`PARTITION BY ${partition}`]),
        `ORDER BY (${order})`,
        `SETTINGS ${windowSetting} = ${DEDUPLICATION_WINDOW}, index_granularity = ${GRANULARITY}`,
      ].join(' ');
      if (cluster === undefined) return [local];
      const distributedPath = `${quoteIdentifier(database)}.${quoteIdentifier(name)}`;
      const distributed = `Distributed(${quoteLiteral(cluster)}, ${quoteLiteral(database)}, ${quoteLiteral(localPart)}, ${shardKey})`;
      return [local, `CREATE TABLE IF NOT EXISTS ${distributedPath} AS ${localPath} ENGINE = ${distributed}`];
    },
  };
}

/** The name of the table that holds a node's own part of a cluster's table. */
export function localTable(name: string): string {
  return `${name}_local`;
}

/** Returns an SQL string literal: https://clickhouse.com/docs/sql-reference/syntax#string */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** Quotes a name in a query (https://clickhouse.com/docs/sql-reference/syntax#identifiers). */
export function quoteIdentifier(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}

/** Returns an SQL condition that an expression contains this very text. */
export function containsText(expression: string, text: string): string {
  return `${expression} LIKE ${quoteLiteral(`%${text.replace(/[\\%_]/g, '\\$&')}%`)}`;
}

/** Returns an SQL condition that an expression contains one of these very texts. */
export function containsAny(expression: string, texts: readonly string[]): string {
  const [text = '', ...others] = texts;
  if (others.length === 0) return containsText(expression, text);
  return `multiSearchAny(${expression}, [${texts.map(quoteLiteral).join(', ')}])`;
}
