// Fixed-window rate limiting: each caller's window begins with its first request.
import { LRUCache } from 'lru-cache';

export interface Rate {
  /** Requests per window. */
  maxRequests: number;
  windowMs: number;
}

export interface Verdict {
  isAllowed: boolean;
  /** Requests left in the window. */
  remaining: number;
  /** Milliseconds until the window ends. */
  resetMs: number;
}

interface Window {
  count: number;
  endMs: number;
}

export type WindowEntry = [caller: string, window: Window];

/** Beyond this, the callers that were seen least recently are forgotten. */
const MAX_CALLERS = 100_000;

export class RateWindows {
  readonly #rate: Rate;
  readonly #windows = new LRUCache<string, Window>({ max: MAX_CALLERS });

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Counts a request, unless it is rejected. */
  consume(caller: string): Verdict {
    const { maxRequests, windowMs } = this.#rate;
    const nowMs = Date.now();
    let window = this.#windows.get(caller);
    if (window === undefined || window.endMs <= nowMs) {
      window = { count: 0, endMs: nowMs + windowMs };
      this.#windows.set(caller, window);
    }
    const isAllowed = window.count < maxRequests;
    if (isAllowed) window.count += 1;
    return { isAllowed, remaining: maxRequests - window.count, resetMs: window.endMs - nowMs };
  }

  export(): WindowEntry[] {
    return [...this.#windows.entries()];
  }

  import(windows: WindowEntry[]): void {
    for (const [caller, window] of windows) this.#windows.set(caller, window);
  }
}
