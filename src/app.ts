// The Koa application: middleware in order, routers mounted. No I/O.
import Router from '@koa/router';
import Koa from 'koa';
import { accessLog } from './http/access-log.js';
import { type ApiParts, createApi } from './http/api-router.js';
import { noStore } from './http/caching.js';
import { errorHandler } from './http/error-handler.js';
import { createOpsRouter } from './http/ops-router.js';
import { createPagesRouter } from './http/pages-router.js';
import { API_ROUTE } from './http/routes.js';
import { createTotalRouter } from './http/total-router.js';
import { createWaitRouter } from './http/wait-router.js';
import type { Phase } from './runtime/lifecycle.js';
import type { Total } from './total/total.js';

export interface AppParts extends ApiParts {
  total: Total;
  phase: () => Phase;
  /** Whether there is `GET /wait`. */
  waitRoute: boolean;
}

export function createApp(parts: AppParts): Koa {
  const router = new Router();
  const api = createApi(parts);
  router.use(api.routes.routes());
  router.use(createPagesRouter(parts).routes());
  router.use(createTotalRouter(parts.total).routes());
  router.use(createOpsRouter(parts.phase).routes());
  if (parts.waitRoute) router.use(createWaitRouter().routes());

  const app = new Koa();
  app.on('error', (error) => {
    if (error.headerSent) parts.log.debug({ err: error }, 'the client left in mid-answer');
    else parts.log.error({ err: error }, 'bug');
  });
  app.use(accessLog(parts.log));
  app.use(noStore);
  app.use(errorHandler(parts.log));
  // Nearly all that comes is this: it need not be looked for among the routes.
  app.use((ctx, next) => (ctx.req.method === 'POST' && ctx.req.url === API_ROUTE ? api.answer(ctx) : next()));
  app.use(router.routes());
  app.use(router.allowedMethods());
  return app;
}
