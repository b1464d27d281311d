// Serves the styles, scripts and images of the pages.

import { cacheForever } from '../middleware/caching.js';
import { createRouter, type RequestContext, type RequestRouter } from '../request-state.js';
import { ASSETS_PATH, type Asset, type Assets } from './assets.js';

export function createAssetsRouter(assets: Assets): RequestRouter {
  const router = createRouter();
  const byPath = new Map(Object.values(assets).map((asset) => [asset.path, asset]));
  const byName = new Map(Object.values(assets).map((asset) => [withoutHash(asset.path), asset]));

  router.get(`${ASSETS_PATH}/:file`, (ctx, next) => {
    const asset = byPath.get(ctx.path);
    if (asset !== undefined) {
      cacheForever(ctx);
      return send(ctx, asset);
    }
    // During a reload, a page of one version may load assets from a worker of the other version.
    const otherVersion = byName.get(withoutHash(ctx.path));
    return otherVersion === undefined ? next() : send(ctx, otherVersion);
  });

  return router;
}

function send(ctx: Pick<RequestContext, 'type' | 'body' | 'state'>, asset: Asset): void {
  ctx.type = asset.type;
  ctx.body = asset.body;
  ctx.state.compressOnce = asset;
}

/** `/static/page.A1b2C3d4E5f6.css` becomes `/static/page.css`. */
function withoutHash(path: string): string {
  return path.replace(/\.[\w-]+(\.\w+)$/, '$1');
}
