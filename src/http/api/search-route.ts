// `GET /api/v1/search`: a search that can be linked to, and revalidated without searching again.
import type { Logger } from 'pino';
import { AppError } from '../../errors.js';
import type { QueryEngine } from '../../search/query.js';
import { assertActionAllowed, engineOf } from '../access.js';
import { removeValidators, respondIfUnchanged } from '../middleware/caching.js';
import { type RequestContext, setSubject } from '../request-state.js';
import type { Actions } from './actions.js';
import type { AnswerCache } from './answer-cache.js';
import { type AnswerFormat, VARY } from './answer-format.js';
import { contentDisposition } from './download.js';
import { downloadFormat, negotiateFormat } from './negotiate-format.js';
import { parseQuery, searchingActions } from './parse-query.js';
import type { ParsedRequest } from './parse-request.js';
import { setAnswer } from './set-answer.js';

export interface SearchRouteParts {
  actions: Actions;
  answers: AnswerCache;
  /** The version of grepd: another one may answer differently. */
  version: string;
  log: Logger;
}

type Respond = (ctx: RequestContext) => Promise<void>;

export function createSearchRoute({ actions, answers, version, log }: SearchRouteParts): Respond {
  const searching = searchingActions(actions);

  return async (ctx) => {
    const request = parseQuery(searching, ctx.querystring);
    setSubject(ctx.state, request);
    const { action, download } = request;
    assertActionAllowed(ctx, action);
    const engine = engineOf(ctx);
    const format = download === undefined ? negotiateFormat(ctx, request) : downloadFormat(download, request);
    ctx.vary(VARY);
    const isConditional = namesEtag(ctx);
    // A streamed table breaks off if it fails, so it may have an ETag before it is complete.
    const isTable = format.summaryFields !== undefined;
    const before =
      isConditional || isTable ? etagSeed(request, format, await currentVersion(engine, request)) : undefined;
    if (isConditional && before !== undefined) {
      if (respondIfUnchanged(ctx, before)) return;
      removeValidators(ctx);
    }
    const rendered =
      (await answers.get(request, format, engine)) ?? (await answers.resolve(request, format, engine, ctx.res));
    const isComplete = 'body' in rendered;
    const seed = isComplete ? etagSeed(request, format, rendered.version) : isTable ? before : undefined;
    if (seed !== undefined && respondIfUnchanged(ctx, seed)) {
      if (!isComplete) await rendered.discard();
      return;
    }
    // Errors are not files.
    if (download !== undefined) ctx.set('Content-Disposition', contentDisposition(action, download));
    setAnswer(ctx, format, rendered, log);
  };

  /** Returns `undefined` for errors, too: the search reports them. */
  async function currentVersion(engine: QueryEngine, { dictionary }: ParsedRequest): Promise<string | undefined> {
    try {
      return await engine.version(dictionary);
    } catch (error) {
      if (error instanceof AppError) return undefined;
      throw error;
    }
  }

  /** Returns `undefined` if the next answer may differ. */
  function etagSeed(
    { cacheKey }: ParsedRequest,
    { mediaType }: AnswerFormat,
    dictionaryVersion: string | undefined,
  ): string | undefined {
    if (cacheKey === undefined || dictionaryVersion === undefined) return undefined;
    return JSON.stringify([version, mediaType, cacheKey, dictionaryVersion]);
  }
}

/** Whether the client has an earlier answer. `*` matches any answer, but not an error. */
function namesEtag({ req }: RequestContext): boolean {
  const condition = req.headers['if-none-match'];
  return condition !== undefined && condition.trim() !== '*';
}
