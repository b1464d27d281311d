// Renders errors as pages for people: what happened, and where to go next.

import type { AppError } from '../../errors.js';
import { shorten } from '../error-response.js';
import { securityHeaders } from '../middleware/security-headers.js';
import type { RequestContext } from '../request-state.js';
import type { Assets } from './assets.js';
import { renderErrorPage, type Suggestion } from './error-page.js';

/** Replaces an error's body by a page. */
export type ErrorPageResponder = (
  ctx: RequestContext,
  error: AppError,
  suggestion: Suggestion | undefined,
) => Promise<void>;

export function createErrorPageResponder(assets: Assets): ErrorPageResponder {
  const setSecurityHeaders = securityHeaders();
  return async (ctx, { kind, message }, suggestion) => {
    // Middleware that runs before the security headers may have failed.
    await setSecurityHeaders(ctx, async () => {});
    ctx.type = 'html';
    const retryAfter = ctx.res.getHeader('Retry-After');
    ctx.body = renderErrorPage(assets, {
      status: kind.status,
      problem: kind.pageMessage ?? shorten(message),
      suggestion,
      retryAfter: retryAfter === undefined ? undefined : Number(retryAfter),
      id: ctx.state.id,
    });
  };
}

/** Sets everything for an error but the body, which the caller renders. */
export function setErrorStatus(ctx: RequestContext, error: AppError): void {
  const { status, retryAfter } = error.kind;
  ctx.status = status;
  if (retryAfter !== undefined) ctx.set('Retry-After', String(retryAfter));
  ctx.state.failure = error;
  ctx.type = 'html';
}
