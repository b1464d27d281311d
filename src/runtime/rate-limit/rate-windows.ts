// How often each caller has asked lately: windows of a fixed length, each beginning with a caller's first request.
import { LRUCache } from 'lru-cache';

export interface Rate {
  /** Requests in a window. */
  most: number;
  windowMs: number;
}

export interface Verdict {
  isAllowed: boolean;
  /** Requests that are left in the window. */
  remaining: number;
  /** When the window ends, in milliseconds from now. */
  resetMs: number;
}

interface Window {
  count: number;
  endMs: number;
}

/** Of more callers at a time those are forgotten that were heard of longest ago. */
const MAX_CALLERS = 100_000;

export class RateWindows {
  readonly #rate: Rate;
  readonly #windows = new LRUCache<string, Window>({ max: MAX_CALLERS });

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** A request that is refused is not counted. */
  ask(caller: string): Verdict {
    const { most, windowMs } = this.#rate;
    const nowMs = Date.now();
    let window = this.#windows.get(caller);
    if (window === undefined || window.endMs <= nowMs) {
      window = { count: 0, endMs: nowMs + windowMs };
      this.#windows.set(caller, window);
    }
    const isAllowed = window.count < most;
    if (isAllowed) window.count += 1;
    return { isAllowed, remaining: most - window.count, resetMs: window.endMs - nowMs };
  }

  /** For whoever goes on with them. */
  export(): [caller: string, window: Window][] {
    return [...this.#windows.entries()];
  }

  import(windows: [caller: string, window: Window][]): void {
    for (const [caller, window] of windows) this.#windows.set(caller, window);
  }
}
