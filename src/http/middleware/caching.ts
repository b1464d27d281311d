// Cache-Control, and conditional requests (RFC 9110, section 13; RFC 9111).
import { createHash } from 'node:crypto';
import type { Next } from 'koa';
import type { RequestContext } from '../request-state.js';

/**
 * Sends `no-store` unless the route sets Cache-Control. Responses to POST don't need it: they
 * aren't cacheable without explicit freshness (RFC 9110, section 9.3.3).
 */
export function noStore(ctx: RequestContext, next: Next): Promise<void> {
  if (ctx.method === 'POST') return next();
  return next().then(() => {
    if (!ctx.res.hasHeader('Cache-Control')) ctx.set('Cache-Control', 'no-store');
  });
}

/** For a URL that changes whenever its content does. */
export function cacheForever(ctx: Pick<RequestContext, 'set'>): void {
  ctx.set('Cache-Control', `public, max-age=${365 * 24 * 60 * 60}, immutable`);
}

/**
 * Lets clients cache a response but revalidate it on each use, and answers 304 if its ETag matches.
 * The ETag is computed from `ctx.state.etagSeed` if the body varies without a change in meaning.
 */
export async function revalidate(ctx: RequestContext, next: Next): Promise<void> {
  await next();
  if (ctx.status !== 200) return;
  const isText = typeof ctx.body === 'string' || Buffer.isBuffer(ctx.body);
  const text = isText ? (ctx.body as string | Buffer) : JSON.stringify(ctx.body);
  ctx.body = text;
  respondIfUnchanged(ctx, ctx.state.etagSeed ?? text);
}

/**
 * Sets the headers for revalidation. Responds 304, and returns `true`, if the client already has
 * the response that the ETag is computed from.
 */
export function respondIfUnchanged(ctx: RequestContext, etagSeed: string | Buffer): boolean {
  // Weak, as compression changes the bytes (section 8.8.1).
  ctx.etag = `W/"${createHash('sha256').update(etagSeed).digest('base64url')}"`;
  ctx.set('Cache-Control', 'no-cache');
  // Section 13.1.3: ignored if there is an If-None-Match, and no response has a Last-Modified.
  delete ctx.req.headers['if-modified-since'];
  // Koa computes `fresh` only for a response that would succeed.
  ctx.status = 200;
  if (!ctx.fresh) return false;
  ctx.status = 304;
  return true;
}

/** Undoes `respondIfUnchanged`, for a response that may turn out differently. */
export function removeValidators(ctx: RequestContext): void {
  ctx.remove('ETag');
  ctx.remove('Cache-Control');
}
