// Answers the queries of the search page, each with the view that shows it.
import type { Fields } from '../../config/field-table.js';
import { AppError } from '../../errors.js';
import { type Answer, collect } from '../../search/engine.js';
import type { ConcordanceLine, FileCount, Frequency, QueryEngine, Result } from '../../search/query.js';
import type { Actions } from '../api/actions.js';
import { toFindQuery } from '../api/search-queries.js';
import { parseRequestFields } from '../request-fields.js';
import { collectCounts } from './count-view.js';
import { excerpt } from './excerpt.js';
import { createPageFields, type PageQuery, type SubmittedFields, toApiRequest, type ViewName } from './page-fields.js';
import { PLOT_TIMEOUT_MS, searchAndPlot } from './plotted-search.js';
import type { Results } from './results.js';
import { searchParameters } from './urls.js';
import { isDraw, type ViewContext } from './view-context.js';

/** What is common to all views of a query. */
type Common = Pick<ViewContext, 'dictionary' | 'origin'>;

export interface ViewQuery {
  action: ViewAction;
  query: PageQuery;
  /** Throws what the search throws. */
  find: (common: Common, signal: AbortSignal) => Promise<Results>;
}

type ViewAction = 'search' | 'all' | 'count' | 'frequencies';

/** Parses the query of a view, or of a draw from all entries. Throws `invalid_request`. */
export type ParseView = (view: ViewName | 'draw', submitted: SubmittedFields) => ViewQuery;

export function createViews(engine: QueryEngine, actions: Actions): ParseView {
  const fields = createPageFields(actions);

  return (view, submitted) => {
    const query = parseRequestFields(fields[view] as Fields, submitted, { convert: true }) as unknown as PageQuery;
    switch (view) {
      case 'list':
        return { action: 'search', query, find: (common, signal) => list(query, common, signal) };
      case 'draw':
        return { action: 'all', query, find: (common, signal) => draw(query, common, signal) };
      case 'kwic':
        return { action: 'search', query, find: (common, signal) => concordance(query, common, signal) };
      case 'frequencies':
        return { action: 'frequencies', query, find: (common, signal) => frequencies(query, common, signal) };
      case 'count':
        return { action: 'count', query, find: (common, signal) => count(query, common, signal) };
    }
  };

  async function list(query: PageQuery, common: Common, signal: AbortSignal): Promise<Results> {
    const context = contextOf('list', 'search', query, common, 'object');
    const values = { ...context.query, format: 'object' } as Parameters<typeof toFindQuery>[0];
    const found = { ...toFindQuery(values, actions.search.fields), format: 'object' } as const;
    return { view: 'list', ...context, ...(await searchAndPlot(engine, found, signal)) };
  }

  async function draw(query: PageQuery, common: Common, signal: AbortSignal): Promise<Results> {
    const context = contextOf('draw', 'all', query, common, 'object');
    const startedAt = performance.now();
    const { dictionary, files, unit, offset, nresults, seed } = context.query;
    const all = { dictionary, files, unit, offset, nresults, seed, order: 'random', format: 'object' } as const;
    const drawn = await collect(engine.all(all, signal), (entry) => excerpt(entry, unit));
    return { view: 'list', ...context, ...drawn, tookMs: performance.now() - startedAt };
  }

  async function concordance(query: PageQuery, common: Common, signal: AbortSignal): Promise<Results> {
    const context = contextOf('kwic', 'search', query, common, 'kwic');
    const startedAt = performance.now();
    const { entries, ...summary } = await collect(answer<ConcordanceLine>(context, signal));
    return { view: 'kwic', ...context, ...summary, lines: entries, tookMs: performance.now() - startedAt };
  }

  async function frequencies(query: PageQuery, common: Common, signal: AbortSignal): Promise<Results> {
    const context = contextOf('frequencies', 'frequencies', query, common);
    const startedAt = performance.now();
    const { entries, ...summary } = await collect(answer<Frequency>(context, signal));
    const tookMs = performance.now() - startedAt;
    return { view: 'frequencies', ...context, ...summary, frequencies: entries, listFields: fields.list, tookMs };
  }

  async function count(query: PageQuery, common: Common, signal: AbortSignal): Promise<Results> {
    const context = contextOf('count', 'count', query, common);
    const stop = new AbortController();
    const startedAt = performance.now();
    const plotting = plot(context, AbortSignal.any([signal, stop.signal]));
    // Awaited below, unless the count fails first.
    plotting.catch(() => {});
    let timer: NodeJS.Timeout | undefined;
    try {
      const counted = await collectCounts(answer<FileCount>(context, signal), query);
      const tookMs = performance.now() - startedAt;
      timer = setTimeout(() => stop.abort(), PLOT_TIMEOUT_MS);
      const dispersion = await plotting;
      return { view: 'count', ...context, ...counted, dispersion, listFields: fields.list, tookMs };
    } finally {
      clearTimeout(timer);
      stop.abort();
    }
  }

  /** Returns `undefined` if the search fails: the counts are complete without it. */
  async function plot({ query }: ViewContext, signal: AbortSignal) {
    const values = { ...query, n_before: 0, n_after: 0, nresults: 1, offset: 0, order: 'file', format: 'object' };
    try {
      const found = toFindQuery(values as Parameters<typeof toFindQuery>[0], actions.search.fields);
      return (await searchAndPlot(engine, { ...found, format: 'object' }, signal)).dispersion;
    } catch (error) {
      if (signal.aborted || error instanceof AppError) return undefined;
      throw error;
    }
  }

  function contextOf(
    view: ViewName | 'draw',
    action: ViewAction,
    parsed: PageQuery,
    common: Common,
    format?: string,
  ): ViewContext {
    // Links and the curl command name the default dictionary, too.
    const query = { ...parsed, dictionary: common.dictionary === '' ? undefined : common.dictionary };
    const both = { page: fields[view], api: actions[action].fields };
    const search = isDraw(query) ? '' : searchParameters(both.page, query);
    return { ...common, query, search, fields: both, request: { action, ...toApiRequest(both, query, format) } };
  }

  /** Answers the request that the page shows as a curl command, with the same messages. */
  function answer<Some extends Result>({ request }: ViewContext, signal: AbortSignal): Answer<Some> {
    const { action, ...input } = request as { action: 'search' | 'count' | 'frequencies' };
    return actions[action].parse(input, { convert: false }).run(engine, signal) as Answer<Some>;
  }
}
