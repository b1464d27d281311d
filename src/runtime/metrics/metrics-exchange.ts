// The metrics of all workers, whichever is asked. PM2 runs the primary process, so that prom-client's own cluster support does not work; here each
// worker answers the others on a socket, and leaves its counters in a file for when it is gone.
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue, type Registry } from 'prom-client';
import { releaseLock, takeLock } from '../../concurrency/file-lock.js';
import { isRunning, processIdentity } from '../../concurrency/process-identity.js';

export type Snapshot = MetricObjectWithValues<MetricValue<string>>[];

/** A number of a metric. Those of a histogram have its name with `_bucket`, `_sum` or `_count`. */
export interface MetricSample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

export interface CollectedMetrics {
  /** In the text format of Prometheus. */
  text: string;
  samples: MetricSample[];
}

export interface MetricsExchangeOptions {
  folder: string;
  registry: Registry;
  /** Counters that are told only while their worker is alive. */
  isOfWorker: (metric: string) => boolean;
  /** Called when the counters can't be written, once until they can be again. */
  onUnwritten: (error: unknown) => void;
}

/** How often the counters are written down: what a worker has counted since then is lost where it is killed outright. */
const WRITE_EVERY_MS = 250;
/** A worker that does not answer within this is busy: what it has written down is told instead. */
const ANSWER_MS = 500;
/** Files of workers that are gone are put together when there are so many. */
const MAX_FILES = 20;
const TRIES = 10;

export class MetricsExchange {
  readonly #options: MetricsExchangeOptions;
  readonly #name = processIdentity(process.pid);
  readonly #server: Server;
  readonly #timer: NodeJS.Timeout;
  /** What was written down last. */
  #written = '';
  #isUnwritten = false;

  private constructor(options: MetricsExchangeOptions, server: Server) {
    this.#options = options;
    this.#server = server;
    this.#server.on('connection', (socket) => {
      socket.on('error', () => {});
      this.#snapshot().then(
        (snapshot) => socket.end(JSON.stringify(snapshot)),
        () => socket.destroy(),
      );
    });
    this.#timer = setInterval(() => void this.#snapshot().catch(() => {}), WRITE_EVERY_MS).unref();
  }

  /** Rejects where the folder can't be used. */
  static async open(options: MetricsExchangeOptions): Promise<MetricsExchange> {
    const server = createServer();
    const exchange = new MetricsExchange(options, server);
    // Exclusive: PM2 would else share the socket among the workers.
    server.listen({ path: exchange.#path('sock'), exclusive: true });
    await once(server, 'listening');
    server.unref();
    await exchange.#snapshot();
    return exchange;
  }

  /** What was told once is told ever after: totals never become less, whatever happens to workers. */
  async gather(): Promise<CollectedMetrics> {
    const own = await this.#snapshot();
    const others = await this.#readOthers();
    return mergeSnapshots([own, ...others]);
  }

  /** The counters are written down a last time, and told by the others from now on. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#snapshot();
    this.#server.close();
  }

  /** All there is to tell, of which the counters are in the file before anyone is told. */
  async #snapshot(): Promise<Snapshot> {
    const snapshot = (await this.#options.registry.getMetricsAsJSON()) as Snapshot;
    const counters = snapshot.filter(({ name, type }) => String(type) !== 'gauge' && !this.#options.isOfWorker(name));
    const written = JSON.stringify(counters);
    if (written !== this.#written) this.#write(written);
    return snapshot;
  }

  /** Without room on the disk the counters are lost only if the worker is killed before there is room again. */
  #write(counters: string): void {
    try {
      write(this.#path('json'), counters);
      this.#written = counters;
      this.#isUnwritten = false;
    } catch (error) {
      // Others find this worker by the file.
      if (this.#written === '') throw error;
      if (!this.#isUnwritten) this.#options.onUnwritten(error);
      this.#isUnwritten = true;
    }
  }

  async #readOthers(): Promise<Snapshot[]> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#tryToReadOthers();
      } catch (error) {
        // A file was put together with others just now.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries === TRIES) throw error;
      }
    }
  }

  async #tryToReadOthers(): Promise<Snapshot[]> {
    const { folder } = this.#options;
    const names = readdirSync(folder);
    const sums = names.filter((name) => name.endsWith('.sum'));
    const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
    const summed = withoutOverlap(sums.map((name) => ({ name, ...(read(name) as Sum) })));
    // What a sum holds may not have been removed yet.
    const isIn = new Set(summed.flatMap(({ files }) => files));
    const alone = names.filter((name) => name.endsWith('.json') && !isIn.has(name) && name !== `${this.#name}.json`);
    const snapshots = await Promise.all(
      alone.map(async (name) => {
        const answer = await ask(join(folder, name.replace('.json', '.sock')));
        return {
          name,
          goneError: answer === undefined && !isRunning(name),
          snapshot: answer ?? (read(name) as Snapshot),
        };
      }),
    );
    const counted = summed.filter(({ name }) => !isIn.has(name));
    const gone = snapshots.filter(({ goneError }) => goneError);
    if (gone.length + counted.length > MAX_FILES) await this.#putTogether([...gone, ...counted]);
    return [...snapshots, ...counted].map(({ snapshot }) => snapshot);
  }

  /** One worker at a time. A sum names what it holds, so that nothing is counted twice, whenever this ends. */
  async #putTogether(gone: { name: string; snapshot: Snapshot }[]): Promise<void> {
    const { folder } = this.#options;
    const lock = join(folder, 'lock');
    if (!takeLock(lock)) return;
    try {
      // Another one may have done it meanwhile.
      if (!gone.every(({ name }) => existsSync(join(folder, name)))) return;
      const registry = AggregatorRegistry.aggregate(gone.map(({ snapshot }) => snapshot));
      const snapshot = (await registry.getMetricsAsJSON()) as Snapshot;
      const sum: Sum = { files: gone.map(({ name }) => name), snapshot };
      write(join(folder, `${this.#name}-${Date.now()}.sum`), JSON.stringify(sum));
      for (const { name } of gone) {
        for (const file of [name, name.replace('.json', '.sock')]) rmSync(join(folder, file), { force: true });
      }
    } finally {
      releaseLock(lock);
    }
  }

  #path(extension: string): string {
    return join(this.#options.folder, `${this.#name}.${extension}`);
  }
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

/** Two that hold the same could be there where two workers put files together at once: one of them counts. */
function withoutOverlap<Some extends Sum>(sums: Some[]): Some[] {
  const held = new Set<string>();
  return sums.filter(({ files }) => {
    const isNew = !files.some((file) => held.has(file));
    if (isNew) for (const file of files) held.add(file);
    return isNew;
  });
}

/** Of workers that are gone. */
interface Sum {
  /** The names of the files that it holds. */
  files: string[];
  snapshot: Snapshot;
}

/** What a worker tells; nothing where it is gone, or too busy to say. */
async function ask(path: string): Promise<Snapshot | undefined> {
  const socket = connect(path);
  const timer = setTimeout(() => socket.destroy(new Error('It does not answer.')), ANSWER_MS);
  try {
    return JSON.parse(await text(socket)) as Snapshot;
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

/** In one step for whoever reads it. */
function write(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}
