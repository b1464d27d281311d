// Limits the request rate of each caller: of an API key, or of an address if keys aren't set.
import type { Next } from 'koa';
import { AppError } from '../../errors.js';
import type { Rate, Verdict } from '../../runtime/rate-limit/rate-windows.js';
import { ASSETS_PATH } from '../pages/assets.js';
import type { RequestContext, RequestMiddleware } from '../request-state.js';
import { type Route, routes } from '../routes.js';

export interface RateLimitOptions {
  rate: Rate;
  consume: (caller: string) => Promise<Verdict>;
}

/** Metrics must always be available, and public routes are cheap. */
const UNLIMITED_PATHS = new Set(
  Object.values<Route>(routes)
    .filter(({ isPublic, path }) => isPublic || path === routes.metrics.path)
    .map(({ path }) => path),
);

/** Throws `too_many_requests` (RFC 6585, section 4). */
export function rateLimit({ rate, consume }: RateLimitOptions): RequestMiddleware {
  const seconds = rate.windowMs / 1000;
  return async (ctx: RequestContext, next: Next) => {
    if (UNLIMITED_PATHS.has(ctx.path) || ctx.path.startsWith(`${ASSETS_PATH}/`)) return next();
    const { key } = ctx.state;
    const verdict = await consume(key === undefined ? `address ${ctx.ip}` : `key ${key}`);
    const resetSeconds = Math.ceil(verdict.resetMs / 1000);
    // https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-06
    ctx.set({
      'RateLimit-Policy': `${rate.maxRequests};w=${seconds}`,
      'RateLimit-Limit': String(rate.maxRequests),
      'RateLimit-Remaining': String(verdict.remaining),
      'RateLimit-Reset': String(resetSeconds),
    });
    if (verdict.isAllowed) return next();
    ctx.set('Retry-After', String(resetSeconds));
    throw new AppError(
      'too_many_requests',
      `The limit is ${rate.maxRequests} requests in ${seconds} s. Try again in ${resetSeconds} s.`,
    );
  };
}
