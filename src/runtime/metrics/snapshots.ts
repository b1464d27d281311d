// Snapshots of the metrics of single workers, and the metrics of all workers merged from them.
import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue } from 'prom-client';

export type Snapshot = MetricObjectWithValues<MetricValue<string>>[];

/** A value of a metric. Those of a histogram have its name with `_bucket`, `_sum` or `_count`. */
export interface MetricSample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

export interface CollectedMetrics {
  /** In Prometheus' text format. */
  text: string;
  samples: MetricSample[];
}

export async function mergeSnapshots(snapshots: Snapshot[]): Promise<CollectedMetrics> {
  const registry = AggregatorRegistry.aggregate(snapshots);
  const metrics = (await registry.getMetricsAsJSON()) as Snapshot;
  const samples = metrics.flatMap(({ name, values }) =>
    values.map(({ labels, value, ...more }) => ({
      name: (more as { metricName?: string }).metricName ?? name,
      labels: labels as Record<string, string>,
      value,
    })),
  );
  return { text: await registry.metrics(), samples };
}

/** Returns one snapshot in place of several. */
export async function sumSnapshots(snapshots: Snapshot[]): Promise<Snapshot> {
  return (await AggregatorRegistry.aggregate(snapshots).getMetricsAsJSON()) as Snapshot;
}
