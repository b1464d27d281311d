// The JSON API.
import Router from '@koa/router';
import type { Context } from 'koa';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { DictionaryList, SearchEngine } from '../../search/engine.js';
import { revalidate } from '../middleware/caching.js';
import { COMPRESSED_ANSWER_BYTES } from '../middleware/compression.js';
import { Deadline } from '../middleware/deadline.js';
import { renderOnce } from '../render-once.js';
import { API_ROUTE, routes } from '../routes.js';
import { type Actions, type ParsedRequest, parseRequest } from './actions.js';
import { type AnswerCounts, Answers } from './answer-cache.js';
import { type AnswerFormat, formatFor, VARY } from './answer-format.js';
import type { Whole } from './answer-writer.js';
import { parseJson, readText } from './body-parser.js';
import { linksOf } from './links.js';

export interface ApiParts {
  engine: SearchEngine;
  actions: Actions;
  searchTimeoutMs: number;
  /** The most that is remembered of answers. 0: nothing. */
  cacheBytes: number;
  log: Logger;
  counts: AnswerCounts;
}

/** Bodies that are known to be right: what they take together is no more than a megabyte. */
const MAX_BODIES = 1_000;
const MAX_BODY_LENGTH = 500;

export interface Api {
  routes: Router;
  /** Answers a POST to `API_ROUTE`: also without the router. */
  answer: (ctx: Context) => Promise<void>;
}

export function createApi({ engine, actions, searchTimeoutMs, cacheBytes, log, counts }: ApiParts): Api {
  const router = new Router();
  const answers = new Answers({ engine, searchTimeoutMs, cacheBytes, counts });
  const links = linksOf(actions);
  const checked = new LRUCache<string, ParsedRequest>({ max: MAX_BODIES });

  const renderList = renderOnce((list: DictionaryList) => JSON.stringify({ ...list, links }));

  router.post(API_ROUTE, answer);

  router.get(routes.dictionaries.path, revalidate, async (ctx) => {
    const { body, etagSeed } = renderList(await engine.dictionaries(new Deadline(ctx.res, searchTimeoutMs).signal));
    ctx.type = 'json';
    ctx.body = body;
    ctx.state.etagSeed = etagSeed;
  });

  return { routes: router, answer };

  async function answer(ctx: Context): Promise<void> {
    const text = await readText(ctx);
    const known = checked.get(text);
    const asked = known ?? parseRequest(actions, parseJson(text));
    const { action, dictionary, term } = asked;
    Object.assign(ctx.state, { action, dictionary, term });
    const answerFormat = formatFor(ctx);
    const recalled = answers.recall(asked, answerFormat);
    const kept = recalled instanceof Promise ? await recalled : recalled;
    // What is asked again and again need not be checked again.
    if (kept !== undefined && known === undefined && text.length <= MAX_BODY_LENGTH) checked.set(text, asked);
    const found = kept ?? (await answers.find(asked, answerFormat, ctx.res));
    if ('whole' in found && !isWorthCompressing(ctx, found)) return send(ctx, answerFormat, found);
    ctx.set(answerFormat.headers);
    vary(ctx);
    if ('whole' in found) ctx.body = found.whole;
    else {
      ctx.compress = false;
      ctx.body = found.stream((error) => logBug(ctx, error));
    }
  }

  function isWorthCompressing(ctx: Context, { whole }: Whole): boolean {
    return ctx.req.headers['accept-encoding'] !== undefined && whole.length >= COMPRESSED_ANSWER_BYTES;
  }

  /** Without Koa, which would look at what is known already. */
  function send(ctx: Context, { headers }: AnswerFormat, { whole }: Whole): void {
    ctx.respond = false;
    ctx.res.statusCode = 200;
    for (const name in headers) ctx.res.setHeader(name, headers[name] as string);
    vary(ctx);
    ctx.res.end(whole);
  }

  /** It may depend on more, of which others have told. */
  function vary(ctx: Context): void {
    if (ctx.res.hasHeader('Vary')) ctx.vary(VARY);
    else ctx.res.setHeader('Vary', VARY);
  }

  /** What goes wrong in the middle of an answer that nobody waits for any more is no bug. */
  function logBug(ctx: Context, error: unknown): void {
    if (!ctx.res.closed) log.error({ err: error, id: ctx.state.id, method: ctx.method, path: ctx.path }, 'bug');
  }
}
