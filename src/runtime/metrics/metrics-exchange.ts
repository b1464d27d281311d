// Collects the metrics of all workers in any of them. prom-client's cluster support needs code in
// the primary process, which is PM2's. Here each worker sends its metrics to the others on a
// socket, and keeps its counters in a file for when it is gone.
import type { Server } from 'node:net';
import { join } from 'node:path';
import type { Registry } from 'prom-client';
import { processIdentity } from '../../concurrency/process-identity.js';
import { replaceFile } from '../atomic-file.js';
import { listenOnSocket } from '../worker-socket.js';
import { readOtherWorkers } from './other-workers.js';
import { type CollectedMetrics, mergeSnapshots, type Snapshot } from './snapshots.js';

export type { CollectedMetrics, MetricSample } from './snapshots.js';

export interface MetricsExchangeOptions {
  directory: string;
  registry: Registry;
  /** Whether a counter is exported only while its worker is alive. */
  isPerWorker: (metric: string) => boolean;
  /** Called once each time that writing the counters begins to fail. */
  onWriteError: (error: unknown) => void;
}

/** A worker that is killed loses the counts of this interval, unless they have been reported. */
const WRITE_INTERVAL_MS = 250;

export class MetricsExchange {
  readonly #options: MetricsExchangeOptions;
  readonly #name = processIdentity(process.pid);
  #server: Server | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastWritten = '';
  #hasWriteFailed = false;

  private constructor(options: MetricsExchangeOptions) {
    this.#options = options;
  }

  /** Rejects if the directory can't be used. */
  static async open(options: MetricsExchangeOptions): Promise<MetricsExchange> {
    const exchange = new MetricsExchange(options);
    await exchange.#open();
    return exchange;
  }

  async #open(): Promise<void> {
    this.#server = await listenOnSocket(this.#path('sock'), (socket) => {
      this.#snapshot().then(
        (snapshot) => socket.end(JSON.stringify(snapshot)),
        () => socket.destroy(),
      );
    });
    this.#timer = setInterval(() => void this.#snapshot().catch(() => {}), WRITE_INTERVAL_MS).unref();
    await this.#snapshot();
  }

  /**
   * Merges the metrics of all workers. Reported totals never decrease, even if a worker is killed.
   */
  async gather(): Promise<CollectedMetrics> {
    const own = await this.#snapshot();
    const others = await readOtherWorkers(this.#options.directory, this.#name);
    return mergeSnapshots([own, ...others]);
  }

  /** Leaves the counters to the other workers, which go on reporting them. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#snapshot();
    this.#server?.close();
  }

  /** Writes the counters before it returns them, as a total that was reported must not be lost. */
  async #snapshot(): Promise<Snapshot> {
    const snapshot = (await this.#options.registry.getMetricsAsJSON()) as Snapshot;
    const counters = snapshot.filter(({ name, type }) => String(type) !== 'gauge' && !this.#options.isPerWorker(name));
    const json = JSON.stringify(counters);
    if (json !== this.#lastWritten) this.#write(json);
    return snapshot;
  }

  /**
   * On a full disk, the counters are lost only if the worker is killed before there is space again.
   */
  #write(counters: string): void {
    try {
      replaceFile(this.#path('json'), counters);
      this.#lastWritten = counters;
      this.#hasWriteFailed = false;
    } catch (error) {
      // Without any file, the other workers can't discover this one.
      if (this.#lastWritten === '') throw error;
      if (!this.#hasWriteFailed) this.#options.onWriteError(error);
      this.#hasWriteFailed = true;
    }
  }

  #path(extension: string): string {
    return join(this.#options.directory, `${this.#name}.${extension}`);
  }
}
