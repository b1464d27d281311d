// A request gets an id and, when its answer has been sent or given up, one line in the log.
import { randomUUID } from 'node:crypto';
import type { Context, Middleware, Next } from 'koa';
import type { Logger } from 'pino';
import type { AppError } from '../../errors.js';
import { requestLog } from '../../runtime/logger.js';
import type { RequestObservation } from '../../runtime/metrics/metrics.js';
import { API_ROUTE, routes } from '../routes.js';

/** For the log only: nginx's status of a request whose client left before there was an answer. */
const CLIENT_LEFT = 499;

/** The longest name, term or reason in a line (UTF-16 code units): callers may send much more. */
const MAX_LENGTH = 500;

/** Also who was not let in had asked for one of these. */
const KNOWN = new Set([API_ROUTE, ...Object.values(routes).map(({ path }) => path)]);

/** A caller's own id is kept where it can't do harm in a log. */
const ACCEPTABLE_ID = /^[\w.:-]{1,128}$/;

export interface AccessLogOptions {
  log: Logger;
  observe: (request: RequestObservation) => void;
  /** Whether the log shows what callers search for. */
  logTerms: boolean;
}

/** Routes set `action`, `dictionary` and `term` in `ctx.state`, and `failure` where one is sent. */
export function accessLog({ log, observe, logTerms }: AccessLogOptions): Middleware {
  const logRequest = requestLog(log);
  return (ctx: Context, next: Next) => {
    const { req, res, state } = ctx;
    const { method, path } = ctx;
    const started = performance.now();
    const given = req.headers['x-request-id'];
    const id = typeof given === 'string' && ACCEPTABLE_ID.test(given) ? given : randomUUID();
    state.id = id;
    res.setHeader('X-Request-Id', id);
    res.once('close', () => {
      const ms = Math.round((performance.now() - started) * 1000) / 1000;
      const status = res.headersSent ? res.statusCode : CLIENT_LEFT;
      observe({
        route: ctx._matchedRoute ?? (state.malformedTarget === undefined && KNOWN.has(path) ? path : 'none'),
        action: state.action ?? '',
        status,
        ms,
        key: state.key,
      });
      const failure: AppError | undefined = state.failure;
      logRequest({
        id,
        method,
        // A query may hold a term.
        path: state.malformedTarget?.split('?', 1)[0] ?? path,
        action: state.action,
        dictionary: state.dictionary?.slice(0, MAX_LENGTH),
        term: logTerms ? state.term?.slice(0, MAX_LENGTH) : undefined,
        status,
        ms,
        aborted: !res.writableFinished,
        reason: (logTerms ? failure?.message : failure?.reason)?.slice(0, MAX_LENGTH),
        key: state.key,
      });
    });
    return next();
  };
}
