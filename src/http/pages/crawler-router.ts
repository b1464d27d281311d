// The files that crawlers and browsers request under fixed names.
import { revalidate } from '../middleware/caching.js';
import { originOf } from '../origin.js';
import { createRouter, type RequestRouter } from '../request-state.js';
import { routes } from '../routes.js';
import type { Assets } from './assets.js';
import { OPENSEARCH_TYPE, renderOpenSearch } from './opensearch.js';

const DAY_SECONDS = 24 * 60 * 60;

/** Searches, and everything for programs and operators. Texts and documentation may be crawled. */
const DISALLOWED = [
  `${routes.page.path}?`,
  `${routes.texts.path}/*?*line=`,
  ...[routes.random, routes.total, routes.status, routes.metrics, routes.wait].map(({ path }) => path),
  '/api/',
];

/** https://www.rfc-editor.org/rfc/rfc9309: the longest rule that matches a path decides. */
const ROBOTS = ['User-agent: *', `Allow: ${routes.instructions.path}`, ...DISALLOWED.map((path) => `Disallow: ${path}`)]
  .map((line) => `${line}\n`)
  .join('');

export function createCrawlerRouter(assets: Assets): RequestRouter {
  const router = createRouter();

  router.get(routes.robots.path, (ctx) => {
    ctx.type = 'text/plain; charset=utf-8';
    ctx.set('Cache-Control', `public, max-age=${DAY_SECONDS}`);
    ctx.body = ROBOTS;
  });

  router.get(routes.opensearch.path, revalidate, (ctx) => {
    ctx.type = OPENSEARCH_TYPE;
    ctx.body = renderOpenSearch(originOf(ctx));
  });

  router.get(routes.favicon.path, (ctx) => {
    ctx.type = 'image/x-icon';
    ctx.set('Cache-Control', `public, max-age=${DAY_SECONDS}`);
    ctx.body = assets['favicon.ico'].body;
  });

  return router;
}
