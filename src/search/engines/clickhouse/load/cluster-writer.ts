// Writes dictionaries to a ClickHouse cluster.
//
// Goals: a search sees all of a load or nothing of it; a load can be interrupted anywhere and
// resumed; several loads, even of the same dictionary, can run concurrently.
//
// Invariant: rows never change. A load has a unique number, its generation, under which it adds
// lines and catalog rows. A published generation is complete and final.
//
// Steps of a load: append `loading` to the catalog; insert the lines in blocks, each with a token
// against duplicates; compare the cluster's totals with those of the files, and the replicas with
// each other; append `published`. After a grace period for running searches, append `removed` for
// the previous generation, and drop its partition.
import { randomInt } from 'node:crypto';
import { OperatorError } from '../../../../errors.js';
import { Cluster, type ClusterOptions } from '../client/cluster.js';
import type { CatalogRow } from '../storage/catalog.js';
import type { LineTotals } from '../storage/line-checksum.js';
import { CHECKSUM, localTable, quoteIdentifier, quoteLiteral, type TableNames, tableNames } from '../storage/schema.js';
import { ClusterNodes } from './cluster-nodes.js';
import { migrateSchema } from './schema-migration.js';

export interface WriterOptions extends ClusterOptions {
  /** A name in the nodes' configuration (`remote_servers`), or `undefined` for a single node. */
  cluster: string | undefined;
}

/** The columns of a catalog row that isn't about lines. */
export const NO_LINES = { generation: 0, source: '', lines: 0, bytes: 0, checksum: '0', manifest: '' } as const;

const NO_SIGNAL = new AbortController().signal;
/** Returns 64-bit integers as strings, because JSON.parse would round them. */
const EXACT_INTEGERS = { output_format_json_quote_64bit_integers: 1 } as const;

/** The cluster's topology, as its nodes are configured. */
interface Topology {
  /** The shard of each replica, in ClickHouse's order. */
  shards: readonly number[];
  /** Whether the replicas of a shard replicate inserts themselves. */
  isReplicated: boolean;
}

export class ClusterWriter {
  readonly #options: WriterOptions;
  readonly #reader: Cluster;
  readonly #nodes: ClusterNodes;
  readonly #topology: Topology;

  private constructor(options: WriterOptions, reader: Cluster, topology: Topology) {
    this.#options = options;
    this.#reader = reader;
    this.#nodes = new ClusterNodes(options.urls);
    this.#topology = topology;
  }

  /** Creates missing tables. Throws OperatorErrors and `engine_unavailable`. */
  static async open(options: WriterOptions): Promise<ClusterWriter> {
    const reader = new Cluster(options);
    const { cluster } = options;
    const topology = await readTopology(reader, cluster);
    const writer = new ClusterWriter(options, reader, topology);
    const { shards, isReplicated } = topology;
    await migrateSchema({ reader, nodes: writer.#nodes, cluster, isReplicated, nodeCount: shards.length });
    return writer;
  }

  async close(): Promise<void> {
    await Promise.all([this.#reader.close(), this.#nodes.close()]);
  }

  /** Runs a query. 64-bit integers come as strings. */
  rows<Values extends unknown[]>(query: string): Promise<Values[]> {
    return this.#reader.rows<Values>(query, NO_SIGNAL, EXACT_INTEGERS);
  }

  get tables(): TableNames {
    return tableNames(this.#reader.database);
  }

  /** Inserts rows of a RowWriter. Does nothing if rows with the same token have been inserted. */
  async insertLines(rows: Buffer, token: string): Promise<void> {
    const query = `INSERT INTO ${this.tables.lines} (generation, line, quote, text) FORMAT RowBinary`;
    await this.#nodes.insert(query, rows, token);
  }

  async appendToCatalog(row: Omit<CatalogRow, 'change' | 'at'>): Promise<void> {
    const [[newest = '0'] = []] = await this.rows<[string]>(`SELECT max(change) FROM ${this.tables.catalog}`);
    const change = Math.max(createUniqueNumber(), Number(newest) + 1);
    const json = JSON.stringify({ ...row, change });
    await this.#nodes.insert(
      `INSERT INTO ${this.tables.catalog} FORMAT JSONEachRow`,
      Buffer.from(json),
      String(change),
    );
  }

  /** Computes the totals of a load from the lines in the cluster. */
  async totals(generation: number): Promise<LineTotals> {
    const [row] = await this.rows<[string, string, string]>(
      `SELECT count(), sum(length(text)), ${CHECKSUM} FROM ${this.tables.lines} WHERE generation = ${generation}`,
    );
    const [lines = '0', bytes = '0', checksum = '0'] = row ?? [];
    return { lines: Number(lines), bytes: Number(bytes), checksum };
  }

  /** Whether the shards have this many lines of a load in total, on each of their replicas. */
  async hasAllLines(generation: number, lines: number): Promise<boolean> {
    const [[count = '0'] = []] = await this.rows<[string]>(
      `SELECT count() FROM ${this.tables.lines} WHERE generation = ${generation}`,
    );
    // A replica that replicates itself catches up, and isn't queried before it has.
    return Number(count) === lines && (this.#topology.isReplicated || (await this.areReplicasEqual(generation, '0')));
  }

  /** @param aggregate an SQL expression to compare in addition to the number of lines */
  async areReplicasEqual(generation: number, aggregate = CHECKSUM): Promise<boolean> {
    const { cluster } = this.#options;
    if (cluster === undefined) return true;
    const table = `clusterAllReplicas(${quoteLiteral(cluster)}, ${quoteLiteral(this.#reader.database)}, ${quoteLiteral(localTable('lines'))})`;
    // clusterAllReplicas numbers replicas as if each were a shard.
    const rows = await this.rows<[number, string, string]>(
      `SELECT _shard_num, count(), ${aggregate} FROM ${table} WHERE generation = ${generation} GROUP BY _shard_num`,
    );
    const contents = new Map(rows.map(([replica, ...values]) => [Number(replica), values.join()]));
    const { shards } = this.#topology;
    return shards.every((shard, index) => contents.get(index + 1) === contents.get(shards.indexOf(shard) + 1));
  }

  /** Returns the loads that have lines on any node. */
  async generations(): Promise<number[]> {
    const { cluster } = this.#options;
    const parts = cluster === undefined ? 'system.parts' : `clusterAllReplicas(${quoteLiteral(cluster)}, system.parts)`;
    const rows = await this.rows<[string]>(
      `SELECT DISTINCT partition FROM ${parts} WHERE database = ${quoteLiteral(this.#reader.database)} AND table = ${quoteLiteral(this.#linesTable)} AND active`,
    );
    return rows.map(([partition]) => Number(partition));
  }

  /** Deletes all lines of a load. */
  async removeLines(generation: number): Promise<void> {
    const table = `${quoteIdentifier(this.#reader.database)}.${this.#linesTable}`;
    const { isReplicated } = this.#topology;
    await this.#nodes.execute(`ALTER TABLE ${table} DROP PARTITION ${generation}`, { isReplicated });
  }

  /** The name of the table that stores the lines on a node. */
  get #linesTable(): string {
    return this.#options.cluster === undefined ? 'lines' : localTable('lines');
  }
}

async function readTopology(reader: Cluster, cluster: string | undefined): Promise<Topology> {
  if (cluster === undefined) return { shards: [1], isReplicated: false };
  const replicas = await reader.rows<[number, number]>(
    `SELECT shard_num, internal_replication FROM system.clusters WHERE cluster = ${quoteLiteral(cluster)} ORDER BY shard_num, replica_num`,
    NO_SIGNAL,
  );
  if (replicas.length === 0) {
    const name = JSON.stringify(cluster);
    throw new OperatorError(`The ClickHouse nodes have no cluster named ${name}. Check CLICKHOUSE_CLUSTER.`);
  }
  return { shards: replicas.map(([shard]) => shard), isReplicated: replicas[0]?.[1] === 1 };
}

/** Returns the time in microseconds. The last three digits are random. */
export function createUniqueNumber(): number {
  return Date.now() * 1000 + randomInt(1000);
}
