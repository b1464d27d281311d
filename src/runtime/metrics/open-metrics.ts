// The metrics of this worker, and by way of them those of all.
import type { Logger } from 'pino';
import { Metrics, type Sources } from './metrics.js';
import { type CollectedMetrics, MetricsExchange, mergeSnapshots, type Snapshot } from './metrics-exchange.js';

export interface OpenMetrics {
  metrics: Metrics;
  /** Those of all workers. */
  gather: () => Promise<CollectedMetrics>;
  close: () => Promise<void>;
}

export interface OpenMetricsOptions extends Omit<Sources, 'isComplete'> {
  /** Where the workers meet; without it each tells of itself alone. */
  folder: string | undefined;
  log: Logger;
}

export async function openMetrics({ folder, log, ...sources }: OpenMetricsOptions): Promise<OpenMetrics> {
  let isComplete = 0;
  const metrics = new Metrics(String(process.pid), { ...sources, isComplete: () => isComplete });
  const { registry } = metrics;
  const isOfWorker = (metric: string) => metric.startsWith('grepd_worker');
  const onUnwritten = (error: unknown) => log.warn({ err: error }, 'failed to write counters');
  const exchange =
    folder === undefined
      ? undefined
      : await MetricsExchange.open({ folder, registry, isOfWorker, onUnwritten }).catch((error) => {
          log.warn({ err: error }, 'metrics are those of one worker only');
        });
  return {
    metrics,
    gather: async () => {
      try {
        isComplete = 1;
        if (exchange !== undefined) return await exchange.gather();
      } catch (error) {
        log.warn({ err: error }, 'metrics are those of one worker only');
      }
      isComplete = 0;
      return mergeSnapshots([(await registry.getMetricsAsJSON()) as Snapshot]);
    },
    close: async () => exchange?.close(),
  };
}
