// The pages, for people.

import type { CollectedMetrics } from '../../runtime/metrics/metrics-exchange.js';
import { revalidate } from '../middleware/caching.js';
import { originOf } from '../origin.js';
import { createRouter, type RequestRouter } from '../request-state.js';
import { routes } from '../routes.js';
import { createAssetsRouter } from './assets-router.js';
import { createCrawlerRouter } from './crawler-router.js';
import { renderHelpPage } from './help-page.js';
import { renderInstructions } from './instructions-page.js';
import { createSearchRouter, type SearchParts } from './search-router.js';
import { renderStatusPage } from './status-page.js';
import { createTextsRouter, type TextsParts } from './texts-router.js';

export interface PagesParts extends SearchParts, Pick<TextsParts, 'uploads'> {
  /** Collects the metrics of all workers. */
  metrics: () => Promise<CollectedMetrics>;
  /** Whether `GET /wait` is served. */
  waitRoute: boolean;
  /** Whether `POST /mcp` is served. */
  mcp: boolean;
}

export function createPagesRouter(parts: PagesParts): RequestRouter {
  const router = createRouter();
  const { assets, actions, waitRoute, mcp, uploads } = parts;

  router.use(createAssetsRouter(assets).routes());
  router.use(createCrawlerRouter(assets).routes());
  router.use(createSearchRouter(parts).routes());
  router.use(createTextsRouter(parts).routes());

  router.get(routes.instructions.path, revalidate, (ctx) => {
    ctx.type = 'html';
    ctx.body = renderInstructions(assets, { actions, waitRoute, mcp, uploads, origin: originOf(ctx) });
  });

  const help = { text: renderHelpPage(assets) };
  router.get(routes.help.path, revalidate, (ctx) => {
    ctx.type = 'html';
    ctx.body = help.text;
    ctx.state.compressOnce = help;
  });

  router.get(routes.status.path, async (ctx) => {
    ctx.type = 'html';
    ctx.body = renderStatusPage(assets, (await parts.metrics()).samples);
  });

  return router;
}
