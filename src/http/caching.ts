// What browsers and proxies may keep.
import { createHash } from 'node:crypto';
import type { Context, Next } from 'koa';

/** Nothing, unless a route says otherwise. What answers a POST nobody keeps anyway (RFC 9110, section 9.3.3). */
export function noStore(ctx: Context, next: Next): Promise<void> {
  if (ctx.method === 'POST') return next();
  return next().then(() => {
    if (!ctx.res.hasHeader('Cache-Control')) ctx.set('Cache-Control', 'no-store');
  });
}

/** For routes whose answer may be kept and must be asked for again each time: 304 where it is still the same (RFC 9110, section 13). */
export async function revalidated(ctx: Context, next: Next): Promise<void> {
  await next();
  if (ctx.status !== 200) return;
  const text = typeof ctx.body === 'string' ? ctx.body : JSON.stringify(ctx.body);
  ctx.body = text;
  ctx.etag = createHash('sha256').update(text).digest('base64url');
  ctx.set('Cache-Control', 'no-cache');
  if (ctx.fresh) ctx.status = 304;
}
