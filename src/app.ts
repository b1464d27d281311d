// The Koa application: middleware in order, routers mounted. No I/O.
import Router from '@koa/router';
import Koa from 'koa';
import type { ApiKeys } from './auth/api-keys.js';
import { type ActionOptions, createActions } from './http/api/actions.js';
import { type ApiParts, createApi } from './http/api/api-router.js';
import { accessLog } from './http/middleware/access-log.js';
import { authentication } from './http/middleware/authentication.js';
import { noStore } from './http/middleware/caching.js';
import { compression } from './http/middleware/compression.js';
import { cors } from './http/middleware/cors.js';
import { errorHandler } from './http/middleware/error-handler.js';
import { type RateLimitOptions, rateLimit } from './http/middleware/rate-limit.js';
import { normalizeTarget, rejectMalformedTarget } from './http/middleware/request-target.js';
import { securityHeaders } from './http/middleware/security-headers.js';
import { createOpenApiRouter } from './http/openapi/openapi-router.js';
import { createOpsRouter } from './http/operations/ops-router.js';
import { createTotalRouter } from './http/operations/total-router.js';
import { createWaitRouter } from './http/operations/wait-router.js';
import type { Assets } from './http/pages/assets.js';
import { failOnPage } from './http/pages/fail-on-page.js';
import { createPagesRouter } from './http/pages/pages-router.js';
import { API_ROUTE } from './http/routes.js';
import type { Phase } from './runtime/lifecycle.js';
import type { RequestObservation } from './runtime/metrics/metrics.js';
import type { CollectedMetrics } from './runtime/metrics/metrics-exchange.js';
import type { Total } from './total/total.js';

export interface AppParts extends ActionOptions, Omit<ApiParts, 'actions'> {
  total: Total;
  assets: Assets;
  /** That of grepd. */
  version: string;
  phase: () => Phase;
  /** Where only those are let in who have one. */
  keys: ApiKeys | undefined;
  /** Where callers may not ask as often as they want. */
  limit: RateLimitOptions | undefined;
  /** Whose pages may ask; `*` is everybody's. */
  corsOrigins: readonly string[];
  /** How many proxies requests come through. */
  trustProxy: number;
  observe: (request: RequestObservation) => void;
  /** Whether the log shows what callers search for. */
  logTerms: boolean;
  /** The metrics of all workers. */
  metrics: () => Promise<CollectedMetrics>;
  /** Whether there is `GET /wait`. */
  waitRoute: boolean;
}

export function createApp(parts: AppParts): Koa {
  const router = new Router();
  const actions = createActions(parts);
  const api = createApi({ ...parts, actions });
  router.use(api.routes.routes());
  router.use(createPagesRouter({ ...parts, actions }).routes());
  router.use(createOpenApiRouter({ ...parts, actions }).routes());
  router.use(createTotalRouter(parts.total).routes());
  router.use(createOpsRouter(parts).routes());
  if (parts.waitRoute) router.use(createWaitRouter().routes());

  const app = new Koa();
  // Of the addresses in X-Forwarded-For those at the end are the proxies' own words.
  app.proxy = parts.trustProxy > 0;
  app.maxIpsCount = parts.trustProxy;
  const compressed = compression();
  app.on('error', (error) => {
    if (error.headerSent) parts.log.debug({ err: error }, 'the client left in mid-answer');
    else parts.log.error({ err: error }, 'bug');
  });
  app.use(normalizeTarget);
  app.use(accessLog(parts));
  app.use(noStore);
  app.use(errorHandler(parts.log, failOnPage(parts.assets)));
  if (parts.corsOrigins.length > 0) app.use(cors(parts.corsOrigins));
  if (parts.keys !== undefined) app.use(authentication(parts.keys));
  if (parts.limit !== undefined) app.use(rateLimit(parts.limit));
  app.use(rejectMalformedTarget);
  // Nearly all that comes is this: it need not be looked for among the routes.
  app.use((ctx, next) => {
    if (ctx.req.method !== 'POST' || ctx.req.url !== API_ROUTE) return next();
    ctx._matchedRoute = API_ROUTE;
    return ctx.req.headers['accept-encoding'] === undefined ? api.answer(ctx) : compressed(ctx, () => api.answer(ctx));
  });
  app.use(securityHeaders());
  app.use(compressed);
  app.use(router.routes());
  app.use(router.allowedMethods());
  return app;
}
