// Tracks an engine's calls in flight, so that `close` can wait for them.
import { AppError } from '../../errors.js';
import type { Answer, Entry } from '../engine.js';

export class EngineCalls {
  #inFlight = 0;
  #closed: Promise<void> | undefined;
  #onIdle = () => {};

  /** Must be followed by `end()`. Throws `engine_unavailable` after `close()`. */
  begin(): void {
    this.assertOpen();
    this.#inFlight += 1;
  }

  end(): void {
    this.#inFlight -= 1;
    if (this.#inFlight === 0) this.#onIdle();
  }

  assertOpen(): void {
    if (this.#closed !== undefined) throw new AppError('engine_unavailable', 'The search engine is closed.');
  }

  async run<Value>(call: () => Promise<Value>): Promise<Value> {
    this.begin();
    try {
      return await call();
    } finally {
      this.end();
    }
  }

  async *answer<Some extends Entry>(call: () => Answer<Some>): Answer<Some> {
    this.begin();
    try {
      return yield* call();
    } finally {
      this.end();
    }
  }

  /** Rejects new calls, and resolves when those in flight have ended. */
  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#onIdle = resolve;
      if (this.#inFlight === 0) resolve();
    });
    return this.#closed;
  }
}
