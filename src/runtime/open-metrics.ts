// The metrics of this worker, and by way of them those of all.
import type { Logger } from 'pino';
import { Metrics, type Sources } from './metrics.js';
import { type Gathered, gatheredFrom, MetricsExchange, type Snapshot } from './metrics-exchange.js';
import { openMetricsFolder } from './metrics-folder.js';

export interface OpenMetrics {
  metrics: Metrics;
  /** Those of all workers. */
  gather: () => Promise<Gathered>;
  close: () => Promise<void>;
}

/** Where the workers can't meet, each tells of itself alone: that is no reason not to answer searches. */
export async function openMetrics({
  port,
  log,
  ...sources
}: Sources & { port: number; log: Logger }): Promise<OpenMetrics> {
  const metrics = new Metrics(String(process.pid), sources);
  const { registry } = metrics;
  try {
    const folder = openMetricsFolder(port);
    const isOfWorker = (metric: string) => metric.startsWith('grepd_worker');
    const exchange = await MetricsExchange.open({ folder, registry, isOfWorker });
    return { metrics, gather: () => exchange.gather(), close: () => exchange.close() };
  } catch (error) {
    log.warn({ err: error }, 'metrics are those of one worker only');
    return {
      metrics,
      gather: async () => gatheredFrom([(await registry.getMetricsAsJSON()) as Snapshot]),
      close: async () => {},
    };
  }
}
