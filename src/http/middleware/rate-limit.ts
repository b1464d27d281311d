// Limits the request rate of each caller: of an API key, or of an address if keys aren't set.
import type { Next } from 'koa';
import { AppError } from '../../errors.js';
import type { Rate, Verdict } from '../../runtime/rate-limit/rate-windows.js';
import { ASSETS_PATH } from '../pages/assets.js';
import type { RequestContext, RequestMiddleware } from '../request-state.js';
import { type Route, routes } from '../routes.js';

export interface RateLimitOptions {
  /** The rate of callers whose API key doesn't set one; by default, they aren't limited. */
  rate?: Rate | undefined;
  consume: (caller: string, rate: Rate) => Promise<Verdict>;
}

/** Metrics must always be available, and public routes are cheap. */
const UNLIMITED_PATHS = new Set(
  Object.values<Route>(routes)
    .filter(({ isPublic, path }) => isPublic || path === routes.metrics.path)
    .map(({ path }) => path),
);

/** Throws `too_many_requests` (RFC 6585, section 4). */
export function rateLimit({ rate: defaultRate, consume }: RateLimitOptions): RequestMiddleware {
  return (ctx: RequestContext, next: Next) => {
    const rate = ctx.state.limits?.rate ?? defaultRate;
    if (rate === undefined) return next();
    if (UNLIMITED_PATHS.has(ctx.path) || ctx.path.startsWith(`${ASSETS_PATH}/`)) return next();
    return limited(rate, ctx, next);
  };

  async function limited(rate: Rate, ctx: RequestContext, next: Next): Promise<unknown> {
    const seconds = rate.windowMs / 1000;
    const { key } = ctx.state;
    const verdict = await consume(key === undefined ? `address ${ctx.ip}` : `key ${key}`, rate);
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
  }
}
