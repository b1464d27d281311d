// Parses rates as operators write them: `100/m`.
import type { Rate } from './rate-windows.js';

/** What a rate looks like, for messages. */
export const RATE_SYNTAX = 'a number of requests per second, minute or hour, like 100/s, 1000/m or 5000/h';

const SECONDS_PER_UNIT = { s: 1, m: 60, h: 3_600 };

/** Returns `undefined` if the text isn't a rate. */
export function parseRate(text: string): Rate | undefined {
  const [, maxRequests, unit] = /^([1-9]\d{0,8})\/([smh])$/.exec(text) ?? [];
  if (unit === undefined) return undefined;
  return {
    maxRequests: Number(maxRequests),
    windowMs: 1_000 * SECONDS_PER_UNIT[unit as keyof typeof SECONDS_PER_UNIT],
  };
}
