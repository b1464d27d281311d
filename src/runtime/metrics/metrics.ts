// What a worker tells about itself, in the words of Prometheus (https://prometheus.io/docs/practices/naming/).
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Aggregator, Counter, Gauge, type Metric, Registry } from 'prom-client';
import { RequestCounts } from './request-counts.js';

export interface MetricRow {
  type: 'counter' | 'gauge' | 'histogram';
  help: string;
  labels?: readonly string[];
}

const rows = {
  grepd_requests_total: {
    type: 'counter',
    help: 'Requests that were answered or given up (status 499)',
    labels: ['route', 'action', 'status'],
  },
  grepd_request_duration_seconds: {
    type: 'histogram',
    help: 'From when a request was read until its answer was sent',
    labels: ['route', 'action'],
  },
  grepd_key_requests_total: { type: 'counter', help: 'Requests by API key, where keys are set', labels: ['key'] },
  grepd_searches_running: { type: 'gauge', help: 'Searches that work just now; a run that several share is one' },
  grepd_searches_waiting: { type: 'gauge', help: 'Searches that wait for a place, or for the run that they share' },
  grepd_searches_refused_total: { type: 'counter', help: 'Searches for which there was no room' },
  grepd_searches_shared_total: { type: 'counter', help: 'Searches that were answered by a run for several' },
  grepd_greps_total: { type: 'counter', help: 'Runs of grep, by how they ended', labels: ['outcome'] },
  grepd_queries_total: {
    type: 'counter',
    help: 'Queries to the ClickHouse cluster, by how they ended; none where grep searches',
    labels: ['outcome'],
  },
  grepd_cache_hits_total: { type: 'counter', help: 'Questions that were answered from memory' },
  grepd_cache_misses_total: { type: 'counter', help: 'Questions that were not' },
  grepd_cache_joined_total: { type: 'counter', help: 'Questions among those that were being worked on already' },
  grepd_cache_bytes: { type: 'gauge', help: 'What is remembered of answers' },
  grepd_sent_bytes_total: { type: 'counter', help: 'Bytes sent to clients' },
  grepd_drains_total: { type: 'counter', help: 'Workers that were told to stop' },
  grepd_workers: { type: 'gauge', help: 'Workers that are alive' },
  grepd_metrics_complete: {
    type: 'gauge',
    help: '1 if these are the metrics of all workers, 0 if only those of the worker that answered',
  },
  grepd_worker_requests_total: { type: 'counter', help: 'Requests of a worker that is alive', labels: ['worker'] },
  grepd_worker_uptime_seconds: { type: 'gauge', help: 'How long a worker has been alive', labels: ['worker'] },
  grepd_worker_memory_bytes: { type: 'gauge', help: 'Memory of a worker (resident set)', labels: ['worker'] },
  grepd_worker_cpu_seconds_total: {
    type: 'counter',
    help: 'Time that a worker that is alive has used, without its greps',
    labels: ['worker'],
  },
  grepd_worker_event_loop_delay_seconds: {
    type: 'gauge',
    help: 'How late the event loop of a worker was, in the last ten seconds or so',
    labels: ['worker', 'quantile'],
  },
} as const satisfies Record<string, MetricRow>;

export type MetricName = keyof typeof rows;

/** All there are. Documentation, dashboard and tests read this table. */
export const metricTable: Readonly<Record<MetricName, MetricRow>> = rows;

/** What is asked for when the metrics are: counts that others keep, and what the process itself knows. */
export interface Sources {
  searches: {
    running: number;
    waiting: number;
    refused: number;
    shared: number;
    greps: Record<string, number>;
    queries: Record<string, number>;
  };
  answers: { hits: number; misses: number; joined: number; bytes: number };
  sentBytes: () => number;
  /** 1 if the metrics of all workers are being read, 0 if only those of this one. */
  isComplete: () => number;
}

/** A request that is over. */
export interface RequestObservation {
  /** The path of the route, as the router has it; `none` where there is none. */
  route: string;
  /** The name of the action; empty where the route has none. */
  action: string;
  status: number;
  ms: number;
  /** The name of the API key, where there is one. */
  key: string | undefined;
}

export class Metrics {
  readonly registry = new Registry();
  readonly #requests = new RequestCounts();
  readonly #keys: Counter;
  readonly #drains: Counter;

  constructor(worker: string, { searches, answers, sentBytes, isComplete }: Sources) {
    this.#values('grepd_requests_total', () => this.#requests.counts());
    this.#keys = this.#counter('grepd_key_requests_total');
    this.#drains = this.#counter('grepd_drains_total');
    this.#values('grepd_request_duration_seconds', (name) => this.#requests.durations(name));

    this.#read('grepd_searches_running', () => searches.running);
    this.#read('grepd_searches_waiting', () => searches.waiting);
    this.#readTotal('grepd_searches_refused_total', () => searches.refused);
    this.#readTotal('grepd_searches_shared_total', () => searches.shared);
    this.#counter('grepd_greps_total', (greps) => {
      for (const [outcome, count] of Object.entries(searches.greps)) greps.inc({ outcome }, count);
    });
    this.#counter('grepd_queries_total', (queries) => {
      for (const [outcome, count] of Object.entries(searches.queries)) queries.inc({ outcome }, count);
    });
    this.#readTotal('grepd_cache_hits_total', () => answers.hits);
    this.#readTotal('grepd_cache_misses_total', () => answers.misses);
    this.#readTotal('grepd_cache_joined_total', () => answers.joined);
    this.#read('grepd_cache_bytes', () => answers.bytes);
    this.#readTotal('grepd_sent_bytes_total', sentBytes);

    this.#read('grepd_workers', () => 1);
    this.#read('grepd_metrics_complete', isComplete, {}, 'first');
    this.#readTotal('grepd_worker_requests_total', () => this.#requests.total, { worker });
    this.#read('grepd_worker_uptime_seconds', () => process.uptime(), { worker });
    this.#read('grepd_worker_memory_bytes', residentBytes, { worker });
    this.#readTotal('grepd_worker_cpu_seconds_total', () => cpuSeconds(), { worker });
    const delay = new LoopDelay();
    this.#gauge('grepd_worker_event_loop_delay_seconds', (gauge) => {
      for (const [quantile, seconds] of Object.entries(delay.read())) gauge.set({ worker, quantile }, seconds);
    });
  }

  request(request: RequestObservation): void {
    this.#requests.add(request);
    if (request.key !== undefined) this.#keys.inc({ key: request.key });
  }

  drain(): void {
    this.#drains.inc();
  }

  #about(name: MetricName) {
    const { help, labels = [] } = metricTable[name];
    return { name, help, labelNames: [...labels], registers: [this.registry] };
  }

  #counter(name: MetricName, collect?: (counter: Counter) => void): Counter {
    return new Counter({
      ...this.#about(name),
      ...(collect !== undefined && {
        // Others keep the count, from the beginning: what was told before is in it.
        collect() {
          this.reset();
          collect(this as Counter);
        },
      }),
    });
  }

  /** A metric whose values are made when it is asked for. */
  #values(name: MetricName, values: (name: MetricName) => unknown[]): void {
    const { type, help } = metricTable[name];
    const get = async () => ({ name, help, type, values: values(name), aggregator: 'sum' });
    this.registry.registerMetric({ name, help, get } as unknown as Metric);
  }

  #gauge(name: MetricName, collect: (gauge: Gauge) => void, aggregator: Aggregator = 'sum'): void {
    new Gauge({
      ...this.#about(name),
      aggregator,
      collect() {
        collect(this as Gauge);
      },
    });
  }

  /** Omits the metric if its value is `undefined`. */
  #read(
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

  #readTotal(name: MetricName, value: () => number, labels: Record<string, string> = {}): void {
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

const LOOK_EVERY_MS = 10;
const WINDOW_MS = 10_000;

/** How late the event loop is, in windows, so that what was long ago is forgotten. */
class LoopDelay {
  readonly #delay = monitorEventLoopDelay({ resolution: LOOK_EVERY_MS });
  #began = performance.now();
  #last = { '0.5': 0, '0.99': 0, '1': 0 };

  constructor() {
    this.#delay.enable();
  }

  read(): Record<string, number> {
    const now = this.#now();
    if (performance.now() - this.#began < WINDOW_MS) {
      return Object.fromEntries(
        Object.entries(now).map(([quantile, seconds]) => [
          quantile,
          Math.max(seconds, this.#last[quantile as keyof typeof now]),
        ]),
      );
    }
    this.#last = now;
    this.#began = performance.now();
    this.#delay.reset();
    return now;
  }

  #now() {
    // The time between two looks: what it is more than it should be is delay. Without a look there is none.
    const late = (nanoseconds: number) =>
      this.#delay.count === 0 ? 0 : Math.max(0, nanoseconds / 1e9 - LOOK_EVERY_MS / 1000);
    return {
      '0.5': late(this.#delay.percentile(50)),
      '0.99': late(this.#delay.percentile(99)),
      '1': late(this.#delay.max),
    };
  }
}
