// Serves the OpenAPI document, and the page that renders it.
import { revalidate } from '../middleware/caching.js';
import type { Assets } from '../pages/assets.js';
import { renderDocsPage } from '../pages/docs-page.js';
import { createRouter, type RequestRouter } from '../request-state.js';
import { routes } from '../routes.js';
import { createOpenApi, type OpenApiOptions } from './document.js';

export interface OpenApiParts extends OpenApiOptions {
  assets: Assets;
}

export function createOpenApiRouter(parts: OpenApiParts): RequestRouter {
  const router = createRouter();
  const document = { text: JSON.stringify(createOpenApi(parts), undefined, 2) };
  const page = { text: renderDocsPage(parts.assets) };

  router.get(routes.openapi.path, revalidate, (ctx) => {
    ctx.type = 'json';
    ctx.body = document.text;
    ctx.state.compressOnce = document;
  });

  router.get(routes.docs.path, revalidate, (ctx) => {
    ctx.type = 'html';
    ctx.body = page.text;
    ctx.state.compressOnce = page;
  });

  return router;
}
