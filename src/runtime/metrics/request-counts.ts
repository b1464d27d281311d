// Requests and how long they took: counted by hand, as prom-client's counters take three times as long, and put into its form when they are asked for.
import type { RequestObservation } from './metrics.js';

/** In seconds: from an answer that is remembered to the longest search. */
export const DURATION_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface Cell {
  route: string;
  action: string;
  status: number;
  count: number;
  seconds: number;
  /** By the first bucket that holds them; the last is for what no bucket holds. */
  buckets: number[];
}

interface Value {
  labels: Record<string, string | number>;
  value: number;
  metricName?: string;
}

export class RequestCounts {
  readonly #cells = new Map<string, Cell>();
  total = 0;

  add({ route, action, status, ms }: RequestObservation): void {
    const name = `${status} ${action} ${route}`;
    let cell = this.#cells.get(name);
    if (cell === undefined) {
      cell = { route, action, status, count: 0, seconds: 0, buckets: Array(DURATION_BUCKETS.length + 1).fill(0) };
      this.#cells.set(name, cell);
    }
    const seconds = ms / 1000;
    let bucket = 0;
    while (seconds > (DURATION_BUCKETS[bucket] ?? Number.POSITIVE_INFINITY)) bucket += 1;
    cell.buckets[bucket] = (cell.buckets[bucket] ?? 0) + 1;
    cell.count += 1;
    cell.seconds += seconds;
    this.total += 1;
  }

  counts(): Value[] {
    return [...this.#cells.values()].map(({ route, action, status, count }) => ({
      labels: { route, action, status },
      value: count,
    }));
  }

  /** The values of a histogram (https://prometheus.io/docs/concepts/metric_types/#histogram): each bucket holds those before it. */
  durations(name: string): Value[] {
    const sums = new Map<string, Omit<Cell, 'status'>>();
    for (const { route, action, count, seconds, buckets } of this.#cells.values()) {
      const key = `${action} ${route}`;
      const sum = sums.get(key) ?? { route, action, count: 0, seconds: 0, buckets: buckets.map(() => 0) };
      sums.set(key, sum);
      sum.count += count;
      sum.seconds += seconds;
      sum.buckets = sum.buckets.map((value, at) => value + (buckets[at] ?? 0));
    }
    return [...sums.values()].flatMap(({ route, action, count, seconds, buckets }) => {
      const labels = { route, action };
      let held = 0;
      const cumulative = [...DURATION_BUCKETS, '+Inf'].map((le, at): Value => {
        held += buckets[at] ?? 0;
        return { labels: { le, ...labels }, value: held, metricName: `${name}_bucket` };
      });
      return [
        ...cumulative,
        { labels, value: seconds, metricName: `${name}_sum` },
        { labels, value: count, metricName: `${name}_count` },
      ];
    });
  }
}
