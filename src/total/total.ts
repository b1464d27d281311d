// Sums the numbers of the numbers API in a worker thread.
import { Piscina } from 'piscina';
import { SingleFlight } from '../concurrency/single-flight.js';
import { AppError } from '../errors.js';
import type { SpanOptions, Tracer } from '../tracing/tracer.js';
import { withSpan } from '../tracing/with-span.js';
import type { NumbersApi } from './numbers-client.js';
import type { TotalOutcome, TotalTask, TotalWorkerData } from './total-worker.js';

export interface TotalOptions {
  /** By default, the integers from 0 to 1,000,000 after a second. */
  api: NumbersApi | undefined;
  /** Limits fetching and summing together. */
  timeoutMs: number;
  /** Passes the trace of the first caller on to the API. */
  tracer?: Tracer | undefined;
  /** The module that the thread runs. */
  program?: URL;
}

export interface Total {
  /**
   * Returns the sum as JSON. Concurrent callers share one computation. Throws `numbers_failed`,
   * `numbers_timeout` or the signal's reason.
   */
  get(signal: AbortSignal): Promise<string>;
  /** Terminates the thread. */
  close(): Promise<void>;
}

/** How long an idle thread is kept. */
const IDLE_TIMEOUT_MS = 10_000;

const PROGRAM = new URL('./total-worker.js', import.meta.url);

/**
 * Opens the sum of the numbers API, which runs in a thread. `get` resolves to a decimal number, and
 * throws `numbers_failed`, or `numbers_timeout` after `timeoutMs`.
 */
export function openTotal({ api, timeoutMs, tracer, program = PROGRAM }: TotalOptions): Total {
  // Piscina reports a thread that fails to load on the pool, and its task never settles.
  let onThreadError = (_error: unknown) => {};
  const createPool = () =>
    new Piscina<TotalTask, TotalOutcome>({
      filename: program.href,
      workerData: { api } satisfies TotalWorkerData,
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: IDLE_TIMEOUT_MS,
      // A thread that is blocked in Atomics.wait doesn't receive the message to exit.
      atomics: 'disabled',
    }).on('error', (error) => onThreadError(error));
  let pool = createPool();
  const runTask = (task: TotalTask, signal: AbortSignal) => {
    try {
      return pool.run(task, { signal });
    } catch (error) {
      // The system is out of threads. The old pool keeps a task whose rejection can't be handled.
      pool = createPool();
      throw error;
    }
  };

  const getTotal = async (task: TotalTask, signal: AbortSignal) => {
    const timeout = AbortSignal.timeout(timeoutMs);
    const controller = new AbortController();
    const threadError = new Promise<never>((_, reject) => {
      onThreadError = reject;
    });
    const outcome = runTask(task, controller.signal);
    // Aborting a task terminates its thread.
    for (const each of [signal, timeout]) each.addEventListener('abort', () => controller.abort(), { once: true });
    try {
      return await toTotal(Promise.race([outcome, threadError]));
    } catch (error) {
      if (!timeout.aborted) throw error;
      const message = `Fetching and summing the numbers took longer than ${timeoutMs} ms.`;
      throw new AppError('numbers_timeout', message, { cause: error });
    } finally {
      controller.abort();
    }
  };
  const sum = new SingleFlight((signal) =>
    api === undefined
      ? getTotal({ headers: {} }, signal)
      : withSpan(tracer, 'GET', spanOptions(api), (span) => getTotal({ headers: tracer?.headers(span) ?? {} }, signal)),
  );
  return { get: (signal) => sum.run(signal), close: () => pool.destroy() };
}

/** Without the query of the URL, which may contain a secret. */
function spanOptions({ url }: NumbersApi): SpanOptions {
  const { origin, pathname, hostname, port } = new URL(url);
  return {
    kind: 'client',
    attributes: {
      'http.request.method': 'GET',
      'url.full': origin + pathname,
      'server.address': hostname,
      'server.port': port === '' ? undefined : Number(port),
    },
  };
}

async function toTotal(pending: Promise<TotalOutcome>): Promise<string> {
  const outcome = await pending;
  if ('total' in outcome) return outcome.total;
  throw new AppError(outcome.failure.code, outcome.failure.message);
}
