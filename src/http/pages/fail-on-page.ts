// Failures that people meet: a page says what happened and where to go.

import type { AppError } from '../../errors.js';
import { shorten } from '../error-response.js';
import { securityHeaders } from '../middleware/security-headers.js';
import type { RequestContext } from '../request-state.js';
import { type Route, routes } from '../routes.js';
import type { Assets } from './assets.js';
import { renderFailurePage } from './failure-page.js';

const ROUTES = new Map(Object.values<Route>(routes).map((route) => [route.path, route]));

/** Replaces the body of a failed request by a page, if its path is not for programs and its client prefers HTML. */
export type FailOnPage = (ctx: RequestContext, error: AppError) => Promise<void>;

export function failOnPage(assets: Assets): FailOnPage {
  const setSecurityHeaders = securityHeaders();
  return async (ctx, { kind, message }) => {
    if (isForPrograms(ctx.path)) return;
    ctx.vary('Accept');
    if (ctx.accepts('json', 'html') !== 'html') return;
    // The failure may be one of the middleware before the one that sets them.
    await setSecurityHeaders(ctx, async () => {});
    ctx.type = 'html';
    const retryAfter = ctx.res.getHeader('Retry-After');
    ctx.body = renderFailurePage(assets, {
      status: kind.status,
      problem: kind.onPage ?? shorten(message),
      retryAfter: retryAfter === undefined ? undefined : Number(retryAfter),
      id: ctx.state.id,
    });
  };
}

function isForPrograms(path: string): boolean {
  const route = ROUTES.get(path);
  return route === undefined ? /^\/api(\/|$)/.test(path) : route.isPage !== true;
}

/** Sets all of a failure but the page itself. */
export function showFailure(ctx: RequestContext, error: AppError): void {
  const { status, retryAfter } = error.kind;
  ctx.status = status;
  if (retryAfter !== undefined) ctx.set('Retry-After', String(retryAfter));
  ctx.state.failure = error;
  ctx.type = 'html';
}
