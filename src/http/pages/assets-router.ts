// Serves the files that pages need.

import { cacheForever } from '../middleware/caching.js';
import { createRouter, type RequestRouter } from '../request-state.js';
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
    // While workers are reloaded, one version's page may ask the other version for its files: better the other one's than none.
    const other = byName.get(withoutHash(ctx.path));
    return other === undefined ? next() : send(ctx, other);
  });

  return router;
}

function send(ctx: { type: string; body: unknown; state: { compressOnce?: object } }, asset: Asset): void {
  ctx.type = asset.type;
  ctx.body = asset.body;
  ctx.state.compressOnce = asset;
}

/** `/static/page.A1b2C3d4E5f6.css` is `/static/page.css`. */
function withoutHash(path: string): string {
  return path.replace(/\.[\w-]+(\.\w+)$/, '$1');
}
