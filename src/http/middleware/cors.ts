// Access from pages of other origins (https://fetch.spec.whatwg.org/#http-cors-protocol).
import koaCors from '@koa/cors';
import type { RequestMiddleware } from '../request-state.js';

/** One day: the maximum that browsers cache a preflight for. */
const MAX_AGE_SECONDS = 86_400;

/** @param origins the allowed origins; `*` allows every origin */
export function cors(origins: readonly string[]): RequestMiddleware {
  const allowsAnyOrigin = origins.includes('*');
  return koaCors({
    origin: (ctx) => {
      if (allowsAnyOrigin) return '*';
      const origin = ctx.get('Origin');
      return origins.includes(origin) ? origin : '';
    },
    allowMethods: 'GET,HEAD,POST',
    allowHeaders: 'Authorization,Content-Type,X-Request-Id,Mcp-Protocol-Version,Mcp-Method,Mcp-Name',
    exposeHeaders:
      'X-Request-Id,Retry-After,Grepd-Entries,Grepd-Truncated,RateLimit-Policy,RateLimit-Limit,RateLimit-Remaining,RateLimit-Reset,WWW-Authenticate',
    // A page has to send an API key itself: the browser adds neither cookies nor stored passwords.
    credentials: false,
    maxAge: MAX_AGE_SECONDS,
  });
}
