// Keeps long loops of short synchronous system calls from blocking the event loop.
import { TimeSlice } from '../../concurrency/time-slice.js';

/** Usage: `if (pace.isExpired) await pace.yieldToEventLoop();` in each step of a loop. */
export class Pace {
  readonly signal: AbortSignal;
  readonly #slice = new TimeSlice();

  constructor(signal: AbortSignal) {
    this.signal = signal;
  }

  get isExpired(): boolean {
    return this.#slice.isExpired;
  }

  /** Throws the signal's reason if it has aborted. */
  async yieldToEventLoop(): Promise<void> {
    await this.#slice.yieldToEventLoop();
    this.signal.throwIfAborted();
  }
}
