// The sum of the numbers API's numbers.
import Router from '@koa/router';
import type { Total } from '../../total/total.js';
import { untilClosed } from '../middleware/deadline.js';
import { routes } from '../routes.js';

export function createTotalRouter(total: Total): Router {
  const router = new Router();

  router.get(routes.total.path, async (ctx) => {
    const sum = await total.get(untilClosed(ctx.res));
    ctx.type = 'json';
    // As text: it may have more digits than a number here can.
    ctx.body = `{"total":${sum}}`;
  });

  return router;
}
