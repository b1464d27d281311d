// A request gets an id and, when its answer has been sent or given up, one line in the log.
import { randomUUID } from 'node:crypto';
import type { Context, Middleware, Next } from 'koa';
import type { Logger } from 'pino';
import { requestLog } from '../runtime/logger.js';
import type { RequestObservation } from '../runtime/metrics.js';
import { API_ROUTE, routes } from './routes.js';

/** For the log only: nginx's status of a request whose client left before there was an answer. */
const CLIENT_LEFT = 499;

/** Of what was wrong, which may quote the caller at length. */
const REASON_LENGTH = 500;

/** Also who was not let in had asked for one of these. */
const KNOWN = new Set([API_ROUTE, ...Object.values(routes).map(({ path }) => path)]);

/** A caller's own id is kept where it can't do harm in a log. */
const ACCEPTABLE_ID = /^[\w.:-]{1,128}$/;

export function accessLog(log: Logger, observe: (request: RequestObservation) => void): Middleware {
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
      const reason = state.reason?.slice(0, REASON_LENGTH);
      logRequest({
        id,
        method,
        path: state.malformedTarget ?? path,
        status,
        ms,
        aborted: !res.writableFinished,
        reason,
        key: state.key,
      });
    });
    return next();
  };
}
