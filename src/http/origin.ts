// Where the service was reached.
import type { Context } from 'koa';

/** As in `http://127.0.0.1:3000`. By the Host header, not by X-Forwarded-Host: proxies pass that on as a caller has written it. */
export function originOf({ protocol, req }: Pick<Context, 'protocol' | 'req'>): string {
  return `${protocol}://${req.headers.host || 'localhost'}`;
}
