// The rate limits of a service: one for each rate that callers have.
import { type OpenRateLimit, openRateLimit } from './open-rate-limit.js';
import type { Rate, Verdict } from './rate-windows.js';

export interface RateLimits {
  consume: (caller: string, rate: Rate) => Promise<Verdict>;
  close: () => Promise<void>;
}

/** Opens each limit when it is first needed: the rates of API keys can change at any time. */
export function createRateLimits({ directory }: { directory: string | undefined }): RateLimits {
  const limits = new Map<string, OpenRateLimit>();
  return {
    consume: (caller, rate) => {
      const key = `${rate.maxRequests} ${rate.windowMs}`;
      const limit = limits.get(key) ?? openRateLimit({ directory, rate });
      limits.set(key, limit);
      return limit.consume(caller);
    },
    close: async () => {
      await Promise.all([...limits.values()].map((limit) => limit.close()));
    },
  };
}
