// The JSON API.
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { DictionaryList } from '../../search/engine.js';
import type { QueryEngine } from '../../search/query.js';
import { assertActionAllowed, engineOf } from '../access.js';
import { revalidate } from '../middleware/caching.js';
import { Deadline } from '../middleware/deadline.js';
import { renderOnce } from '../render-once.js';
import { createRouter, type RequestContext, type RequestRouter, setSubject } from '../request-state.js';
import { API_ROUTE, routes } from '../routes.js';
import type { Actions } from './actions.js';
import { AnswerCache, type AnswerCounts } from './answer-cache.js';
import { parseJson, readText } from './body-parser.js';
import { isPartialList, selectDictionaries } from './dictionary-list.js';
import { trySend } from './fast-path.js';
import { createLinks } from './links.js';
import { negotiateFormat } from './negotiate-format.js';
import { type ParsedRequest, parseRequest } from './parse-request.js';
import { createSearchRoute } from './search-route.js';
import { setAnswer } from './set-answer.js';

export interface ApiParts {
  engine: QueryEngine;
  actions: Actions;
  searchTimeoutMs: number;
  /** The maximum size of the answer cache. 0 disables it. */
  cacheBytes: number;
  /** The version of grepd. */
  version: string;
  log: Logger;
  counts: AnswerCounts;
}

/** The bodies whose parsed requests are cached: at most a megabyte. */
const MAX_PARSED_BODIES = 1_000;
const MAX_PARSED_BODY_LENGTH = 500;

export interface Api {
  router: RequestRouter;
  /** Handles `POST /api/v1/json`. */
  answer: (ctx: RequestContext) => Promise<void>;
}

export function createApi(parts: ApiParts): Api {
  const { actions, searchTimeoutMs, cacheBytes, log, counts } = parts;
  const router = createRouter();
  const answers = new AnswerCache({ searchTimeoutMs, cacheBytes, counts });
  const links = createLinks(actions);
  const parsedBodies = new LRUCache<string, ParsedRequest>({ max: MAX_PARSED_BODIES });

  const renderList = renderOnce((list: DictionaryList) => JSON.stringify({ ...list, links }));

  router.post(API_ROUTE, answer);
  router.get(routes.search.path, createSearchRoute({ ...parts, answers }));

  router.get(routes.dictionaries.path, revalidate, async (ctx) => {
    const { signal } = new Deadline(ctx.res, searchTimeoutMs);
    const list = await engineOf(ctx).dictionaries(signal);
    ctx.type = 'json';
    if (isPartialList(ctx.query)) {
      ctx.body = JSON.stringify({ ...(await selectDictionaries(list, ctx.query, signal)), links });
      return;
    }
    const { body, etagSeed } = renderList(list);
    ctx.body = body;
    ctx.state.etagSeed = etagSeed;
  });

  return { router, answer };

  async function answer(ctx: RequestContext): Promise<void> {
    const text = await readText(ctx);
    const cachedRequest = parsedBodies.get(text);
    const request = cachedRequest ?? parseRequest(actions, parseJson(text));
    setSubject(ctx.state, request);
    assertActionAllowed(ctx, request.action);
    const engine = engineOf(ctx);
    const format = negotiateFormat(ctx, request);
    const lookup = answers.get(request, format, engine);
    const cached = lookup instanceof Promise ? await lookup : lookup;
    // Keep only repeated requests: a one-off body is best collected while it is young.
    const isWorthKeeping = cached !== undefined && cachedRequest === undefined && text.length <= MAX_PARSED_BODY_LENGTH;
    if (isWorthKeeping) parsedBodies.set(text, request);
    const rendered = cached ?? (await answers.resolve(request, format, engine, ctx.res));
    if ('body' in rendered && trySend(ctx, format, rendered)) return;
    setAnswer(ctx, format, rendered, log);
  }
}
