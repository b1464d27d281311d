// Where the service was reached.
import type { Context } from 'koa';

/** As in `http://127.0.0.1:3000`. */
export function originOf({ protocol, host }: Pick<Context, 'protocol' | 'host'>): string {
  return `${protocol}://${host || 'localhost'}`;
}
