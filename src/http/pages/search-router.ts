// The search page, and the redirect to a random quote on it.

import { randomInt } from 'node:crypto';
import Joi from 'joi';
import { raceAbort } from '../../concurrency/race-abort.js';
import { TtlCache } from '../../concurrency/ttl-cache.js';
import { type Fields, field } from '../../config/field-table.js';
import { AppError } from '../../errors.js';
import { DispersionRecorder } from '../../search/dispersion.js';
import { type AllQuery, collect, type Summary } from '../../search/engine.js';
import type { FindQuery, QueryEngine } from '../../search/query.js';
import type { Actions } from '../api/actions.js';
import { oneOf } from '../api/field-kinds.js';
import { type SearchValues, toFindQuery } from '../api/search-queries.js';
import { revalidate } from '../middleware/caching.js';
import { Deadline } from '../middleware/deadline.js';
import { originOf } from '../origin.js';
import { parseRequestFields } from '../request-fields.js';
import { createRouter, type RequestContext, type RequestRouter } from '../request-state.js';
import { routes } from '../routes.js';
import type { Assets } from './assets.js';
import { setErrorStatus } from './error-page-responder.js';
import { excerpt } from './excerpt.js';
import type { Results } from './results.js';
import { renderSearchPage, type SearchPage } from './search-page.js';
import { searchUrl } from './urls.js';

export interface SearchParts {
  engine: QueryEngine;
  actions: Actions;
  assets: Assets;
  searchTimeoutMs: number;
}

const ENTRIES_PER_PAGE = 20;
const MAX_ENTRIES_PER_PAGE = 100;

/** How long the page waits for the dispersion plot once its entries are complete. */
const PLOT_TIMEOUT_MS = 300;

/** How stale the list of dictionaries may be: listing many files takes longer than a search. */
const LIST_TTL_MS = 1_000;

/** A random quote that is longer is replaced by a line. */
const MAX_QUOTE_LENGTH = 2_000;
/** A draw may yield a blank line. */
const MAX_DRAWS = 10;

export function createSearchRouter(parts: SearchParts): RequestRouter {
  const { engine, actions, assets, searchTimeoutMs } = parts;
  const router = createRouter();
  const list = new TtlCache((signal) => engine.dictionaries(signal), LIST_TTL_MS);
  const searchFields = { page: searchPageFields(actions.search.fields), api: actions.search.fields };
  const allFields = { page: searchPageFields(actions.all.fields), api: actions.all.fields };

  router.get(routes.page.path, revalidate, async (ctx) => {
    const submitted = submittedFields(ctx);
    let page: Omit<SearchPage, 'dictionaries'> = { submitted };
    const { signal } = new Deadline(ctx.res, searchTimeoutMs);
    // Start the listing first: the search may use up the deadline.
    const listed = list.get(signal);
    listed.catch(() => {});
    try {
      const results = await search(ctx, submitted, signal);
      if (results !== undefined) page = { submitted, results };
    } catch (error) {
      // The search page itself shows the error.
      if (!(error instanceof AppError)) throw error;
      setErrorStatus(ctx, error);
      page = { submitted, problem: error.message };
    }
    const dictionaries = await listed;
    ctx.type = 'html';
    ctx.body = renderSearchPage(assets, { ...page, dictionaries });
    if (page.results === undefined) return;
    // The duration of the search doesn't make it a different page.
    ctx.state.etagSeed = renderSearchPage(assets, {
      ...page,
      dictionaries,
      results: { ...page.results, tookMs: undefined },
    });
  });

  router.get(routes.random.path, async (ctx) => {
    const { dictionary } = parseRequestFields(allFields.page, submittedFields(ctx), { convert: true });
    ctx.state.action = 'all';
    ctx.state.dictionary = dictionary;
    const { signal } = new Deadline(ctx.res, searchTimeoutMs);
    ctx.status = 303;
    ctx.redirect(searchUrl(allFields.page, await draw(dictionary ?? (await defaultDictionary(signal)), signal)));
  });

  return router;

  /** Returns `undefined` if the request has neither a term nor a random order. */
  async function search(
    ctx: RequestContext,
    submitted: SearchPage['submitted'],
    signal: AbortSignal,
  ): Promise<Results | undefined> {
    if (submitted.term === undefined && submitted.order !== 'random') return undefined;
    const isDraw = submitted.term === undefined;
    const fields = isDraw ? allFields : searchFields;
    const options = { convert: true };
    const values = isDraw
      ? parseRequestFields(allFields.page, submitted, options)
      : parseRequestFields(searchFields.page, submitted, options);
    const { dictionary: namedDictionary } = values;
    ctx.state.action = isDraw ? 'all' : 'search';
    ctx.state.dictionary = namedDictionary;
    ctx.state.term = submitted.term;
    // Links and the curl command name the default dictionary, too.
    const dictionary = namedDictionary ?? (await defaultDictionary(signal));
    const query = { ...values, dictionary, format: 'object' as const };
    const context = { query, fields, dictionary: dictionary ?? '', origin: originOf(ctx) };
    if (isSearch(query)) {
      const found = toFindQuery(query, fields.api);
      return { ...context, ...(await searchAndPlot({ ...found, format: 'object' }, signal)) };
    }
    const startedAt = performance.now();
    const drawn = await collect(engine.all(query, signal), excerpt);
    return { ...context, ...drawn, tookMs: performance.now() - startedAt };
  }

  /** Plots the matches of the search itself. Omits the plot if the lines can't be counted. */
  async function searchAndPlot(
    query: FindQuery & { format: 'object' },
    signal: AbortSignal,
  ): Promise<Pick<Results, keyof Summary | 'entries' | 'tookMs' | 'dispersion'>> {
    const recorder = new DispersionRecorder();
    const stop = new AbortController();
    const softTimeout = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const startTimer = () => {
      timer ??= setTimeout(() => {
        recorder.close();
        softTimeout.abort();
      }, PLOT_TIMEOUT_MS);
    };
    let nrOfEntries = 0;
    try {
      const startedAt = performance.now();
      const plotting = countLines(query.dictionary, recorder, AbortSignal.any([signal, stop.signal]));
      // Awaited below, unless the search fails first.
      plotting.catch(() => {});
      const answer = await collect(engine.find({ ...query, observer: recorder }, signal), (entry) => {
        nrOfEntries += 1;
        if (nrOfEntries === query.nresults) startTimer();
        return excerpt(entry);
      });
      const tookMs = performance.now() - startedAt;
      startTimer();
      await raceAbort(plotting, softTimeout.signal).catch((error) => {
        if (!softTimeout.signal.aborted) throw error;
      });
      return { ...answer, tookMs, dispersion: recorder.dispersion(answer.nrOfEntries) };
    } finally {
      clearTimeout(timer);
      stop.abort();
    }
  }

  /** Closes the recorder if the lines can't be counted. */
  async function countLines(
    dictionary: string | undefined,
    recorder: DispersionRecorder,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      recorder.setLineCounts(await engine.lineCounts(dictionary, signal));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      recorder.close();
    }
  }

  /** Returns `undefined` if there is no dictionary. */
  async function defaultDictionary(signal: AbortSignal): Promise<string | undefined> {
    // The cached list may be older than the first dictionary.
    return (await list.get(signal)).default ?? (await engine.dictionaries(signal)).default;
  }

  /** Returns a query for a random quote of readable length, or else for a random line. */
  async function draw(dictionary: string | undefined, signal: AbortSignal): Promise<AllQuery> {
    const query: AllQuery = { dictionary, nresults: 1, offset: 0, unit: 'quote', order: 'random', format: 'text' };
    for (let draws = 1; ; draws += 1) {
      query.seed = randomInt(2 ** 32);
      const [text] = (await collect(engine.all(query, signal), String)).entries;
      const isBlank = text === undefined || text.trim() === '';
      if ((!isBlank && text.length <= MAX_QUOTE_LENGTH) || draws === MAX_DRAWS) return query;
      if (!isBlank) query.unit = 'line';
    }
  }
}

const drawOrder = oneOf(['file', 'random'], 'the order of the entries; `random` draws them');

/** The fields of an action on the search page, which decides the format itself. */
export function searchPageFields<Table extends Fields>({ format: _, escape: __, ...fields }: Table) {
  return {
    ...fields,
    order: drawOrder,
    nresults: field<number>({
      schema: Joi.number().integer().min(1).max(MAX_ENTRIES_PER_PAGE).default(ENTRIES_PER_PAGE),
      expected: `an integer from 1 to ${MAX_ENTRIES_PER_PAGE}`,
      description: 'the number of entries on a page',
    }),
  };
}

/** Returns the fields that aren't empty: a form submits the empty ones too. */
function submittedFields(ctx: RequestContext): SearchPage['submitted'] {
  return Object.fromEntries(Object.entries(ctx.query).filter(([, value]) => value !== '')) as SearchPage['submitted'];
}

function isSearch(query: object): query is SearchValues {
  return 'term' in query;
}
