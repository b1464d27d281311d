// The Koa application: middleware in order, then the routers. No I/O.
import Koa from 'koa';
import type { ApiKeys } from './auth/api-keys.js';
import { type ActionOptions, createActions } from './http/api/actions.js';
import { type ApiParts, createApi } from './http/api/api-router.js';
import { apiFastPath } from './http/api/fast-path.js';
import { createMcpRouter } from './http/mcp/mcp-router.js';
import { accessLog } from './http/middleware/access-log.js';
import { authentication } from './http/middleware/authentication.js';
import { noStore } from './http/middleware/caching.js';
import { compression } from './http/middleware/compression.js';
import { cors } from './http/middleware/cors.js';
import { errorHandler } from './http/middleware/error-handler.js';
import { type RateLimitOptions, rateLimit } from './http/middleware/rate-limit.js';
import { requestSpan } from './http/middleware/request-span.js';
import { normalizeTarget, rejectMalformedTarget } from './http/middleware/request-target.js';
import { securityHeaders } from './http/middleware/security-headers.js';
import { createOpenApiRouter } from './http/openapi/openapi-router.js';
import { createOpsRouter } from './http/operations/ops-router.js';
import { createTotalRouter } from './http/operations/total-router.js';
import { createWaitRouter } from './http/operations/wait-router.js';
import type { Assets } from './http/pages/assets.js';
import { createErrorPageResponder } from './http/pages/error-page-responder.js';
import { createPagesRouter } from './http/pages/pages-router.js';
import { createRouter, type RequestState, type RouteMatch } from './http/request-state.js';
import { API_ROUTE, MCP_ROUTE, routeNames, routes } from './http/routes.js';
import { createSpellingSuggestions } from './http/spelling/spelling-suggestion.js';
import { createTextsApiRouter } from './http/uploads/texts-api-router.js';
import { createUploadFormRouter } from './http/uploads/upload-form-router.js';
import type { Uploads } from './http/uploads/uploads.js';
import type { Phase } from './runtime/lifecycle.js';
import type { RequestObservation } from './runtime/metrics/metrics.js';
import type { CollectedMetrics } from './runtime/metrics/metrics-exchange.js';
import { EngineViews } from './search/visibility/engine-views.js';
import type { Total } from './total/total.js';
import type { Tracer } from './tracing/tracer.js';

export interface AppParts extends ActionOptions, Omit<ApiParts, 'actions'> {
  total: Total;
  assets: Assets;
  /** The version of grepd. */
  version: string;
  phase: () => Phase;
  /** The API keys that callers need, if any are set. */
  keys: ApiKeys | undefined;
  /** The rate limit of all callers, if one is set, and those of API keys. */
  limit: RateLimitOptions | undefined;
  /** The origins whose pages may call the API; `*` allows every origin. */
  corsOrigins: readonly string[];
  /** The number of proxies in front of the service. */
  trustProxy: number;
  observe: (request: RequestObservation) => void;
  /** Records or forwards traces, if anything needs them. */
  tracer: Tracer | undefined;
  /** Whether to log search terms. */
  logTerms: boolean;
  /** Collects the metrics of all workers. */
  metrics: () => Promise<CollectedMetrics>;
  /** Whether to serve `GET /wait`. */
  waitRoute: boolean;
  /** Whether to serve `POST /mcp`. */
  mcp: boolean;
  /** Where texts can be added and removed, if that is allowed. */
  uploads: Uploads | undefined;
}

export function createApp(parts: AppParts): Koa<RequestState, RouteMatch> {
  const actions = createActions(parts);
  const api = createApi({ ...parts, actions });
  const router = createRouter();
  router.use(api.router.routes());
  router.use(createPagesRouter({ ...parts, actions }).routes());
  router.use(createOpenApiRouter({ ...parts, actions }).routes());
  router.use(createTotalRouter(parts.total).routes());
  router.use(createOpsRouter(parts).routes());
  const mcpPaths = parts.mcp ? [MCP_ROUTE] : [];
  const paths = [API_ROUTE, ...mcpPaths, ...routeNames(parts).map((name) => routes[name].path)];
  const suggest = createSpellingSuggestions(paths);
  if (parts.mcp) router.use(createMcpRouter({ ...parts, actions, suggest }).routes());
  if (parts.waitRoute) router.use(createWaitRouter().routes());

  if (parts.uploads !== undefined) {
    router.use(createTextsApiRouter(parts.uploads).routes());
    router.use(createUploadFormRouter(parts.uploads).routes());
  }

  const app = new Koa<RequestState, RouteMatch>();
  // Only the last addresses in X-Forwarded-For were added by trusted proxies.
  app.proxy = parts.trustProxy > 0;
  app.maxIpsCount = parts.trustProxy;
  // Every `ctx` inherits it.
  app.context.engine = parts.engine;
  app.on('error', (error) => {
    if (error.headerSent) parts.log.debug({ err: error }, 'response broke off');
    else parts.log.error({ err: error }, 'bug');
  });

  const compress = compression();
  app.use(normalizeTarget);
  if (parts.tracer !== undefined) app.use(requestSpan({ ...parts, tracer: parts.tracer }));
  app.use(accessLog(parts));
  app.use(noStore);
  app.use(errorHandler({ log: parts.log, respondWithPage: createErrorPageResponder(parts.assets), suggest }));
  if (parts.corsOrigins.length > 0) app.use(cors(parts.corsOrigins));
  if (parts.keys !== undefined) {
    const views = new EngineViews(parts.engine);
    app.use(authentication(parts.keys, (globs) => views.of(globs)));
  }
  if (parts.limit !== undefined) app.use(rateLimit(parts.limit));
  app.use(rejectMalformedTarget);
  app.use(apiFastPath(api.answer, compress));
  app.use(securityHeaders());
  app.use(compress);
  app.use(router.routes());
  app.use(router.allowedMethods());
  return app;
}
