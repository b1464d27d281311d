// The sum of the numbers from the numbers API.
import type { Total } from '../../total/total.js';
import { disconnectSignal } from '../middleware/deadline.js';
import { createRouter, type RequestRouter } from '../request-state.js';
import { routes } from '../routes.js';

export function createTotalRouter(total: Total): RequestRouter {
  const router = createRouter();

  router.get(routes.total.path, async (ctx) => {
    const sum = await total.get(disconnectSignal(ctx.res));
    ctx.type = 'json';
    // Not by JSON.stringify: the sum may have more digits than a JavaScript number holds.
    ctx.body = `{"total":${sum}}`;
  });

  return router;
}
