// The JSON API.
import Router from '@koa/router';
import type { Logger } from 'pino';
import type { SearchEngine } from '../search/engine.js';
import { type ActionOptions, createActions, runAction } from './actions.js';
import { readJson } from './body-parser.js';
import { searchSignal } from './deadline.js';
import { linksOf } from './links.js';
import { API_ROUTE, routes } from './routes.js';
import { sendAnswer } from './send-answer.js';

export interface ApiParts extends ActionOptions {
  engine: SearchEngine;
  searchTimeoutMs: number;
  log: Logger;
}

export function createApiRouter({ engine, searchTimeoutMs, termLength, log }: ApiParts): Router {
  const router = new Router();
  const actions = createActions({ termLength });
  const links = linksOf(actions);

  router.post(API_ROUTE, readJson, async (ctx) => {
    const signal = searchSignal(ctx.res, searchTimeoutMs);
    const { answer, escaping } = runAction(actions, ctx.request.body, engine, signal);
    await sendAnswer(ctx, answer, escaping, log);
  });

  router.get(routes.dictionaries.path, async (ctx) => {
    ctx.body = { ...(await engine.dictionaries()), links };
  });

  return router;
}
