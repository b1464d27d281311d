// Records each request as a span: https://opentelemetry.io/docs/specs/semconv/http/http-spans/
import type { Next } from 'koa';
import { describeSelector } from '../../search/dictionary-selector.js';
import { parseTraceContext } from '../../tracing/trace-context.js';
import type { Span, Tracer } from '../../tracing/tracer.js';
import type { RequestContext, RequestMiddleware } from '../request-state.js';
import { routes } from '../routes.js';
import { MAX_LOGGED_LENGTH } from './access-log.js';

/** Probes send these every few seconds, and do no work. */
const UNTRACED_PATHS = new Set<string>([routes.healthz.path, routes.readyz.path]);

export interface RequestSpanOptions {
  tracer: Tracer;
  /** Whether spans contain search terms. */
  logTerms: boolean;
}

/** Continues the trace of a caller that sends a valid `traceparent`. */
export function requestSpan({ tracer, logTerms }: RequestSpanOptions): RequestMiddleware {
  return (ctx: RequestContext, next: Next) => {
    if (UNTRACED_PATHS.has(ctx.path)) return next();
    const { req, res, method, state } = ctx;
    const span = tracer.startRequest(parseTraceContext(req.headers), method, {
      'http.request.method': method,
      // Without the query, which may contain a search term.
      'url.path': state.malformedTarget?.split('?', 1)[0] ?? ctx.path,
      'url.scheme': ctx.protocol,
      'network.protocol.version': req.httpVersion,
    });
    if (span === undefined) return next();
    state.trace = span.context;
    res.once('close', () => endRequest(span, ctx, logTerms));
    return tracer.run(span, next);
  };
}

function endRequest(span: Span, ctx: RequestContext, logTerms: boolean): void {
  const { res, method, state } = ctx;
  const route = ctx._matchedRoute?.toString();
  if (route !== undefined) span.rename(`${method} ${route}`);
  span.setAttributes({
    'http.route': route,
    // A client that leaves before the response begins gets no status.
    'http.response.status_code': res.headersSent ? res.statusCode : undefined,
    'grepd.request_id': state.id,
    'grepd.action': state.action,
    'grepd.dictionary': state.dictionary && describeSelector(state.dictionary).slice(0, MAX_LOGGED_LENGTH),
    'grepd.term': logTerms ? state.term?.slice(0, MAX_LOGGED_LENGTH) : undefined,
    'grepd.aborted': res.writableFinished ? undefined : true,
  });
  const isServerError = res.headersSent && res.statusCode >= 500;
  span.end(isServerError ? (state.failure?.code ?? String(res.statusCode)) : undefined);
}
