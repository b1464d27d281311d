// The metrics of a worker, named by Prometheus' conventions
// (https://prometheus.io/docs/practices/naming/).
import { type Aggregator, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { EventLoopDelay } from './event-loop-delay.js';

export interface MetricRow {
  type: 'counter' | 'gauge' | 'histogram';
  help: string;
  labels?: readonly string[];
}

const rows = {
  grepd_requests_total: {
    type: 'counter',
    help: 'Requests that were answered, or aborted by the client (status 499)',
    labels: ['route', 'action', 'status'],
  },
  grepd_request_duration_seconds: {
    type: 'histogram',
    help: 'Time from when a request was read until its response was sent',
    labels: ['route', 'action'],
  },
  grepd_key_requests_total: { type: 'counter', help: 'Requests by API key, if keys are set', labels: ['key'] },
  grepd_searches_running: { type: 'gauge', help: 'Searches that are running; a batch counts as one' },
  grepd_searches_waiting: { type: 'gauge', help: 'Searches that wait for a slot, or for their batch to finish' },
  grepd_searches_refused_total: { type: 'counter', help: 'Searches that were rejected because the queue was full' },
  grepd_searches_shared_total: { type: 'counter', help: 'Searches that were answered by a batch' },
  grepd_greps_total: { type: 'counter', help: 'Runs of grep, by outcome', labels: ['outcome'] },
  grepd_queries_total: {
    type: 'counter',
    help: 'Queries to the ClickHouse cluster, by outcome; none with the engine grep',
    labels: ['outcome'],
  },
  grepd_cache_hits_total: { type: 'counter', help: 'Requests that were answered from the cache' },
  grepd_cache_misses_total: { type: 'counter', help: 'Requests that were not answered from the cache' },
  grepd_cache_joined_total: { type: 'counter', help: 'Cache misses that joined an identical request in progress' },
  grepd_cache_bytes: { type: 'gauge', help: 'Memory used by cached answers' },
  grepd_catalog_folders: {
    type: 'gauge',
    help: 'Folders in the folder catalogs of all workers; none with the engine ClickHouse',
  },
  grepd_catalog_files: { type: 'gauge', help: 'Files of these folders' },
  grepd_catalog_packed_bytes: { type: 'gauge', help: 'Memory used by packed folders' },
  grepd_catalog_lookups_total: {
    type: 'counter',
    help: 'Look-ups of folders, by outcome: found unchanged, or read, as after each change',
    labels: ['outcome'],
  },
  grepd_index_searches_total: {
    type: 'counter',
    help: 'Searches with a current index, by outcome: they read only blocks that can match (pruned), everything (scanned), or nothing (proved_absent)',
    labels: ['outcome'],
  },
  grepd_index_blocks_total: { type: 'counter', help: 'Blocks of the texts of these searches' },
  grepd_index_blocks_read_total: { type: 'counter', help: 'Those of these blocks that were read' },
  grepd_index_builds_total: { type: 'counter', help: 'Builds of indexes, by outcome', labels: ['outcome'] },
  grepd_index_build_seconds_total: { type: 'counter', help: 'Time that successful builds of indexes took' },
  grepd_index_built_bytes_total: { type: 'counter', help: 'Bytes of text that these builds indexed' },
  grepd_index_rejected_total: {
    type: 'counter',
    help: 'Indexes that were not used because they were damaged or of an unknown format',
  },
  grepd_index_bytes: { type: 'gauge', help: 'Disk space used by indexes, which all workers share' },
  grepd_sent_bytes_total: { type: 'counter', help: 'Bytes sent to clients' },
  grepd_drains_total: { type: 'counter', help: 'Drains that workers have begun' },
  grepd_workers: { type: 'gauge', help: 'Workers that are alive' },
  grepd_metrics_complete: {
    type: 'gauge',
    help: '1 if these are the metrics of all workers, 0 if only those of the worker that answered',
  },
  grepd_worker_requests_total: { type: 'counter', help: 'Requests of a live worker', labels: ['worker'] },
  grepd_worker_uptime_seconds: { type: 'gauge', help: 'Time since a worker started', labels: ['worker'] },
  grepd_worker_memory_bytes: { type: 'gauge', help: 'Memory of a worker (resident set)', labels: ['worker'] },
  grepd_worker_cpu_seconds_total: {
    type: 'counter',
    help: 'CPU time of a live worker, without its greps',
    labels: ['worker'],
  },
  grepd_worker_event_loop_delay_seconds: {
    type: 'gauge',
    help: 'Event loop delay of a worker in about the last ten seconds',
    labels: ['worker', 'quantile'],
  },
} as const satisfies Record<string, MetricRow>;

export type MetricName = keyof typeof rows;

/** Every metric. The documentation, the dashboard and tests read this table. */
export const metricTable: Readonly<Record<MetricName, MetricRow>> = rows;

/** Values that other modules maintain, and that are read when metrics are collected. */
export interface Sources {
  searches: {
    running: number;
    waiting: number;
    rejected: number;
    batched: number;
    greps: Record<string, number>;
    queries: Record<string, number>;
    catalog: { folders: number; files: number; packedBytes: number; lookUps: Record<string, number> };
    index: {
      searches: Record<string, number>;
      blocksRead: number;
      blocksTotal: number;
      builds: Record<string, number>;
      buildSeconds: number;
      indexedBytes: number;
      rejected: number;
      bytes: number;
    };
  };
  answers: { hits: number; misses: number; joined: number; bytes: number };
  sentBytes: () => number;
  /** 1 if the metrics of all workers are being collected, 0 if only those of this one. */
  isComplete: () => number;
}

/** A finished request. */
export interface RequestObservation {
  /** The path pattern of the matched route, or `none`. */
  route: string;
  /** The name of the action; empty if the route has none. */
  action: string;
  status: number;
  ms: number;
  /** The name of the API key, if the request had one. */
  key: string | undefined;
}

/** In seconds: from a cached answer to the longest search. */
export const DURATION_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export class Metrics {
  readonly registry = new Registry();
  readonly #requests: Counter;
  readonly #durations: Histogram;
  readonly #keys: Counter;
  readonly #drains: Counter;
  #requestCount = 0;

  constructor(worker: string, { searches, answers, sentBytes, isComplete }: Sources) {
    this.#requests = this.#counter('grepd_requests_total');
    const durations = this.#configOf('grepd_request_duration_seconds');
    this.#durations = new Histogram({ ...durations, buckets: DURATION_BUCKETS });
    this.#keys = this.#counter('grepd_key_requests_total');
    this.#drains = this.#counter('grepd_drains_total');

    this.#addGauge('grepd_searches_running', () => searches.running);
    this.#addGauge('grepd_searches_waiting', () => searches.waiting);
    this.#addCounter('grepd_searches_refused_total', () => searches.rejected);
    this.#addCounter('grepd_searches_shared_total', () => searches.batched);
    this.#counter('grepd_greps_total', (greps) => {
      for (const [outcome, count] of Object.entries(searches.greps)) greps.inc({ outcome }, count);
    });
    this.#counter('grepd_queries_total', (queries) => {
      for (const [outcome, count] of Object.entries(searches.queries)) queries.inc({ outcome }, count);
    });
    this.#addCounter('grepd_cache_hits_total', () => answers.hits);
    this.#addCounter('grepd_cache_misses_total', () => answers.misses);
    this.#addCounter('grepd_cache_joined_total', () => answers.joined);
    this.#addGauge('grepd_cache_bytes', () => answers.bytes);
    this.#addGauge('grepd_catalog_folders', () => searches.catalog.folders);
    this.#addGauge('grepd_catalog_files', () => searches.catalog.files);
    this.#addGauge('grepd_catalog_packed_bytes', () => searches.catalog.packedBytes);
    this.#counter('grepd_catalog_lookups_total', (lookUps) => {
      for (const [outcome, count] of Object.entries(searches.catalog.lookUps)) lookUps.inc({ outcome }, count);
    });
    this.#addIndexMetrics(searches.index);
    this.#addCounter('grepd_sent_bytes_total', sentBytes);

    this.#addGauge('grepd_workers', () => 1);
    this.#addGauge('grepd_metrics_complete', isComplete, {}, 'first');
    this.#addCounter('grepd_worker_requests_total', () => this.#requestCount, { worker });
    this.#addGauge('grepd_worker_uptime_seconds', () => process.uptime(), { worker });
    this.#addGauge('grepd_worker_memory_bytes', residentBytes, { worker });
    this.#addCounter('grepd_worker_cpu_seconds_total', () => cpuSeconds(), { worker });
    const delay = new EventLoopDelay();
    this.#gauge('grepd_worker_event_loop_delay_seconds', (gauge) => {
      for (const [quantile, seconds] of Object.entries(delay.read())) gauge.set({ worker, quantile }, seconds);
    });
  }

  recordRequest({ route, action, status, ms, key }: RequestObservation): void {
    this.#requestCount += 1;
    this.#requests.inc({ route, action, status });
    this.#durations.observe({ route, action }, ms / 1_000);
    if (key !== undefined) this.#keys.inc({ key });
  }

  recordDrain(): void {
    this.#drains.inc();
  }

  #addIndexMetrics(index: Sources['searches']['index']): void {
    this.#counter('grepd_index_searches_total', (searches) => {
      for (const [outcome, count] of Object.entries(index.searches)) searches.inc({ outcome }, count);
    });
    this.#addCounter('grepd_index_blocks_total', () => index.blocksTotal);
    this.#addCounter('grepd_index_blocks_read_total', () => index.blocksRead);
    this.#counter('grepd_index_builds_total', (builds) => {
      for (const [outcome, count] of Object.entries(index.builds)) builds.inc({ outcome }, count);
    });
    this.#addCounter('grepd_index_build_seconds_total', () => index.buildSeconds);
    this.#addCounter('grepd_index_built_bytes_total', () => index.indexedBytes);
    this.#addCounter('grepd_index_rejected_total', () => index.rejected);
    // Every worker reports the same folder. A new one reports 0 until it has looked.
    this.#addGauge('grepd_index_bytes', () => index.bytes, {}, 'max');
  }

  #configOf(name: MetricName) {
    const { help, labels = [] } = metricTable[name];
    return { name, help, labelNames: [...labels], registers: [this.registry] };
  }

  #counter(name: MetricName, collect?: (counter: Counter) => void): Counter {
    return new Counter({
      ...this.#configOf(name),
      ...(collect !== undefined && {
        // The source's count is absolute, and `inc` adds to the previous one.
        collect() {
          this.reset();
          collect(this as Counter);
        },
      }),
    });
  }

  #gauge(name: MetricName, collect: (gauge: Gauge) => void, aggregator: Aggregator = 'sum'): void {
    new Gauge({
      ...this.#configOf(name),
      aggregator,
      collect() {
        collect(this as Gauge);
      },
    });
  }

  /** Adds a gauge that is omitted while its value is `undefined`. */
  #addGauge(
    name: MetricName,
    read: () => number | undefined,
    labels: Record<string, string> = {},
    aggregator: Aggregator = 'sum',
  ): void {
    const collect = (gauge: Gauge) => {
      const value = read();
      if (value === undefined) gauge.reset();
      else gauge.set(labels, value);
    };
    this.#gauge(name, collect, aggregator);
  }

  #addCounter(name: MetricName, value: () => number, labels: Record<string, string> = {}): void {
    this.#counter(name, (counter) => counter.inc(labels, value()));
  }
}

/** Returns `undefined` if /proc is missing or no file can be opened. */
function residentBytes(): number | undefined {
  try {
    return process.memoryUsage.rss();
  } catch {
    return undefined;
  }
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
