// The rate limit of a service: shared by its workers if they have a directory in common.
import { type Rate, RateWindows, type Verdict } from './rate-windows.js';
import { SharedRateLimit } from './shared-rate-limit.js';

export interface OpenRateLimit {
  consume: (caller: string) => Promise<Verdict>;
  close: () => Promise<void>;
}

/** Without a directory, each worker counts for itself. */
export function openRateLimit({ directory, rate }: { directory: string | undefined; rate: Rate }): OpenRateLimit {
  if (directory === undefined) {
    const windows = new RateWindows(rate);
    return { consume: async (caller) => windows.consume(caller), close: async () => {} };
  }
  const limit = new SharedRateLimit({ directory, rate });
  return { consume: (caller) => limit.consume(caller), close: () => limit.close() };
}
