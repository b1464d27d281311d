// Gives each request an id and, after its response, one log line and one metrics observation.
import { randomUUID } from 'node:crypto';
import type { Next } from 'koa';
import type { Logger } from 'pino';
import { requestLog } from '../../runtime/logger.js';
import type { RequestObservation } from '../../runtime/metrics/metrics.js';
import { describeSelector } from '../../search/dictionary-selector.js';
import { parseTraceContext } from '../../tracing/trace-context.js';
import type { RequestContext, RequestMiddleware } from '../request-state.js';
import { API_ROUTE, MCP_ROUTE, routes } from '../routes.js';

/** nginx's status, for the log only: the client closed the connection before the response began. */
const CLIENT_CLOSED_REQUEST = 499;

/** The maximum length of a name, term or reason in a log line (UTF-16 code units). */
export const MAX_LOGGED_LENGTH = 500;

/** The metrics count these by path even if the request was rejected before it was routed. */
const ROUTE_PATHS = new Set([API_ROUTE, MCP_ROUTE, ...Object.values(routes).map(({ path }) => path)]);

/** Caller-supplied ids that can't do harm in a log. */
const SAFE_ID = /^[\w.:-]{1,128}$/;

export interface AccessLogOptions {
  log: Logger;
  observe: (request: RequestObservation) => void;
  /** Whether to log search terms. */
  logTerms: boolean;
}

export function accessLog({ log, observe, logTerms }: AccessLogOptions): RequestMiddleware {
  const logRequest = requestLog(log);
  return (ctx: RequestContext, next: Next) => {
    const { req, res, state } = ctx;
    const { method, path } = ctx;
    const startedAt = performance.now();
    const callerId = req.headers['x-request-id'];
    const id = typeof callerId === 'string' && SAFE_ID.test(callerId) ? callerId : randomUUID();
    state.id = id;
    if (req.headers.traceparent !== undefined) state.trace ??= parseTraceContext(req.headers);
    res.setHeader('X-Request-Id', id);
    res.once('close', () => {
      const ms = Math.round((performance.now() - startedAt) * 1000) / 1000;
      const status = res.headersSent ? res.statusCode : CLIENT_CLOSED_REQUEST;
      const { failure, malformedTarget } = state;
      const unmatchedRoute = malformedTarget === undefined && ROUTE_PATHS.has(path) ? path : 'none';
      observe({
        route: ctx._matchedRoute?.toString() ?? unmatchedRoute,
        action: state.action ?? '',
        status,
        ms,
        key: state.key,
      });
      logRequest({
        id,
        method,
        // The query may contain a search term.
        path: malformedTarget?.split('?', 1)[0] ?? path,
        action: state.action,
        dictionary: state.dictionary && describeSelector(state.dictionary).slice(0, MAX_LOGGED_LENGTH),
        term: logTerms ? state.term?.slice(0, MAX_LOGGED_LENGTH) : undefined,
        status,
        ms,
        aborted: !res.writableFinished,
        reason: (logTerms ? failure?.message : failure?.reason)?.slice(0, MAX_LOGGED_LENGTH),
        key: state.key,
        trace_id: state.trace?.traceId,
        span_id: state.trace?.spanId,
      });
    });
    return next();
  };
}
