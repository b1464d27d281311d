// Changes what a ClickHouse cluster has: its tables, their rows, and which load of a dictionary is searched.
import { randomInt } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ClickHouseClient } from '@clickhouse/client';
import { OperatorError } from '../../../../errors.js';
import { Cluster, type ClusterOptions, createNode } from '../client/cluster.js';
import { explain, isNodeFailure, NodeError } from '../client/cluster-failures.js';
import type { Entry } from '../storage/catalog.js';
import { CHECKSUM, createSchema, localName, migrations, quote, quoteName, tablesOf } from '../storage/schema.js';

export interface WriterOptions extends ClusterOptions {
  /** The name of the cluster in the nodes' own configuration (`remote_servers`). None: the one node by itself. */
  cluster: string | undefined;
}

/** What is found of a load, on all shards. */
export interface Sums {
  lines: number;
  bytes: number;
  checksum: string;
}

/** What an entry of the catalog has that says nothing of lines. */
export const NOTHING = { generation: 0, source: '', lines: 0, bytes: 0, checksum: '0', manifest: '' } as const;

/** How long a node may say nothing while it changes something. */
const CHANGE_LIMIT_MS = 120_000;

/** Rows reach all shards before an insert ends, and are known again when they are sent twice. */
const INSERT = { distributed_foreground_insert: 1, insert_deduplicate: 1, async_insert: 0 } as const;
const NO_SIGNAL = new AbortController().signal;
const WHOLE_NUMBERS = { output_format_json_quote_64bit_integers: 1 } as const;

export class ClusterWriter {
  readonly #options: WriterOptions;
  readonly #reader: Cluster;
  readonly #nodes: ClickHouseClient[];
  /** Of the shards, in the order in which ClickHouse counts all replicas: which shard each is of. */
  readonly #shards: readonly number[];
  readonly #isReplicated: boolean;

  private constructor(options: WriterOptions, reader: Cluster, shards: readonly number[], isReplicated: boolean) {
    this.#options = options;
    this.#reader = reader;
    this.#nodes = options.urls.map((url) => createNode(new URL(url), CHANGE_LIMIT_MS));
    this.#shards = shards;
    this.#isReplicated = isReplicated;
  }

  /** Makes what tables there are not yet. Throws OperatorErrors, and `engine_unavailable`. */
  static async open(options: WriterOptions): Promise<ClusterWriter> {
    const reader = new Cluster(options);
    const { cluster } = options;
    let replicas: [number, number][] = [[1, 0]];
    if (cluster !== undefined) {
      replicas = await reader.rows<[number, number]>(
        `SELECT shard_num, internal_replication FROM system.clusters WHERE cluster = ${quote(cluster)} ORDER BY shard_num, replica_num`,
        NO_SIGNAL,
      );
      if (replicas.length === 0)
        throw new OperatorError(`The ClickHouse nodes know no cluster named ${JSON.stringify(cluster)}.`);
    }
    const shards = replicas.map(([shard]) => shard);
    const writer = new ClusterWriter(options, reader, shards, replicas[0]?.[1] === 1);
    await writer.#migrate();
    return writer;
  }

  async close(): Promise<void> {
    await Promise.all([this.#reader.close(), ...this.#nodes.map((node) => node.close())]);
  }

  /** Asks the cluster. */
  rows<Values extends unknown[]>(query: string): Promise<Values[]> {
    return this.#reader.rows<Values>(query, NO_SIGNAL, WHOLE_NUMBERS);
  }

  get tables(): ReturnType<typeof tablesOf> {
    return tablesOf(this.#reader.database);
  }

  /** Lines, as RowWriter writes them. The same token, the same lines: they are there once, however often they are sent. */
  async insertLines(rows: Buffer, token: string): Promise<void> {
    const query = `INSERT INTO ${this.tables.lines} (generation, line, quote, text) FORMAT RowBinary`;
    await this.#insert(query, rows, token);
  }

  /** Adds to the catalog, behind all that it has. */
  async log(entry: Omit<Entry, 'change' | 'at'>): Promise<void> {
    const [[newest = '0'] = []] = await this.rows<[string]>(`SELECT max(change) FROM ${this.tables.catalog}`);
    const change = Math.max(newNumber(), Number(newest) + 1);
    const row = JSON.stringify({ ...entry, change });
    await this.#insert(`INSERT INTO ${this.tables.catalog} FORMAT JSONEachRow`, Buffer.from(row), String(change));
  }

  /** What the shards have of a load. */
  async sums(generation: number): Promise<Sums> {
    const [row] = await this.rows<[string, string, string]>(
      `SELECT count(), sum(length(text)), ${CHECKSUM} FROM ${this.tables.lines} WHERE generation = ${generation}`,
    );
    const [lines = '0', bytes = '0', checksum = '0'] = row ?? [];
    return { lines: Number(lines), bytes: Number(bytes), checksum };
  }

  /** Whether all replicas of each shard have as many lines of a load, and together so many. */
  async haveLines(generation: number, lines: number): Promise<boolean> {
    const [[found = '0'] = []] = await this.rows<[string]>(
      `SELECT count() FROM ${this.tables.lines} WHERE generation = ${generation}`,
    );
    // One that lags behind fetches by itself what it lacks, and is not asked before.
    return Number(found) === lines && (this.#isReplicated || (await this.areReplicasEqual(generation, '0')));
  }

  /** Whether all replicas of each shard have the same of a load. */
  async areReplicasEqual(generation: number, sum = CHECKSUM): Promise<boolean> {
    const { cluster } = this.#options;
    if (cluster === undefined) return true;
    const table = `clusterAllReplicas(${quote(cluster)}, ${quote(this.#reader.database)}, ${quote(localName('lines'))})`;
    const rows = await this.rows<[number, string, string]>(
      `SELECT _shard_num, count(), ${sum} FROM ${table} WHERE generation = ${generation} GROUP BY _shard_num`,
    );
    const found = new Map(rows.map(([place, ...sums]) => [Number(place), sums.join()]));
    return this.#shards.every((shard, at) => found.get(at + 1) === found.get(this.#shards.indexOf(shard) + 1));
  }

  /** The loads of which anything is there. */
  async generations(): Promise<number[]> {
    const { cluster } = this.#options;
    const parts = cluster === undefined ? 'system.parts' : `clusterAllReplicas(${quote(cluster)}, system.parts)`;
    const table = cluster === undefined ? 'lines' : localName('lines');
    const rows = await this.rows<[string]>(
      `SELECT DISTINCT partition FROM ${parts} WHERE database = ${quote(this.#reader.database)} AND table = ${quote(table)} AND active`,
    );
    return rows.map(([partition]) => Number(partition));
  }

  /** Removes all lines of a load. */
  async removeLines(generation: number): Promise<void> {
    const table = this.#options.cluster === undefined ? 'lines' : localName('lines');
    await this.#everywhere(`ALTER TABLE ${quoteName(this.#reader.database)}.${table} DROP PARTITION ${generation}`, {
      // Replicas that fetch from each other also remove together.
      isShared: this.#isReplicated,
    });
  }

  async #migrate(): Promise<void> {
    const { database } = this.#reader;
    await this.#checkKind();
    const options = { database, cluster: this.#options.cluster, isReplicated: this.#isReplicated };
    await this.#everywhere(`CREATE DATABASE IF NOT EXISTS ${quoteName(database)}`);
    const applied = `${quoteName(database)}.migrations`;
    await this.#everywhere(
      `CREATE TABLE IF NOT EXISTS ${applied} (version UInt32, at DateTime DEFAULT now()) ENGINE = MergeTree ORDER BY version`,
    );
    const oldest = Math.min(...(await this.#versions(applied)));
    if (oldest > migrations.length) {
      throw new OperatorError(
        `The tables in ${JSON.stringify(database)} are of version ${oldest}, those of this grepd of version ${migrations.length}: a newer grepd has made them.`,
      );
    }
    for (const [at, migrate] of migrations.entries()) {
      if (at < oldest) continue;
      for (const statement of migrate(createSchema(options))) await this.#everywhere(statement);
      await this.#everywhere(`INSERT INTO ${applied} (version) VALUES (${at + 1})`);
    }
    await this.#checkNodes();
  }

  /** Throws an OperatorError where the tables are those of one node by itself and a cluster is named, or the other way round. */
  async #checkKind(): Promise<void> {
    const { cluster } = this.#options;
    const query = `SELECT engine FROM system.tables WHERE database = ${quote(this.#reader.database)} AND name = 'lines'`;
    const answers = await this.#reader.rowsOfEach<[string]>(query, NO_SIGNAL).catch((error) => {
      throw error instanceof NodeError ? silent(error.cause) : error;
    });
    const engines = answers.flat(2);
    const isOther = (engine: string) => (engine === 'Distributed') !== (cluster !== undefined);
    if (!engines.some(isOther)) return;
    const made =
      cluster === undefined
        ? 'for a cluster, and CLICKHOUSE_CLUSTER must name it'
        : 'for one node by itself, without CLICKHOUSE_CLUSTER';
    throw new OperatorError(
      `The tables in ${JSON.stringify(this.#reader.database)} were made ${made}; or take another database.`,
    );
  }

  /** Of the tables, on each node that is named. */
  async #versions(table: string): Promise<number[]> {
    return await Promise.all(
      this.#nodes.map(async (node) => {
        const result = await node.query({ query: `SELECT max(version) FROM ${table}`, format: 'JSONCompactEachRow' });
        const [[version = 0] = []] = (await result.json()) as number[][];
        return Number(version);
      }),
    );
  }

  /** Throws an OperatorError where a node of the cluster lacks the tables, as it was not named. */
  async #checkNodes(): Promise<void> {
    const { cluster } = this.#options;
    if (cluster === undefined) return;
    const [[there = '0'] = []] = await this.rows<[string]>(
      `SELECT count() FROM clusterAllReplicas(${quote(cluster)}, system.tables) WHERE database = ${quote(this.#reader.database)} AND name = ${quote(localName('lines'))}`,
    );
    if (Number(there) === this.#shards.length) return;
    throw new OperatorError(
      `The cluster ${JSON.stringify(cluster)} has ${this.#shards.length} nodes, of which ${there} have the tables of grepd: CLICKHOUSE_URL must name all of them, with commas between.`,
    );
  }

  /** On each node that is named; replicas that fetch from each other do it together. */
  async #everywhere(statement: string, { isShared = false } = {}): Promise<void> {
    try {
      const done = await Promise.allSettled(this.#nodes.map((node) => node.command({ query: statement })));
      const failed = done.filter(({ status }) => status === 'rejected');
      const isEnough = isShared && failed.length < done.length;
      if (failed.length > 0 && !isEnough) throw (failed[0] as PromiseRejectedResult).reason;
    } catch (error) {
      if (!isNodeFailure(error)) throw explain(error);
      throw silent(error);
    }
  }

  async #insert(query: string, rows: Buffer, token: string): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      const node = this.#nodes[tries % this.#nodes.length] as ClickHouseClient;
      try {
        const { stream } = await node.exec({
          query,
          values: Readable.from([rows], { objectMode: false }),
          clickhouse_settings: { ...INSERT, insert_deduplication_token: token },
        });
        await stream.resume().toArray();
        return;
      } catch (error) {
        if (!isNodeFailure(error) || tries > this.#nodes.length) throw explain(error);
      }
    }
  }
}

/** A number that no one else has: the time, and some chance. */
export function newNumber(): number {
  return Date.now() * 1000 + randomInt(1000);
}

function silent(cause: unknown): OperatorError {
  return new OperatorError(`A node that CLICKHOUSE_URL names does not answer: ${(cause as Error).message}`, { cause });
}
