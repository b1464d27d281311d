// The search page, and a quote at random on it.

import { randomInt } from 'node:crypto';
import Joi from 'joi';
import { TtlCache } from '../../concurrency/ttl-cache.js';
import type { Fields } from '../../config/field-table.js';
import { AppError } from '../../errors.js';
import { type Dispersion, disperse } from '../../search/dispersion.js';
import {
  type AllQuery,
  collect,
  type Entry,
  type EntryObject,
  type SearchEngine,
  type SearchQuery,
} from '../../search/engine.js';
import type { Actions } from '../api/actions.js';
import { revalidate } from '../middleware/caching.js';
import { Deadline } from '../middleware/deadline.js';
import { originOf } from '../origin.js';
import { parseRequestFields } from '../request-fields.js';
import { createRouter, type RequestContext, type RequestRouter } from '../request-state.js';
import { routes } from '../routes.js';
import { searchAddress } from './addresses.js';
import type { Assets } from './assets.js';
import { type Excerpt, excerpt } from './excerpt.js';
import { showFailure } from './fail-on-page.js';
import type { Found } from './results.js';
import { renderSearchPage, type SearchPage } from './search-page.js';

export interface SearchParts {
  engine: SearchEngine;
  actions: Actions;
  assets: Assets;
  searchTimeoutMs: number;
}

/** Entries on a page. */
const PAGE_ENTRIES = 20;
const MAX_PAGE_ENTRIES = 100;

/** Results wait no longer than this for where the matches lie. */
const PLOT_MS = 300;

/** So long a page may not know of a dictionary that was added. To list them takes as long as there are files: longer than a search. */
const LIST_MS = 1_000;

/** A longer one is no quote that anyone would read: a line, then. */
const LONGEST_QUOTE = 2_000;
/** Blank lines are drawn, too. */
const MAX_DRAWS = 10;

export function createSearchRouter(parts: SearchParts): RequestRouter {
  const { engine, actions, assets, searchTimeoutMs } = parts;
  const router = createRouter();
  const list = new TtlCache((signal) => engine.dictionaries(signal), LIST_MS);
  const search = { page: searchPageFields(actions.search.fields), api: actions.search.fields };
  const all = { page: searchPageFields(actions.all.fields), api: actions.all.fields };

  router.get(routes.page.path, revalidate, async (ctx) => {
    const given = givenIn(ctx);
    let page: Omit<SearchPage, 'dictionaries'> = { given };
    const { signal } = new Deadline(ctx.res, searchTimeoutMs);
    // Start the listing first: the search may use up the deadline.
    const listed = list.get(signal);
    listed.catch(() => {});
    try {
      const found = await find(ctx, given, signal);
      if (found !== undefined) page = { given, found };
    } catch (error) {
      // A failure is said on the page, not as JSON.
      if (!(error instanceof AppError)) throw error;
      showFailure(ctx, error);
      page = { given, problem: error.message };
    }
    const dictionaries = await listed;
    ctx.type = 'html';
    ctx.body = renderSearchPage(assets, { ...page, dictionaries });
    if (page.found === undefined) return;
    // How long it took makes no other page of it.
    ctx.state.etagSeed = renderSearchPage(assets, {
      ...page,
      dictionaries,
      found: { ...page.found, tookMs: undefined },
    });
  });

  router.get(routes.random.path, async (ctx) => {
    const { dictionary } = parseRequestFields<AllQuery>(all.page, givenIn(ctx), { convert: true });
    Object.assign(ctx.state, { action: 'all', dictionary });
    const { signal } = new Deadline(ctx.res, searchTimeoutMs);
    ctx.status = 303;
    ctx.redirect(searchAddress(all.page, await draw(dictionary ?? (await defaultDictionary(signal)), signal)));
  });

  return router;

  /** Nothing where nothing is asked for. */
  async function find(
    ctx: RequestContext,
    given: SearchPage['given'],
    signal: AbortSignal,
  ): Promise<Found | undefined> {
    if (given.term === undefined && given.order !== 'random') return undefined;
    const fields = given.term === undefined ? all : search;
    const asked = parseRequestFields<AllQuery>(fields.page, given, { convert: true });
    const { term, dictionary: named } = asked as Partial<SearchQuery>;
    Object.assign(ctx.state, { action: term === undefined ? 'all' : 'search', dictionary: named, term });
    // Links and commands on the page name it, too.
    const dictionary = named ?? (await defaultDictionary(signal));
    const query = { ...asked, dictionary, format: 'object' as const };
    const about = { query, fields, dictionary: dictionary ?? '', origin: originOf(ctx) };
    const began = performance.now();
    if (!isSearch(query)) {
      const drawn = await collect(engine.all(query, signal), shorten);
      return { ...about, ...drawn, tookMs: performance.now() - began };
    }
    const over = new AbortController();
    const enough = new AbortController();
    try {
      const places = plot(query, { signal: AbortSignal.any([signal, over.signal]), enough: enough.signal });
      // It is waited for below, unless the search fails.
      places.catch(() => {});
      const found = await collect(engine.search(query, signal), shorten);
      const tookMs = performance.now() - began;
      const timer = setTimeout(() => enough.abort(), PLOT_MS);
      const dispersion = await places.finally(() => clearTimeout(timer));
      return { ...about, ...found, tookMs, dispersion };
    } finally {
      over.abort();
    }
  }

  /** Returns `undefined` if there is no dictionary. */
  async function defaultDictionary(signal: AbortSignal): Promise<string | undefined> {
    // An older list may be from before there was one.
    return (await list.get(signal)).default ?? (await engine.dictionaries(signal)).default;
  }

  /** A page without it is better than none. */
  async function plot(
    query: SearchQuery,
    signals: { signal: AbortSignal; enough: AbortSignal },
  ): Promise<Dispersion | undefined> {
    try {
      return await disperse(engine, query, signals);
    } catch (error) {
      if (error instanceof AppError) return undefined;
      throw error;
    }
  }

  /** A quote that can be read, or else a line. */
  async function draw(dictionary: string | undefined, signal: AbortSignal): Promise<AllQuery> {
    const query: AllQuery = { dictionary, nresults: 1, offset: 0, unit: 'quote', order: 'random', format: 'text' };
    for (let draws = 1; ; draws += 1) {
      query.seed = randomInt(2 ** 32);
      const [text] = (await collect(engine.all(query, signal), String)).entries;
      const isBlank = text === undefined || text.trim() === '';
      if ((!isBlank && text.length <= LONGEST_QUOTE) || draws === MAX_DRAWS) return query;
      if (!isBlank) query.unit = 'line';
    }
  }
}

/** The fields of an action, as the page can be asked for them: it decides itself how entries are written. */
export function searchPageFields({ format: _, escape: __, ...fields }: Fields): Fields {
  return {
    ...fields,
    nresults: {
      schema: Joi.number().integer().min(1).max(MAX_PAGE_ENTRIES).default(PAGE_ENTRIES),
      expected: `an integer from 1 to ${MAX_PAGE_ENTRIES}`,
      description: 'entries on a page',
    },
  };
}

/** The fields that have a value: a form sends its empty ones too. */
function givenIn(ctx: RequestContext): SearchPage['given'] {
  return Object.fromEntries(Object.entries(ctx.query).filter(([, value]) => value !== '')) as SearchPage['given'];
}

function isSearch(query: AllQuery): query is SearchQuery {
  return 'term' in query;
}

function shorten(entry: Entry): Excerpt {
  return excerpt(entry as EntryObject);
}
