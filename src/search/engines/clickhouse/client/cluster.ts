// Asks a ClickHouse cluster: any of its nodes that answers, and another one where that fails.
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { AppError } from '../../../../errors.js';
import type { QueryOutcome } from '../../../search-counts.js';
import { explain, isNodeFailure, NodeError, orForeign, withoutLiterals } from './cluster-failures.js';
import { withoutFailure } from './mid-stream-failure.js';

export interface ClusterOptions {
  /** Of its nodes' HTTP interfaces, with user, password and database: at least one. The database is the same in all. */
  urls: readonly string[];
  /** The longest that a query may take on the cluster's side. */
  timeoutMs: number;
  /** The most memory of a query, on each node. */
  memoryBytes: number;
  counts?: Record<QueryOutcome, number>;
}

/** The settings of a query by their names (https://clickhouse.com/docs/operations/settings/settings). */
export type QuerySettings = Record<string, string | number>;

/** A node that does not take a connection within this time is taken for gone. */
const CONNECT_MS = 2_000;
/** The same between nodes: longer, as each waits for another one while a search waits for it. */
const NODE_TO_NODE_MS = 5_000;
/** A connection that is not used for so long is closed: before the server does it (keep_alive_timeout, 10 s unless set). */
const IDLE_MS = 2_500;
const MAX_SOCKETS = 256;
/** A query ends by its own limit before the connection does. */
const MARGIN_MS = 5_000;

export const DEFAULT_DATABASE = 'grepd';

export class Cluster {
  readonly #options: ClusterOptions;
  readonly #nodes: readonly ClickHouseClient[];
  readonly database: string;
  /** The node that is asked first: the last one that answered. */
  #first: number;

  constructor(options: ClusterOptions) {
    this.#options = options;
    const urls = options.urls.map((url) => new URL(url));
    this.database = urls[0]?.pathname.slice(1) || DEFAULT_DATABASE;
    // Nothing is waited for that says nothing for longer than a query may take.
    this.#nodes = urls.map((url) => createNode(url, options.timeoutMs + MARGIN_MS));
    // Not all workers ask the same one.
    this.#first = process.pid % this.#nodes.length;
  }

  /**
   * What a query prints, in the format that it names. Where a node fails before it has sent anything, another one is asked. Throws the signal's reason,
   * `NodeError` where a node fails in mid-answer, and what `explain` makes of what ClickHouse says.
   */
  async *stream(query: string, signal: AbortSignal, settings: QuerySettings = {}): AsyncGenerator<Buffer, void, void> {
    let outcome: QueryOutcome = 'cancelled';
    try {
      const { output, tag } = await this.#ask(query, signal, settings);
      try {
        yield* withoutFailure(output, tag);
      } finally {
        // Who leaves early gives the connection up: so ends the query.
        output.destroy();
      }
      outcome = 'answered';
    } catch (error) {
      signal.throwIfAborted();
      outcome = 'failed';
      throw isNodeFailure(error) ? new NodeError(error) : withoutLiterals(explain(error));
    } finally {
      if (this.#options.counts !== undefined) this.#options.counts[outcome] += 1;
    }
  }

  /** The rows of an answer that is small. Runs the query again if a node fails in the middle. */
  async rows<Values extends unknown[]>(
    query: string,
    signal: AbortSignal,
    settings?: QuerySettings,
  ): Promise<Values[]> {
    return await tryAgain(this.#nodes.length, async () => {
      const pieces: Buffer[] = [];
      for await (const piece of this.stream(`${query} FORMAT JSONCompactEachRow`, signal, settings)) pieces.push(piece);
      const lines = Buffer.concat(pieces).toString().split('\n');
      return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Values);
    });
  }

  /** The same of each node by itself, which all must answer. */
  async rowsOfEach<Values extends unknown[]>(query: string, signal: AbortSignal): Promise<Values[][]> {
    return await Promise.all(
      this.#options.urls.map(async (url) => {
        const alone = new Cluster({ ...this.#options, urls: [url] });
        try {
          return await alone.rows<Values>(query, signal);
        } finally {
          await alone.close();
        }
      }),
    );
  }

  /** The longest that a query may take, in ms. */
  get timeoutMs(): number {
    return this.#options.timeoutMs;
  }

  /** How often it makes sense to ask again. */
  get tries(): number {
    return this.#nodes.length;
  }

  async #ask(query: string, signal: AbortSignal, settings: QuerySettings): Promise<Output> {
    const { timeoutMs, memoryBytes } = this.#options;
    const all = {
      // A query may not change anything; so the one of a caller who has left can be cancelled.
      readonly: '2',
      cancel_http_readonly_queries_on_client_close: 1,
      max_execution_time: Math.ceil(timeoutMs / 1000) + 1,
      max_memory_usage: String(memoryBytes),
      // A shard that is missing is an error, and a replica that lags is not asked: no answer without a part of the text.
      skip_unavailable_shards: 0,
      max_replica_delay_for_distributed_queries: '1',
      fallback_to_stale_replicas_for_distributed_queries: 0,
      // A busy node may need longer than the default second; another replica is asked after 50 ms anyway.
      connect_timeout_with_failover_ms: NODE_TO_NODE_MS,
      output_format_json_quote_64bit_integers: 0,
      ...settings,
    } as const;
    let failure: unknown;
    for (let tries = 0; tries <= this.#nodes.length; tries += 1) {
      signal.throwIfAborted();
      const node = this.#nodes[this.#first] as ClickHouseClient;
      try {
        const answer = await node.exec({ query, clickhouse_settings: all, abort_signal: signal });
        const tag = answer.response_headers[FAILURE_TAG];
        const output = answer.stream as Readable;
        if (typeof tag === 'string') return { output, tag };
        output.destroy();
        throw new AppError('engine_unavailable', TOO_OLD);
      } catch (error) {
        // Also where nobody waits for it any longer: it may have been cut off.
        if (signal.aborted || isNodeFailure(error)) this.#first = (this.#first + 1) % this.#nodes.length;
        signal.throwIfAborted();
        if (!isNodeFailure(error)) throw orForeign(error);
        failure = error;
      }
    }
    throw failure;
  }

  async close(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.close()));
  }
}

const FAILURE_TAG = 'x-clickhouse-exception-tag';
const TOO_OLD = 'The ClickHouse cluster is too old: grepd needs 26.2 or newer.';

/** What a query prints, as it prints it. */
interface Output {
  output: Readable;
  /** What marks a failure in it. */
  tag: string;
}

/** Does the work again where a node fails while it is done. */
export async function tryAgain<Value>(tries: number, work: () => Promise<Value>): Promise<Value> {
  for (let left = tries; ; left -= 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof NodeError) || left <= 0) throw error;
    }
  }
}

/** @param silenceMs how long a node may say nothing before it is taken for gone */
export function createNode({ origin, username, password }: URL, silenceMs: number): ClickHouseClient {
  return createClient({
    url: origin,
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
    request_timeout: silenceMs,
    http_agent: origin.startsWith('https:') ? agentOf(HttpsAgent) : agentOf(HttpAgent),
    log: { level: ClickHouseLogLevel.OFF },
  });
}

/** Connections are kept, and given up soon where nobody takes them at the other end. */
function agentOf(Agent: typeof HttpAgent): HttpAgent {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS, timeout: IDLE_MS });
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = connect(options, callback) as Socket;
    const timer = setTimeout(() => socket.destroy(unreachable()), CONNECT_MS);
    const isThere = () => clearTimeout(timer);
    socket.once('connect', isThere).once('close', isThere);
    return socket;
  };
  return agent;
}

function unreachable(): Error {
  return Object.assign(new Error(`no connection within ${CONNECT_MS} ms`), { code: 'ETIMEDOUT' });
}
