// The sum of the numbers that the numbers API returns.
import { Piscina } from 'piscina';
import { SingleFlight } from '../concurrency/single-flight.js';
import { AppError } from '../errors.js';
import type { NumbersApi } from './numbers-client.js';
import type { TotalOutcome, TotalWorkerData } from './total-worker.js';

export interface TotalOptions {
  /** Without one, the integers from 0 to 1,000,000 after a second. */
  api: NumbersApi | undefined;
  /** The longest that getting the numbers and adding them up may take. */
  timeoutMs: number;
  /** What the thread runs. */
  program?: URL;
}

export interface Total {
  /**
   * The sum, as it stands in JSON. Whoever asks while it is being found out gets the same one. Throws `numbers_failed`, `numbers_timeout` and
   * the signal's reason.
   */
  get(signal: AbortSignal): Promise<string>;
  /** Ends the thread. */
  close(): Promise<void>;
}

/** A thread is there when it is needed, and for a while after that. */
const IDLE_MS = 10_000;

const PROGRAM = new URL('./total-worker.js', import.meta.url);

export function openTotal({ api, timeoutMs, program = PROGRAM }: TotalOptions): Total {
  // A thread that breaks when it is loaded does not say so to whom it was started for.
  let onBroken = (_error: unknown) => {};
  const createPool = () =>
    new Piscina<undefined, TotalOutcome>({
      filename: program.href,
      workerData: { api } satisfies TotalWorkerData,
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: IDLE_MS,
      // A thread that waits with Atomics.wait can't be told to end.
      atomics: 'disabled',
    }).on('error', (error) => onBroken(error));
  let threads = createPool();
  const start = (signal: AbortSignal) => {
    try {
      return threads.run(undefined, { signal });
    } catch (error) {
      // The system has no more threads. The pool keeps the task, whose promise nobody has.
      threads = createPool();
      throw error;
    }
  };

  const sum = new SingleFlight(async (signal) => {
    const time = AbortSignal.timeout(timeoutMs);
    const over = new AbortController();
    const broken = new Promise<never>((_, reject) => {
      onBroken = reject;
    });
    const outcome = start(over.signal);
    // The thread is ended in the midst of whatever it does.
    for (const end of [signal, time]) end.addEventListener('abort', () => over.abort(), { once: true });
    try {
      return await totalOf(Promise.race([outcome, broken]));
    } catch (error) {
      if (!time.aborted) throw error;
      const message = `The numbers were not there and added up within ${timeoutMs} ms.`;
      throw new AppError('numbers_timeout', message, { cause: error });
    } finally {
      over.abort();
    }
  });
  return { get: (signal) => sum.run(signal), close: () => threads.destroy() };
}

async function totalOf(outcome: Promise<TotalOutcome>): Promise<string> {
  const it = await outcome;
  if ('total' in it) return it.total;
  throw new AppError(it.failure.code, it.failure.message);
}
