// Cooperative scheduling: a long loop runs in slices, and yields to the event loop between them.
import { setImmediate as nextIteration } from 'node:timers/promises';

/** How long a loop may keep the event loop busy, apart from the duration of a single step. */
const SLICE_MS = 5;

/** Usage: `if (slice.isExpired) await slice.yieldToEventLoop();` in each step of the loop. */
export class TimeSlice {
  #startedMs = performance.now();

  get isExpired(): boolean {
    return performance.now() - this.#startedMs > SLICE_MS;
  }

  /** Resolves in the next iteration of the event loop, with a new slice. */
  async yieldToEventLoop(): Promise<void> {
    await nextIteration();
    this.#startedMs = performance.now();
  }
}
