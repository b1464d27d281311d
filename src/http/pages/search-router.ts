// The search page, and the redirect to a random quote on it.
import { TtlCache } from '../../concurrency/ttl-cache.js';
import { AppError } from '../../errors.js';
import { namesIn, selectorOf } from '../../search/dictionary-selector.js';
import type { DictionaryList } from '../../search/engine.js';
import { assertActionAllowed, engineOf, isActionAllowed, perEngine } from '../access.js';
import type { Actions } from '../api/actions.js';
import { termsOf } from '../api/query-fields.js';
import { revalidate } from '../middleware/caching.js';
import { Deadline } from '../middleware/deadline.js';
import { originOf } from '../origin.js';
import { parseRequestFields } from '../request-fields.js';
import { createRouter, type RequestContext, type RequestRouter } from '../request-state.js';
import { routes } from '../routes.js';
import { suggestDictionary } from '../spelling/spelling-suggestion.js';
import type { Assets } from './assets.js';
import { encodingWarningsOf } from './encoding-warning.js';
import type { Suggestion } from './error-page.js';
import { setErrorStatus } from './error-page-responder.js';
import { createExamples } from './examples.js';
import {
  createPageFields,
  hasTerm,
  type SubmittedFields,
  searchPageFields,
  submittedFields,
  type ViewName,
  viewField,
} from './page-fields.js';
import { drawQuote } from './random-quote.js';
import type { Results } from './results.js';
import { renderSearchPage, type SearchPage } from './search-page.js';
import { toProblem } from './search-problem.js';
import { createViews } from './search-views.js';
import { showField } from './show-field.js';
import { tryVariants } from './try-variants.js';
import { searchUrl } from './urls.js';

export interface SearchParts {
  actions: Actions;
  assets: Assets;
  searchTimeoutMs: number;
}

/** How stale the list of dictionaries may be: listing many files takes longer than a search. */
const LIST_TTL_MS = 1_000;

export function createSearchRouter(parts: SearchParts): RequestRouter {
  const { actions, assets, searchTimeoutMs } = parts;
  const router = createRouter();
  const viewOf = perEngine((engine) => ({
    engine,
    list: new TtlCache((signal) => engine.dictionaries(signal), LIST_TTL_MS),
    parseView: createViews(engine, actions),
    findExamples: createExamples(engine),
  }));
  const { draw: drawFields } = createPageFields(actions);
  const allFields = searchPageFields(actions);

  router.get(routes.page.path, revalidate, async (ctx) => {
    const submitted = submittedFields(ctx);
    let page: Omit<SearchPage, 'dictionaries'> = { submitted, view: 'list' };
    const { signal } = new Deadline(ctx.res, searchTimeoutMs);
    // Start the listing first: the search may use up the deadline.
    const { list, findExamples } = viewOf(ctx);
    const listed = list.get(signal);
    listed.catch(() => {});
    let unknownName: string | undefined;
    try {
      const { view } = parseRequestFields({ view: viewField, show: showField }, submitted, { convert: true });
      page = { submitted, view };
      if (hasTerm(submitted)) page.tabs = { view, submitted, fields: allFields };
      const results = await search(ctx, view, submitted, signal);
      if (results !== undefined) page.results = results;
    } catch (error) {
      // The search page itself shows the error.
      if (!(error instanceof AppError)) throw error;
      setErrorStatus(ctx, error);
      unknownName = error.unknownName;
      page.problem = toProblem(error, submitted, allFields);
    }
    const dictionaries = await listed;
    if (page.problem !== undefined && unknownName !== undefined) {
      page.problem.suggestion = suggestSearch(submitted, unknownName, dictionaries);
    }
    const isStart = page.results === undefined && page.problem === undefined;
    if (isStart && allowsExamples(ctx)) page.examples = await findExamples(dictionaries, signal);
    ctx.type = 'html';
    ctx.body = renderSearchPage(assets, { ...page, dictionaries });
    if (page.results === undefined) return;
    // The duration of the search doesn't make it a different page.
    const results = { ...page.results, tookMs: undefined };
    ctx.state.etagSeed = renderSearchPage(assets, { ...page, dictionaries, results });
  });

  router.get(routes.random.path, async (ctx) => {
    const { dictionary } = parseRequestFields(drawFields, submittedFields(ctx), { convert: true });
    ctx.state.action = 'all';
    ctx.state.dictionary = dictionary;
    assertActionAllowed(ctx, 'all');
    const { signal } = new Deadline(ctx.res, searchTimeoutMs);
    ctx.status = 303;
    const query = await drawQuote(engineOf(ctx), dictionary ?? (await defaultDictionary(ctx, signal)), signal);
    ctx.redirect(searchUrl(drawFields, query));
  });

  return router;

  /** Returns `undefined` if the request has neither a term nor a random order. */
  async function search(
    ctx: RequestContext,
    view: ViewName,
    submitted: SubmittedFields,
    signal: AbortSignal,
  ): Promise<Results | undefined> {
    const isSearch = hasTerm(submitted);
    if (!isSearch && submitted.order !== 'random') return undefined;
    const { engine, list, parseView } = viewOf(ctx);
    const { action, query, find } = parseView(isSearch ? view : 'draw', submitted);
    ctx.state.action = action;
    ctx.state.dictionary = query.dictionary;
    ctx.state.term = isSearch ? termsOf(query).join(' ') : undefined;
    assertActionAllowed(ctx, action);
    const dictionary = query.dictionary ?? (await defaultDictionary(ctx, signal)) ?? '';
    const results = await find({ dictionary, origin: originOf(ctx) }, signal);
    const known = { engine, list: await list.get(signal) };
    const warnings = await encodingWarningsOf(known, namesIn(dictionary), signal);
    if (results.nrOfEntries > 0 || !isSearch) return { ...results, warnings };
    if (!isActionAllowed(ctx, 'search')) return { ...results, warnings };
    return { ...results, warnings, suggestions: await tryVariants(engine, actions, results.query, signal) };
  }

  /** Suggests the same search in a dictionary with a similar name. */
  function suggestSearch(
    submitted: SubmittedFields,
    unknownName: string,
    { dictionaries }: DictionaryList,
  ): Suggestion | undefined {
    const names = dictionaries.map(({ name }) => name);
    const dictionary = suggestDictionary(unknownName, names);
    if (dictionary === undefined) return undefined;
    const chosen = [submitted.dictionary ?? []].flat().map((name) => (name === unknownName ? dictionary : name));
    return { name: dictionary, url: searchUrl(allFields, { ...submitted, dictionary: selectorOf(chosen) }) };
  }

  /** Returns `undefined` if there is no dictionary. */
  async function defaultDictionary(ctx: RequestContext, signal: AbortSignal): Promise<string | undefined> {
    const { engine, list } = viewOf(ctx);
    // The cached list may be older than the first dictionary.
    return (await list.get(signal)).default ?? (await engine.dictionaries(signal)).default;
  }
}

/** Examples read the beginnings of texts, and link to searches. */
function allowsExamples(ctx: RequestContext): boolean {
  return (['all', 'search', 'frequencies'] as const).every((action) => isActionAllowed(ctx, action));
}
