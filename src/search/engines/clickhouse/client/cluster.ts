// Runs read-only queries on a ClickHouse cluster, with failover to another node.
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { AppError } from '../../../../errors.js';
import type { Span, SpanAttributes, Tracer } from '../../../../tracing/tracer.js';
import { failureOf } from '../../../../tracing/with-span.js';
import type { QueryOutcome } from '../../../search-counts.js';
import {
  foreignResponseError,
  isForeignResponse,
  isNodeFailure,
  NodeError,
  redactLiterals,
  toAppError,
} from './cluster-failures.js';
import { detectException } from './mid-stream-exception.js';

export interface ClusterOptions {
  /**
   * The HTTP interface of each node, with user, password and database. At least one; all name the
   * same database.
   */
  urls: readonly string[];
  /** The time limit of a query. The cluster enforces it. */
  timeoutMs: number;
  /** The memory limit of a query, per node. */
  memoryBytes: number;
  counts?: Record<QueryOutcome, number>;
  tracer?: Tracer | undefined;
}

/** Settings of a query: https://clickhouse.com/docs/operations/settings/settings */
export type QuerySettings = Record<string, string | number>;

const CONNECT_TIMEOUT_MS = 2_000;
/** For connections between nodes. Longer, because busy nodes wait for each other. */
const INTERNODE_CONNECT_TIMEOUT_MS = 5_000;
/** Below the server's keep_alive_timeout (10 s by default), so that it never closes first. */
const IDLE_TIMEOUT_MS = 2_500;
const MAX_SOCKETS = 256;
/** The request times out after the query, so that ClickHouse can report the query's timeout. */
const REQUEST_MARGIN_MS = 5_000;

export const DEFAULT_DATABASE = 'grepd';

export class Cluster {
  readonly #options: ClusterOptions;
  readonly #nodes: readonly ClickHouseClient[];
  readonly database: string;
  /** The index of the node to use next. It changes when that node fails. */
  #current: number;

  constructor(options: ClusterOptions) {
    this.#options = options;
    const urls = options.urls.map((url) => new URL(url));
    this.database = urls[0]?.pathname.slice(1) || DEFAULT_DATABASE;
    this.#nodes = urls.map((url) => createNodeClient(url, options.timeoutMs + REQUEST_MARGIN_MS));
    // Spreads the workers over the nodes.
    this.#current = process.pid % this.#nodes.length;
  }

  /**
   * Streams the output of a query in the format that it names. Fails over to other nodes before the
   * first byte. Throws `NodeError` if a node fails later, the signal's reason, and AppErrors as in
   * `toAppError`.
   */
  async *stream(query: string, signal: AbortSignal, settings: QuerySettings = {}): AsyncGenerator<Buffer, void, void> {
    const span = this.#startSpan(query);
    let failure: string | undefined;
    let outcome: QueryOutcome = 'cancelled';
    try {
      const { output, exceptionTag } = await this.#execute(query, signal, settings, span);
      try {
        yield* detectException(output, exceptionTag);
      } finally {
        // Closing the connection cancels the query if the caller stops reading.
        output.destroy();
      }
      outcome = 'answered';
    } catch (error) {
      signal.throwIfAborted();
      outcome = 'failed';
      const known = isNodeFailure(error) ? new NodeError(error) : redactLiterals(toAppError(error));
      failure = failureOf(known);
      throw known;
    } finally {
      span?.setAttributes({ 'grepd.query.outcome': outcome });
      span?.end(failure);
      if (this.#options.counts !== undefined) this.#options.counts[outcome] += 1;
    }
  }

  /** Omits the text of the query, which contains search terms. */
  #startSpan(query: string): Span | undefined {
    const [operation = ''] = query.trimStart().split(/\s/, 1);
    return this.#options.tracer?.startSpan(`${operation} ${this.database}`, {
      kind: 'client',
      attributes: { 'db.system.name': 'clickhouse', 'db.namespace': this.database, 'db.operation.name': operation },
    });
  }

  /** Returns the rows of a small result. Retries if a node fails during the response. */
  async rows<Values extends unknown[]>(
    query: string,
    signal: AbortSignal,
    settings?: QuerySettings,
  ): Promise<Values[]> {
    return await retryOnNodeError(this.maxRetries, async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of this.stream(`${query} FORMAT JSONCompactEachRow`, signal, settings)) chunks.push(chunk);
      const lines = Buffer.concat(chunks).toString().split('\n');
      return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Values);
    });
  }

  /** Runs the query on each node. Throws as `rows` does if one of them fails. */
  async rowsPerNode<Values extends unknown[]>(query: string, signal: AbortSignal): Promise<Values[][]> {
    return await Promise.all(
      this.#options.urls.map(async (url) => {
        const node = new Cluster({ ...this.#options, urls: [url] });
        try {
          return await node.rows<Values>(query, signal);
        } finally {
          await node.close();
        }
      }),
    );
  }

  get timeoutMs(): number {
    return this.#options.timeoutMs;
  }

  /** How often a failed read may be retried: as often as there are nodes. */
  get maxRetries(): number {
    return this.#nodes.length;
  }

  async #execute(query: string, signal: AbortSignal, settings: QuerySettings, span?: Span): Promise<QueryOutput> {
    const { timeoutMs, memoryBytes } = this.#options;
    const allSettings = {
      // Without write access, and cancelled when its client disconnects.
      readonly: '2',
      cancel_http_readonly_queries_on_client_close: 1,
      max_execution_time: Math.ceil(timeoutMs / 1000) + 1,
      max_memory_usage: String(memoryBytes),
      // Never return partial results: fail without a shard, and skip replicas that lag behind.
      skip_unavailable_shards: 0,
      max_replica_delay_for_distributed_queries: '1',
      fallback_to_stale_replicas_for_distributed_queries: 0,
      // A long timeout costs no time: after 50 ms, ClickHouse tries another replica as well.
      connect_timeout_with_failover_ms: INTERNODE_CONNECT_TIMEOUT_MS,
      output_format_json_quote_64bit_integers: 0,
      ...settings,
    } as const;
    let failure: unknown;
    for (let attempts = 0; attempts <= this.#nodes.length; attempts += 1) {
      signal.throwIfAborted();
      const node = this.#nodes[this.#current] as ClickHouseClient;
      span?.setAttributes(addressOf(this.#options.urls[this.#current] as string));
      try {
        const response = await node.exec({
          query,
          clickhouse_settings: allSettings,
          abort_signal: signal,
          http_headers: this.#options.tracer?.headers(span) ?? {},
        });
        const exceptionTag = response.response_headers[EXCEPTION_TAG_HEADER];
        const output = response.stream as Readable;
        if (typeof exceptionTag === 'string') return { output, exceptionTag };
        output.destroy();
        throw new AppError('engine_unavailable', UNSUPPORTED_VERSION);
      } catch (error) {
        // Switch nodes after an abort too: this one may have been too slow.
        if (signal.aborted || isNodeFailure(error)) this.#current = (this.#current + 1) % this.#nodes.length;
        signal.throwIfAborted();
        if (!isNodeFailure(error)) throw isForeignResponse(error) ? foreignResponseError(error) : error;
        failure = error;
      }
    }
    throw failure;
  }

  async close(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.close()));
  }
}

function addressOf(url: string): SpanAttributes {
  const { hostname, port } = new URL(url);
  return { 'server.address': hostname, 'server.port': port === '' ? undefined : Number(port) };
}

const EXCEPTION_TAG_HEADER = 'x-clickhouse-exception-tag';
const UNSUPPORTED_VERSION = 'The ClickHouse cluster is too old: grepd needs ClickHouse 26.2 or newer.';

interface QueryOutput {
  output: Readable;
  exceptionTag: string;
}

async function retryOnNodeError<Value>(maxRetries: number, work: () => Promise<Value>): Promise<Value> {
  for (let retries = 0; ; retries += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof NodeError) || retries >= maxRetries) throw error;
    }
  }
}

/** @param requestTimeoutMs how long the node may send nothing */
export function createNodeClient({ origin, username, password }: URL, requestTimeoutMs: number): ClickHouseClient {
  return createClient({
    url: origin,
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
    request_timeout: requestTimeoutMs,
    http_agent: origin.startsWith('https:') ? createAgent(HttpsAgent) : createAgent(HttpAgent),
    log: { level: ClickHouseLogLevel.OFF },
  });
}

/** Returns an agent that keeps connections alive and has a connect timeout, which Node's lacks. */
function createAgent(Agent: typeof HttpAgent): HttpAgent {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS, timeout: IDLE_TIMEOUT_MS });
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = connect(options, callback) as Socket;
    const timer = setTimeout(() => socket.destroy(connectTimeoutError()), CONNECT_TIMEOUT_MS);
    const stopTimer = () => clearTimeout(timer);
    socket.once('connect', stopTimer).once('close', stopTimer);
    return socket;
  };
  return agent;
}

function connectTimeoutError(): Error {
  return Object.assign(new Error(`no connection within ${CONNECT_TIMEOUT_MS} ms`), { code: 'ETIMEDOUT' });
}
