// Lets each caller ask so often and no more: a caller is a key, or else an address.
import type { Context, Middleware, Next } from 'koa';
import { AppError } from '../../errors.js';
import type { Rate, Verdict } from '../../runtime/rate-limit/rate-windows.js';
import { ASSETS_PATH } from '../pages/assets.js';
import { type Route, routes } from '../routes.js';

export interface RateLimitOptions {
  rate: Rate;
  ask: (caller: string) => Promise<Verdict>;
}

/** Whoever watches over the service must be able to ask always, and what is open to all costs next to nothing. */
const UNLIMITED = new Set(
  Object.values<Route>(routes)
    .filter(({ isOpen, path }) => isOpen || path === routes.metrics.path)
    .map(({ path }) => path),
);

export function rateLimit({ rate, ask }: RateLimitOptions): Middleware {
  const seconds = rate.windowMs / 1000;
  return async (ctx: Context, next: Next) => {
    if (UNLIMITED.has(ctx.path) || ctx.path.startsWith(`${ASSETS_PATH}/`)) return next();
    const { key } = ctx.state;
    const verdict = await ask(key === undefined ? `address ${ctx.ip}` : `key ${key}`);
    const resetSeconds = Math.ceil(verdict.resetMs / 1000);
    // https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-06
    ctx.set({
      'RateLimit-Policy': `${rate.most};w=${seconds}`,
      'RateLimit-Limit': String(rate.most),
      'RateLimit-Remaining': String(verdict.remaining),
      'RateLimit-Reset': String(resetSeconds),
    });
    if (verdict.isAllowed) return next();
    ctx.set('Retry-After', String(resetSeconds));
    throw new AppError(
      'too_many_requests',
      `No more than ${rate.most} requests in ${seconds} s; ask again in ${resetSeconds} s.`,
    );
  };
}
