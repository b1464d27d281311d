// The metrics of this worker, and by way of them those of all.
import type { Logger } from 'pino';
import { Metrics, type Sources } from './metrics.js';
import { type Gathered, gatheredFrom, MetricsExchange, type Snapshot } from './metrics-exchange.js';

export interface OpenMetrics {
  metrics: Metrics;
  /** Those of all workers. */
  gather: () => Promise<Gathered>;
  close: () => Promise<void>;
}

export interface OpenMetricsOptions extends Sources {
  /** Where the workers meet; without it each tells of itself alone. */
  folder: string | undefined;
  log: Logger;
}

export async function openMetrics({ folder, log, ...sources }: OpenMetricsOptions): Promise<OpenMetrics> {
  const metrics = new Metrics(String(process.pid), sources);
  const { registry } = metrics;
  const isOfWorker = (metric: string) => metric.startsWith('grepd_worker');
  const exchange =
    folder === undefined
      ? undefined
      : await MetricsExchange.open({ folder, registry, isOfWorker }).catch((error) => {
          log.warn({ err: error }, 'metrics are those of one worker only');
        });
  return {
    metrics,
    gather: async () => {
      try {
        if (exchange !== undefined) return await exchange.gather();
      } catch (error) {
        log.warn({ err: error }, 'metrics are those of one worker only');
      }
      return gatheredFrom([(await registry.getMetricsAsJSON()) as Snapshot]);
    },
    close: async () => exchange?.close(),
  };
}
