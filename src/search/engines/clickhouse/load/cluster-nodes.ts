// Changes data on the nodes of a ClickHouse cluster.
import { Readable } from 'node:stream';
import type { ClickHouseClient } from '@clickhouse/client';
import { OperatorError } from '../../../../errors.js';
import { createNodeClient } from '../client/cluster.js';
import { isNodeFailure, toAppError } from '../client/cluster-failures.js';

/** How long a node may send nothing while it executes a statement. */
const STATEMENT_TIMEOUT_MS = 120_000;

/** An insert returns once all shards have its rows, and has no effect if it is a duplicate. */
const INSERT_SETTINGS = { distributed_foreground_insert: 1, insert_deduplicate: 1, async_insert: 0 } as const;

export class ClusterNodes {
  readonly #clients: readonly ClickHouseClient[];

  constructor(urls: readonly string[]) {
    this.#clients = urls.map((url) => createNodeClient(new URL(url), STATEMENT_TIMEOUT_MS));
  }

  /**
   * Executes a statement on every node. Throws an OperatorError if a node doesn't respond.
   *
   * @param isReplicated whether one node suffices, because it forwards the statement to the others
   */
  async execute(statement: string, { isReplicated = false } = {}): Promise<void> {
    const outcomes = await Promise.allSettled(this.#clients.map((client) => client.command({ query: statement })));
    const failures = outcomes.filter((outcome) => outcome.status === 'rejected');
    const isEnough = isReplicated && failures.length < outcomes.length;
    if (failures[0] === undefined || isEnough) return;
    const { reason } = failures[0];
    throw isNodeFailure(reason) ? unresponsiveNodeError(reason) : toAppError(reason);
  }

  /** Runs a query on every node, and returns the rows of each. */
  async query<Values extends unknown[]>(query: string): Promise<Values[][]> {
    return await Promise.all(
      this.#clients.map(async (client) => {
        const result = await client.query({ query, format: 'JSONCompactEachRow' });
        return (await result.json()) as Values[];
      }),
    );
  }

  /**
   * Sends rows to any node that responds. Throws as `toAppError` says.
   *
   * @param token identifies the rows: a second insert with the same token is a duplicate
   */
  async insert(query: string, rows: Buffer, token: string): Promise<void> {
    for (let attempts = 1; ; attempts += 1) {
      const client = this.#clients[attempts % this.#clients.length] as ClickHouseClient;
      try {
        const { stream } = await client.exec({
          query,
          values: Readable.from([rows], { objectMode: false }),
          clickhouse_settings: { ...INSERT_SETTINGS, insert_deduplication_token: token },
        });
        await stream.resume().toArray();
        return;
      } catch (error) {
        if (!isNodeFailure(error) || attempts > this.#clients.length) throw toAppError(error);
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }
}

export function unresponsiveNodeError(cause: unknown): OperatorError {
  return new OperatorError(`A node in CLICKHOUSE_URL does not respond: ${(cause as Error).message}`, { cause });
}
