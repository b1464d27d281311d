// The only middleware that turns errors into responses.
import type { Next } from 'koa';
import type { Logger } from 'pino';
import { AppError, isExhausted } from '../../errors.js';
import { HTML_TYPE, negotiateErrorFormat } from '../error-format.js';
import { renderErrorResponse } from '../error-response.js';
import type { ErrorPageResponder } from '../pages/error-page-responder.js';
import { PROBLEM_TYPE, renderProblemDetails } from '../problem-details.js';
import type { RequestContext, RequestMiddleware } from '../request-state.js';
import { type SuggestSpelling, withSuggestion } from '../spelling/spelling-suggestion.js';

export interface ErrorHandlerOptions {
  log: Logger;
  respondWithPage: ErrorPageResponder;
  suggest: SuggestSpelling;
}

export function errorHandler({ log, respondWithPage, suggest }: ErrorHandlerOptions): RequestMiddleware {
  return async (ctx: RequestContext, next: Next) => {
    try {
      await next();
      if (ctx.body === undefined && ctx.respond !== false) throwUnrouted(ctx);
    } catch (error) {
      // The client has disconnected, so the error is most likely an abort, and nothing can be sent.
      if (ctx.res.closed) return;
      const failure = error instanceof AppError ? error : toAppError(error, ctx, log);
      ctx.state.failure = failure;
      const suggestion = await suggest(failure, ctx);
      const described = withSuggestion(failure, suggestion);
      const { status, headers, body } = renderErrorResponse(described);
      const format = negotiateErrorFormat(ctx);
      ctx.status = status;
      ctx.set(headers);
      if (format === HTML_TYPE) await respondWithPage(ctx, failure, suggestion);
      else if (format === PROBLEM_TYPE) {
        ctx.set('Content-Type', PROBLEM_TYPE);
        ctx.body = renderProblemDetails(described, `${ctx.path}#${ctx.state.id}`);
      } else ctx.body = body;
    }
  };
}

/** Throws what the router expresses by a status without a body. */
function throwUnrouted(ctx: RequestContext): void {
  const { method, path, status } = ctx;
  if (status === 405) {
    const allowed = ctx.response.get('Allow');
    throw new AppError('method_not_allowed', `${method} is not allowed on ${path}. Allowed: ${allowed}.`);
  }
  if (status === 501) throw new AppError('method_not_implemented', `The method ${method} is not implemented.`);
  if (status === 404) {
    throw new AppError('unknown_route', `There is no route ${path}.`, { unknownName: path });
  }
}

/** Logs an unexpected error, and returns one that reveals nothing about it to the caller. */
export function toAppError(error: unknown, ctx: RequestContext, log: Logger): AppError {
  const { method, path, state } = ctx;
  const fields = { err: error, id: state.id, method, path };
  if (isExhausted(error)) {
    log.warn(fields, 'out of resources');
    return new AppError('too_busy', 'The machine is out of processes, file descriptors or memory. Try again later.', {
      cause: error,
    });
  }
  log.error(fields, 'bug');
  return new AppError('internal', 'Internal error. The log has the details under the X-Request-Id of this response.', {
    cause: error,
  });
}
