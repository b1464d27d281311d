// Renders errors as pages for people: what happened, and where to go next.

import type { AppError } from '../../errors.js';
import { shorten } from '../error-response.js';
import { securityHeaders } from '../middleware/security-headers.js';
import type { RequestContext } from '../request-state.js';
import { type Route, routes } from '../routes.js';
import type { Assets } from './assets.js';
import { renderErrorPage } from './error-page.js';

const ROUTES_BY_PATH = new Map(Object.values<Route>(routes).map((route) => [route.path, route]));

/** Replaces an error's body by a page if the client prefers HTML and the path is a page's. */
export type ErrorPageResponder = (ctx: RequestContext, error: AppError) => Promise<void>;

export function createErrorPageResponder(assets: Assets): ErrorPageResponder {
  const setSecurityHeaders = securityHeaders();
  return async (ctx, { kind, message }) => {
    if (isForPrograms(ctx.path)) return;
    ctx.vary('Accept');
    if (ctx.accepts('json', 'html') !== 'html') return;
    // Middleware that runs before the security headers may have failed.
    await setSecurityHeaders(ctx, async () => {});
    ctx.type = 'html';
    const retryAfter = ctx.res.getHeader('Retry-After');
    ctx.body = renderErrorPage(assets, {
      status: kind.status,
      problem: kind.pageMessage ?? shorten(message),
      retryAfter: retryAfter === undefined ? undefined : Number(retryAfter),
      id: ctx.state.id,
    });
  };
}

function isForPrograms(path: string): boolean {
  const route = ROUTES_BY_PATH.get(path);
  return route === undefined ? /^\/api(\/|$)/.test(path) : route.isPage !== true;
}

/** Sets everything for an error but the body, which the caller renders. */
export function setErrorStatus(ctx: RequestContext, error: AppError): void {
  const { status, retryAfter } = error.kind;
  ctx.status = status;
  if (retryAfter !== undefined) ctx.set('Retry-After', String(retryAfter));
  ctx.state.failure = error;
  ctx.type = 'html';
}
