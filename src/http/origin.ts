// The origin under which the client reached the service.
import type { RequestContext } from './request-state.js';

/** `http://127.0.0.1:3000`. Ignores X-Forwarded-Host, which many proxies pass on unchecked. */
export function originOf({ protocol, req }: Pick<RequestContext, 'protocol' | 'req'>): string {
  return `${protocol}://${req.headers.host || 'localhost'}`;
}
