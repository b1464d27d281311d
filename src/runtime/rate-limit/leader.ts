// Leader election: the worker that takes the lock counts for all, and the others are its clients.
// When the leader closes, the next one continues its counts; if it is killed, they start from zero.
import { setTimeout as sleep } from 'node:timers/promises';
import { releaseLock, takeLock } from '../../concurrency/file-lock.js';
import { connectToLeader } from './client.js';
import type { RateCounter, RatePaths } from './counter.js';
import type { Rate } from './rate-windows.js';
import { openRateServer } from './server.js';

export const RETRY_MS = 5;

/** Error codes for a lack of resources. There may still be a leader. */
const TRANSIENT = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);

export interface LeadershipOptions {
  paths: RatePaths;
  rate: Rate;
  /** Creates the counter to use while workers can't communicate, for example on a full disk. */
  fallback: () => RateCounter;
}

/** Follows the current leader through elections, or is the leader. */
export class Leadership {
  readonly #options: LeadershipOptions;
  #counter: Promise<RateCounter>;
  #isClosed = false;

  constructor(options: LeadershipOptions) {
    this.#options = options;
    this.#counter = this.#find();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Resolves to the leader's counter. Rejects once this is closed. */
  get counter(): Promise<RateCounter> {
    return this.#counter;
  }

  /** Disconnects from the leader; the leader itself hands over its counts. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const counter = await this.#counter.catch(() => undefined);
    await counter?.close();
  }

  #find(): Promise<RateCounter> {
    const counter = this.#poll();
    counter.then(
      async ({ gone }) => {
        await gone;
        if (!this.#isClosed) this.#counter = this.#find();
      },
      () => {},
    );
    return counter;
  }

  async #poll(): Promise<RateCounter> {
    const { paths, rate, fallback } = this.#options;
    while (!this.#isClosed) {
      try {
        const counter = (await connectToLeader(paths.socket)) ?? (await electLeader(paths, rate));
        if (counter !== undefined) return counter;
      } catch (error) {
        if (!TRANSIENT.has((error as NodeJS.ErrnoException).code ?? '')) return fallback();
      }
      await sleep(RETRY_MS, undefined, { ref: false });
    }
    throw new Error('The rate limit is closed.');
  }
}

/** Returns `undefined` while another worker holds the lock. */
async function electLeader(paths: RatePaths, rate: Rate): Promise<RateCounter | undefined> {
  if (!takeLock(paths.lock)) return undefined;
  try {
    // Another worker may have been elected since the last attempt to connect.
    return (await connectToLeader(paths.socket)) ?? (await openRateServer(paths, rate));
  } finally {
    releaseLock(paths.lock);
  }
}
