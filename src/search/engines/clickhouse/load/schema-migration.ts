// Creates grepd's tables in a ClickHouse cluster, or upgrades them to the current schema version.
import { OperatorError } from '../../../../errors.js';
import type { Cluster } from '../client/cluster.js';
import { NodeError } from '../client/cluster-failures.js';
import { createSchema, localTable, migrations, quoteIdentifier, quoteLiteral } from '../storage/schema.js';
import { type ClusterNodes, unresponsiveNodeError } from './cluster-nodes.js';

export interface MigrationOptions {
  reader: Cluster;
  nodes: ClusterNodes;
  /** The name of the cluster, or `undefined` for a single node. */
  cluster: string | undefined;
  /** Whether the replicas of a shard replicate inserts themselves. */
  isReplicated: boolean;
  /** The number of nodes in the cluster's configuration. */
  nodeCount: number;
}

const NO_SIGNAL = new AbortController().signal;

/**
 * Migrates from the oldest version that any node has. Statements are idempotent, and a version is
 * recorded after its statements, so a migration can be interrupted. Throws OperatorErrors.
 */
export async function migrateSchema(options: MigrationOptions): Promise<void> {
  const { reader, nodes, cluster, isReplicated } = options;
  const { database } = reader;
  await assertSameKind(options);
  await nodes.execute(`CREATE DATABASE IF NOT EXISTS ${quoteIdentifier(database)}`);
  const versionTable = `${quoteIdentifier(database)}.migrations`;
  await nodes.execute(
    `CREATE TABLE IF NOT EXISTS ${versionTable} (version UInt32, at DateTime DEFAULT now()) ENGINE = MergeTree ORDER BY version`,
  );
  const versions = await nodes.query<[number]>(`SELECT max(version) FROM ${versionTable}`);
  const oldest = Math.min(...versions.map(([[version = 0] = []]) => Number(version)));
  if (oldest > migrations.length) {
    throw new OperatorError(
      `The tables in ${JSON.stringify(database)} have schema version ${oldest}, but this grepd supports versions up to ${migrations.length}. Update grepd.`,
    );
  }
  const schema = createSchema({ database, cluster, isReplicated });
  for (const [index, migrate] of migrations.entries()) {
    if (index < oldest) continue;
    for (const statement of migrate(schema)) await nodes.execute(statement);
    await nodes.execute(`INSERT INTO ${versionTable} (version) VALUES (${index + 1})`);
  }
  await assertOnAllNodes(options);
}

/** Throws an OperatorError if tables for a cluster meet settings for one node, or vice versa. */
async function assertSameKind({ reader, cluster }: MigrationOptions): Promise<void> {
  const query = `SELECT engine FROM system.tables WHERE database = ${quoteLiteral(reader.database)} AND name = 'lines'`;
  const answers = await reader.rowsPerNode<[string]>(query, NO_SIGNAL).catch((error) => {
    throw error instanceof NodeError ? unresponsiveNodeError(error.cause) : error;
  });
  const isOtherKind = (engine: string) => (engine === 'Distributed') !== (cluster !== undefined);
  if (!answers.flat(2).some(isOtherKind)) return;
  const [kind, remedy] =
    cluster === undefined
      ? ['a cluster', 'Set CLICKHOUSE_CLUSTER to its name']
      : ['a single node', 'Unset CLICKHOUSE_CLUSTER'];
  throw new OperatorError(
    `The tables in ${JSON.stringify(reader.database)} were created for ${kind}. ${remedy}, or use another database.`,
  );
}

/** Throws an OperatorError if a node of the cluster has no tables, because no URL names it. */
async function assertOnAllNodes({ reader, cluster, nodeCount }: MigrationOptions): Promise<void> {
  if (cluster === undefined) return;
  const tables = `clusterAllReplicas(${quoteLiteral(cluster)}, system.tables)`;
  const condition = `database = ${quoteLiteral(reader.database)} AND name = ${quoteLiteral(localTable('lines'))}`;
  const [[count = 0] = []] = await reader.rows<[number]>(`SELECT count() FROM ${tables} WHERE ${condition}`, NO_SIGNAL);
  if (Number(count) === nodeCount) return;
  throw new OperatorError(
    `The cluster ${JSON.stringify(cluster)} has ${nodeCount} nodes, but only ${count} have grepd's tables. List all of them in CLICKHOUSE_URL, separated by commas.`,
  );
}
