// The pages for people.
import Router from '@koa/router';
import { revalidated } from '../caching.js';
import { originOf } from '../origin.js';
import { routes } from '../routes.js';
import { createAssetsRouter } from './assets-router.js';
import { renderInstructions } from './instructions-page.js';
import { createSearchRouter, type SearchParts } from './search-router.js';
import { createTextsRouter } from './texts-router.js';

export interface PagesParts extends SearchParts {
  /** Whether there is `GET /wait`. */
  waitRoute: boolean;
}

export function createPagesRouter(parts: PagesParts): Router {
  const router = new Router();
  const { assets, actions, waitRoute } = parts;

  router.use(createAssetsRouter(assets).routes());
  router.use(createSearchRouter(parts).routes());
  router.use(createTextsRouter(parts).routes());

  router.get(routes.instructions.path, revalidated, (ctx) => {
    ctx.type = 'html';
    ctx.body = renderInstructions(assets, { actions, waitRoute, origin: originOf(ctx) });
  });

  return router;
}
