// One count for all workers, kept by a leader. While the leader doesn't respond, each worker counts
// for itself. (rate-limiter-flexible's PM2 limiter addresses workers by PM2's ids. A reload
// reassigns those, so draining workers would never get a verdict.)
import { setTimeout as sleep } from 'node:timers/promises';
import { type RateCounter, ratePathsIn } from './counter.js';
import { Leadership, RETRY_MS } from './leader.js';
import { type Rate, RateWindows, type Verdict } from './rate-windows.js';

export interface SharedRateLimitOptions {
  /** The directory that the workers share. */
  directory: string;
  rate: Rate;
  leaderTimeoutMs?: number;
}

/** A leader that is merely busy responds sooner. One that takes longer is stuck. */
const LEADER_TIMEOUT_MS = 5_000;

/** How long a worker counts for itself before it looks for a leader again. */
const FALLBACK_MS = 1_000;

export class SharedRateLimit {
  readonly #timeoutMs: number;
  readonly #leadership: Leadership;
  /** Counts while the leader is unresponsive, or unreachable. */
  readonly #local: RateWindows;
  #isUnresponsive = false;

  constructor({ directory, rate, leaderTimeoutMs = LEADER_TIMEOUT_MS }: SharedRateLimitOptions) {
    this.#timeoutMs = leaderTimeoutMs;
    this.#local = new RateWindows(rate);
    this.#leadership = new Leadership({
      paths: ratePathsIn(directory, rate),
      rate,
      fallback: () => this.#localCounter(),
    });
  }

  async consume(caller: string): Promise<Verdict> {
    if (this.#isUnresponsive) return this.#local.consume(caller);
    const verdict = this.#consumeFromLeader(caller);
    const inTime = await beforeTimeout(verdict, this.#timeoutMs);
    if (inTime !== undefined) return inTime;
    // Later callers don't wait until this verdict has arrived.
    this.#isUnresponsive = true;
    void verdict.then(() => {
      this.#isUnresponsive = false;
    });
    return this.#local.consume(caller);
  }

  close(): Promise<void> {
    return this.#leadership.close();
  }

  /** Returns `undefined` once this worker has closed. */
  async #consumeFromLeader(caller: string): Promise<Verdict | undefined> {
    while (!this.#leadership.isClosed) {
      try {
        const counter = await this.#leadership.counter;
        return await counter.consume(caller);
      } catch {
        // The leader is gone. By the next attempt there may be a new one.
        await sleep(RETRY_MS, undefined, { ref: false });
      }
    }
    return undefined;
  }

  #localCounter(): RateCounter {
    return {
      consume: async (caller) => this.#local.consume(caller),
      close: async () => {},
      gone: sleep(FALLBACK_MS, undefined, { ref: false }),
    };
  }
}

/** Resolves to `undefined` if the promise takes longer than `timeoutMs`. */
function beforeTimeout<Value>(promise: Promise<Value>, timeoutMs: number): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    // If this worker was suspended, the verdict may have arrived and not been read yet.
    const timer = setTimeout(() => setImmediate(() => resolve(undefined)), timeoutMs).unref();
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
