// For whoever runs the service: is it alive, should it get traffic?
import Router from '@koa/router';
import { AppError } from '../errors.js';
import type { Phase } from '../runtime/lifecycle.js';
import { routes } from './routes.js';

export function createOpsRouter(phase: () => Phase): Router {
  const router = new Router();

  router.get(routes.healthz.path, (ctx) => {
    ctx.body = { status: 'alive' };
  });

  router.get(routes.readyz.path, (ctx) => {
    if (phase() !== 'ready') throw new AppError('not_ready', `This worker is ${phase()}.`);
    ctx.body = { status: 'ready' };
  });

  return router;
}
