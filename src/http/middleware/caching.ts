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

/** For what has another path when it is another one. */
export function cacheForever(ctx: Pick<Context, 'set'>): void {
  ctx.set('Cache-Control', `public, max-age=${365 * 24 * 60 * 60}, immutable`);
}

/**
 * For routes whose answer may be kept and must be asked for again each time: 304 where it is still the same (RFC 9110, section 13). What is the same although
 * its text is not is told by `ctx.state.etagSeed`.
 */
export async function revalidate(ctx: Context, next: Next): Promise<void> {
  await next();
  if (ctx.status !== 200) return;
  const isText = typeof ctx.body === 'string' || Buffer.isBuffer(ctx.body);
  const text = isText ? (ctx.body as string | Buffer) : JSON.stringify(ctx.body);
  ctx.body = text;
  const etagSeed: string | Buffer = ctx.state.etagSeed ?? text;
  // Weak: it may be compressed on its way.
  ctx.etag = `W/"${createHash('sha256').update(etagSeed).digest('base64url')}"`;
  ctx.set('Cache-Control', 'no-cache');
  // RFC 9110, section 13.1.3: beside If-None-Match it is ignored, and no answer has a date to compare it with.
  delete ctx.req.headers['if-modified-since'];
  if (ctx.fresh) ctx.status = 304;
}
