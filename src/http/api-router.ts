// The JSON API.
import Router from '@koa/router';
import type { Logger } from 'pino';
import type { SearchEngine } from '../search/engine.js';
import { runAction } from './actions.js';
import { readJson } from './body-parser.js';
import { searchSignal } from './deadline.js';
import { API_ROUTE, DICTIONARIES_ROUTE } from './routes.js';
import { sendAnswer } from './send-answer.js';

export interface ApiParts {
  engine: SearchEngine;
  searchTimeoutMs: number;
  log: Logger;
}

export function createApiRouter({ engine, searchTimeoutMs, log }: ApiParts): Router {
  const router = new Router();

  router.post(API_ROUTE, readJson, async (ctx) => {
    const signal = searchSignal(ctx.res, searchTimeoutMs);
    await sendAnswer(ctx, runAction(ctx.request.body, engine, signal), log);
  });

  router.get(DICTIONARIES_ROUTE, async (ctx) => {
    ctx.body = await engine.dictionaries();
  });

  return router;
}
