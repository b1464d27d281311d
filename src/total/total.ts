// The sum of the numbers that the numbers API returns.
import { Piscina } from 'piscina';
import { AppError } from '../errors.js';
import type { NumbersApi } from './numbers-client.js';
import { SharedCall } from './shared-call.js';
import type { TotalOutcome, TotalWorkerData } from './total-worker.js';

export interface TotalOptions {
  /** Without one, the integers from 0 to 1,000,000 after a second. */
  api: NumbersApi | undefined;
  /** The longest that getting the numbers and adding them up may take. */
  timeoutMs: number;
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

export function openTotal({ api, timeoutMs }: TotalOptions): Total {
  const threads = new Piscina<undefined, TotalOutcome>({
    filename: new URL('./total-worker.js', import.meta.url).href,
    workerData: { api } satisfies TotalWorkerData,
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: IDLE_MS,
    // A thread that waits by Atomics.wait can not be told that it is over.
    atomics: 'disabled',
  });
  const sum = new SharedCall(async (signal) => {
    const time = AbortSignal.timeout(timeoutMs);
    try {
      // The thread is ended in the midst of whatever it does.
      const outcome = await threads.run(undefined, { signal: AbortSignal.any([signal, time]) });
      if ('failure' in outcome) throw new AppError('numbers_failed', outcome.failure);
      return outcome.total;
    } catch (error) {
      if (!time.aborted) throw error;
      throw new AppError('numbers_timeout', `The numbers were not there and added up within ${timeoutMs} ms.`, {
        cause: error,
      });
    }
  });
  return { get: (signal) => sum.join(signal), close: () => threads.destroy() };
}
