// The metrics of this worker and, through the exchange, those of all workers.
import type { Logger } from 'pino';
import { Metrics, type Sources } from './metrics.js';
import { MetricsExchange } from './metrics-exchange.js';
import { type CollectedMetrics, mergeSnapshots, type Snapshot } from './snapshots.js';

export interface OpenMetrics {
  metrics: Metrics;
  /** Returns the metrics of all workers; those of this one alone if the others can't be read. */
  gather: () => Promise<CollectedMetrics>;
  close: () => Promise<void>;
}

export interface OpenMetricsOptions extends Omit<Sources, 'isComplete'> {
  /** The directory that the workers share, if there is one. */
  directory: string | undefined;
  log: Logger;
}

export async function openMetrics({ directory, log, ...sources }: OpenMetricsOptions): Promise<OpenMetrics> {
  let isComplete = 0;
  const metrics = new Metrics(String(process.pid), { ...sources, isComplete: () => isComplete });
  const { registry } = metrics;
  const isPerWorker = (metric: string) => metric.startsWith('grepd_worker');
  const onWriteError = (error: unknown) => log.warn({ err: error }, 'failed to write counters');
  const warn = (error: unknown) => {
    log.warn({ err: error }, 'metrics cover this worker only');
    return undefined;
  };
  const exchange =
    directory === undefined
      ? undefined
      : await MetricsExchange.open({ directory, registry, isPerWorker, onWriteError }).catch(warn);
  return {
    metrics,
    gather: async () => {
      try {
        isComplete = 1;
        if (exchange !== undefined) return await exchange.gather();
      } catch (error) {
        warn(error);
      }
      isComplete = 0;
      return mergeSnapshots([(await registry.getMetricsAsJSON()) as Snapshot]);
    },
    close: async () => exchange?.close(),
  };
}
