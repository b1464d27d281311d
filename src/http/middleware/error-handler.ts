// The one middleware that turns failures into answers.
import type { Context, Middleware, Next } from 'koa';
import type { Logger } from 'pino';
import { AppError, isExhausted } from '../../errors.js';
import { errorAnswer } from '../error-response.js';
import type { FailOnPage } from '../pages/fail-on-page.js';

export function errorHandler(log: Logger, failOnPage: FailOnPage): Middleware {
  return async (ctx: Context, next: Next) => {
    try {
      await next();
      // Who has answered without Koa has answered.
      if (ctx.body === undefined && ctx.respond !== false) refuse(ctx);
    } catch (error) {
      // The client has left: there is nobody to answer, and what its leaving ended is no failure.
      if (ctx.res.closed) return;
      const failure = error instanceof AppError ? error : unexpected(error, ctx, log);
      ctx.state.failure = failure;
      const { status, headers, body } = errorAnswer(failure);
      ctx.status = status;
      ctx.set(headers);
      ctx.body = body;
      await failOnPage(ctx, failure);
    }
  };
}

/** What no route answered: the router has left a status. */
function refuse(ctx: Context): void {
  const { method, path, status } = ctx;
  if (status === 405) {
    throw new AppError(
      'method_not_allowed',
      `${method} is not allowed on ${path}; allowed: ${ctx.response.get('Allow')}.`,
    );
  }
  if (status === 501) throw new AppError('method_not_implemented', `The method ${method} is not implemented.`);
  if (status === 404) throw new AppError('unknown_route', `There is no route ${path}.`);
}

function unexpected(error: unknown, ctx: Context, log: Logger): AppError {
  if (isExhausted(error)) {
    log.warn({ err: error, id: ctx.state.id, method: ctx.method, path: ctx.path }, 'out of resources');
    return new AppError('too_busy', 'The machine is out of processes, file descriptors or memory. Try again later.', {
      cause: error,
    });
  }
  log.error({ err: error, id: ctx.state.id, method: ctx.method, path: ctx.path }, 'bug');
  return new AppError('internal', 'Something went wrong inside grepd; its log says what.', { cause: error });
}
