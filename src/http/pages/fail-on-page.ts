// Who reads pages is told of a failure on one, programs are told as always.
import type { Context, Middleware, Next } from 'koa';
import { AppError } from '../../errors.js';
import type { Assets } from './assets.js';
import { renderFailurePage } from './failure-page.js';

export function failOnPage(assets: Assets): Middleware {
  return async (ctx: Context, next: Next) => {
    try {
      await next();
    } catch (error) {
      if (!(error instanceof AppError) || ctx.accepts('json', 'html') !== 'html') throw error;
      showFailure(ctx, error);
      ctx.body = renderFailurePage(assets, error.message);
    }
  };
}

/** All but the page itself. */
export function showFailure(ctx: Context, { kind, message }: AppError): void {
  ctx.status = kind.status;
  if (kind.retryAfter !== undefined) ctx.set('Retry-After', String(kind.retryAfter));
  ctx.state.reason = message;
  ctx.type = 'html';
}
