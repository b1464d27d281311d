// Protection from cross-site request forgery: a browser sends the stored password of a service with
// the requests of any page.
import { AppError } from '../../errors.js';
import type { RequestContext } from '../request-state.js';

/** Throws `cross_site` if a page of another origin sent the request. Other clients are not affected. */
export function assertSameOrigin(ctx: Pick<RequestContext, 'req'>): void {
  const { 'sec-fetch-site': site, origin, host } = ctx.req.headers;
  // Browsers send Sec-Fetch-Site only to https and localhost, but Origin everywhere.
  const isSameOrigin = site === undefined ? isOriginOf(origin, host) : site === 'same-origin' || site === 'none';
  if (!isSameOrigin) throw new AppError('cross_site', 'A page of another site must not change the texts.');
}

/** A proxy may terminate TLS, so the schemes may differ. */
export function isOriginOf(origin: string | undefined, host: string | undefined): boolean {
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host?.toLowerCase());
}
