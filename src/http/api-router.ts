// The JSON API.
import Router from '@koa/router';
import type { Context } from 'koa';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { SearchEngine } from '../search/engine.js';
import { type ActionOptions, type Asked, createActions, readAsked } from './actions.js';
import { Answers } from './answers.js';
import { readJson } from './body-parser.js';
import { revalidated } from './caching.js';
import { searchSignal } from './deadline.js';
import { linksOf } from './links.js';
import { notationFor } from './notation.js';
import { API_ROUTE, routes } from './routes.js';

export interface ApiParts extends ActionOptions {
  engine: SearchEngine;
  searchTimeoutMs: number;
  /** The most that is remembered of answers. 0: nothing. */
  cacheBytes: number;
  log: Logger;
}

/** Bodies that are known to be right: what they take together is no more than a megabyte. */
const MOST_BODIES = 1_000;
const MOST_BODY_LENGTH = 500;

export function createApiRouter({ engine, searchTimeoutMs, termLength, cacheBytes, log }: ApiParts): Router {
  const router = new Router();
  const answers = new Answers({ engine, searchTimeoutMs, cacheBytes });
  const actions = createActions({ termLength });
  const links = linksOf(actions);
  const checked = new LRUCache<string, Asked>({ max: MOST_BODIES });

  router.post(API_ROUTE, readJson, async (ctx) => {
    const asked = read(ctx.request);
    const notation = notationFor(ctx);
    const found = await answers.find(asked, notation, () => searchSignal(ctx.res, searchTimeoutMs));
    ctx.type = notation.type;
    ctx.vary('Accept');
    ctx.body = 'whole' in found ? found.whole : found.stream((error) => logBug(ctx, error));
  });

  router.get(routes.dictionaries.path, revalidated, async (ctx) => {
    ctx.body = { ...(await engine.dictionaries()), links };
  });

  return router;

  /** What is asked again and again need not be checked again. */
  function read({ body, rawBody }: Context['request']): Asked {
    const text = String(rawBody);
    const known = checked.get(text);
    if (known !== undefined) return known;
    const asked = readAsked(actions, body);
    if (text.length <= MOST_BODY_LENGTH) checked.set(text, asked);
    return asked;
  }

  /** What goes wrong in the middle of an answer that nobody waits for any more is no bug. */
  function logBug(ctx: Context, error: unknown): void {
    if (!ctx.res.closed) log.error({ err: error, id: ctx.state.id, method: ctx.method, path: ctx.path }, 'bug');
  }
}
