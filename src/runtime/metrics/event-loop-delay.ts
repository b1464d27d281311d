// Measures how long the event loop is kept from running.
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 10;
const WINDOW_MS = 10_000;

/** Quantiles of the event loop delay in the current and the previous window, in seconds. */
export class EventLoopDelay {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #windowStart = performance.now();
  #previous = { '0.5': 0, '0.99': 0, '1': 0 };

  constructor() {
    this.#delay.enable();
  }

  read(): Record<string, number> {
    const now = this.#now();
    if (performance.now() - this.#windowStart < WINDOW_MS) {
      return Object.fromEntries(
        Object.entries(now).map(([quantile, seconds]) => [
          quantile,
          Math.max(seconds, this.#previous[quantile as keyof typeof now]),
        ]),
      );
    }
    this.#previous = now;
    this.#windowStart = performance.now();
    this.#delay.reset();
    return now;
  }

  #now() {
    // The histogram holds the time between samples, which includes the sampling interval.
    const toDelay = (nanoseconds: number) =>
      this.#delay.count === 0 ? 0 : Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1000);
    return {
      '0.5': toDelay(this.#delay.percentile(50)),
      '0.99': toDelay(this.#delay.percentile(99)),
      '1': toDelay(this.#delay.max),
    };
  }
}
