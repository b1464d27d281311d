// Pages of other origins may ask the API where that is set (https://fetch.spec.whatwg.org/#http-cors-protocol).
import koaCors from '@koa/cors';
import type { Middleware } from 'koa';

/** A day: what browsers keep of a preflight at most. */
const MAX_AGE_SECONDS = 86_400;

/** @param origins those that may, or `*` */
export function cors(origins: readonly string[]): Middleware {
  const isOpen = origins.includes('*');
  return koaCors({
    origin: (ctx) => {
      if (isOpen) return '*';
      const origin = ctx.get('Origin');
      return origins.includes(origin) ? origin : '';
    },
    allowMethods: 'GET,HEAD,POST',
    // Keys come in Authorization, which a page must be given by someone: cookies and passwords of the browser don't go along.
    allowHeaders: 'Authorization,Content-Type,X-Request-Id',
    exposeHeaders:
      'X-Request-Id,Retry-After,RateLimit-Policy,RateLimit-Limit,RateLimit-Remaining,RateLimit-Reset,WWW-Authenticate',
    credentials: false,
    maxAge: MAX_AGE_SECONDS,
  });
}
