// What the workers of a service share for one rate: a counter, and the paths by which they find it.
import { join } from 'node:path';
import type { Rate, Verdict } from './rate-windows.js';

/** Counts requests: in this process, or in another worker's. */
export interface RateCounter {
  /** Rejects if the counter is gone. */
  consume: (caller: string) => Promise<Verdict>;
  close: () => Promise<void>;
  /** Resolves when the counter can no longer be used. */
  gone: Promise<unknown>;
}

export interface RatePaths {
  lock: string;
  /** Where the leader listens. */
  socket: string;
  /** The counts that a leader which has closed leaves to the next one. */
  counts: string;
}

/** During a reload, workers with another limit use other paths. */
export function ratePathsIn(directory: string, { maxRequests, windowMs }: Rate): RatePaths {
  const path = (extension: string) => join(directory, `rate-${maxRequests}-${windowMs}.${extension}`);
  return { lock: path('lock'), socket: path('sock'), counts: path('counts') };
}
