// Asks a ClickHouse cluster: any of its nodes that answers, and another one where that fails.
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { type ClickHouseClient, ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { AppError } from '../../errors.js';
import type { QueryOutcome } from '../counts.js';
import { withoutFailure } from './failure-in-answer.js';

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
/** A connection that is not used for so long is closed: before the server does it (keep_alive_timeout, 10 s unless set). */
const IDLE_MS = 2_500;
const MOST_SOCKETS = 256;

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
    this.#nodes = urls.map(createNode);
    // Not all workers ask the same one.
    this.#first = process.pid % this.#nodes.length;
  }

  /**
   * What a query prints, in the format that it names. Where a node fails before it has sent anything, another one is asked. Throws the signal's reason,
   * `NodeFailed` where a node fails in mid-answer, and what `explain` makes of what ClickHouse says.
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
      throw isNodeFailure(error) ? new NodeFailed(error) : explain(error);
    } finally {
      if (this.#options.counts !== undefined) this.#options.counts[outcome] += 1;
    }
  }

  /** The rows of an answer that is small. Asked again where a node fails in the middle. */
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
        if (typeof tag !== 'string') throw new AppError('engine_unavailable', TOO_OLD);
        return { output: answer.stream as Readable, tag };
      } catch (error) {
        // Also where nobody waits for it any longer: it may have been cut off.
        if (signal.aborted || isNodeFailure(error)) this.#first = (this.#first + 1) % this.#nodes.length;
        signal.throwIfAborted();
        if (!isNodeFailure(error)) throw error;
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

/** A node has failed in the middle of an answer. Another one may be asked for the rest. */
export class NodeFailed extends AppError {
  constructor(cause: unknown) {
    super('engine_unavailable', UNAVAILABLE, { cause });
  }
}

const UNAVAILABLE = 'The ClickHouse cluster can not be asked just now: a node that is needed does not answer.';

/** Does the work again where a node fails while it is done. */
export async function tryAgain<Value>(tries: number, work: () => Promise<Value>): Promise<Value> {
  for (let left = tries; ; left -= 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof NodeFailed) || left <= 0) throw error;
    }
  }
}

export function createNode({ origin, username, password }: URL): ClickHouseClient {
  return createClient({
    url: origin,
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
    // A search ends by its own deadline.
    request_timeout: 24 * 3_600_000,
    http_agent: origin.startsWith('https:') ? agentOf(HttpsAgent) : agentOf(HttpAgent),
    log: { level: ClickHouseLogLevel.OFF },
  });
}

/** Connections are kept, and given up soon where nobody takes them at the other end. */
function agentOf(Agent: typeof HttpAgent): HttpAgent {
  const agent = new Agent({ keepAlive: true, maxSockets: MOST_SOCKETS, timeout: IDLE_MS });
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

/** What ClickHouse says where another node, or one it needs, does not answer or is about to end (src/Common/ErrorCodes.cpp). */
const NODE_CODES = new Set([
  '32', // ATTEMPT_TO_READ_AFTER_EOF
  '203', // NO_FREE_CONNECTION
  '209', // SOCKET_TIMEOUT
  '210', // NETWORK_ERROR
  '236', // ABORTED
  '279', // ALL_CONNECTION_TRIES_FAILED
  '369', // ALL_REPLICAS_ARE_STALE
  '394', // QUERY_WAS_CANCELLED
]);

const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

export function isNodeFailure(error: unknown): boolean {
  if (error instanceof ClickHouseError) return NODE_CODES.has(error.code);
  const { code, message } = error as NodeJS.ErrnoException;
  return SOCKET_CODES.has(code ?? '') || message === 'aborted' || message === 'socket hang up' || isNoAnswer(message);
}

function isNoAnswer(message = ''): boolean {
  return /^Timeout error\.?$/.test(message);
}

/** Whether ClickHouse says that there is no such table or database. */
export function isMissing(error: unknown): boolean {
  const { cause } = error as Error;
  return cause instanceof ClickHouseError && ['60', '81'].includes(cause.code);
}

/** What a failure means to the caller: an AppError, or the failure itself where that is nothing but a bug. */
export function explain(error: unknown): unknown {
  if (isNodeFailure(error)) return new AppError('engine_unavailable', UNAVAILABLE, { cause: error });
  if (!(error instanceof ClickHouseError)) return error;
  switch (error.code) {
    case '159': // TIMEOUT_EXCEEDED
      return new AppError('search_timeout', 'The search took longer than it may.', { cause: error });
    case '241': // MEMORY_LIMIT_EXCEEDED
      return new AppError('search_memory', 'The search needed more memory than it may have in the cluster.', {
        cause: error,
      });
    case '202': // TOO_MANY_SIMULTANEOUS_QUERIES
      return new AppError('too_busy', 'The ClickHouse cluster has too many queries just now.', { cause: error });
    case '60': // UNKNOWN_TABLE
    case '81': // UNKNOWN_DATABASE
      return new AppError(
        'engine_unavailable',
        'The ClickHouse cluster has no tables of grepd: `npm run load` makes them.',
        {
          cause: error,
        },
      );
    case '192': // UNKNOWN_USER
    case '193': // WRONG_PASSWORD
    case '497': // ACCESS_DENIED
    case '516': // AUTHENTICATION_FAILED
      return new AppError('engine_unavailable', 'The ClickHouse cluster does not let grepd in.', { cause: error });
    default:
      return error;
  }
}
