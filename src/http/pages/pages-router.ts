// The pages for people.
import Router from '@koa/router';
import type { Context } from 'koa';
import { AppError } from '../errors.js';
import type { Fields } from '../fields.js';
import { collect, type Entry, type SearchEngine, type SearchQuery } from '../search/engine.js';
import { createActions } from './actions.js';
import { revalidated } from './caching.js';
import { Deadline } from './deadline.js';
import { renderInstructions } from './instructions-page.js';
import { readRequestFields } from './request-fields.js';
import { routes } from './routes.js';
import { renderSearchPage, type SearchPage } from './search-page.js';

export interface PagesParts {
  engine: SearchEngine;
  searchTimeoutMs: number;
  termLength: number;
}

/** What the search page shows: so many entries, no longer than this each. */
const SHOWN_ENTRIES = 100;
const SHOWN_LENGTH = 10_000;

export function createPagesRouter(parts: PagesParts): Router {
  const router = new Router();
  const actions = createActions(parts);

  router.get(routes.page.path, revalidated, async (ctx) => {
    const { status, ...page } = await search(ctx, actions.search.fields, parts);
    ctx.type = 'html';
    ctx.status = status;
    ctx.body = renderSearchPage({ ...page, dictionaries: await parts.engine.dictionaries() });
  });

  router.get(routes.instructions.path, revalidated, (ctx) => {
    ctx.type = 'html';
    ctx.body = renderInstructions(actions, `${ctx.protocol}://${ctx.host || 'localhost'}`);
  });

  return router;
}

/** What the form asks for, which uses the names of the API's fields. A failure is said on the page, not as JSON. */
async function search(
  ctx: Context,
  fields: Fields,
  parts: PagesParts,
): Promise<Omit<SearchPage, 'dictionaries'> & { status: number }> {
  // A form sends its empty fields too.
  const given = Object.fromEntries(
    Object.entries(ctx.query).filter(([, value]) => value !== ''),
  ) as SearchPage['given'];
  if (given.term === undefined) return { status: 200, given };
  try {
    const query = readRequestFields<SearchQuery>(fields, given, { convert: true });
    const { signal } = new Deadline(ctx.res, parts.searchTimeoutMs);
    const asText = { ...query, nresults: SHOWN_ENTRIES, format: 'text' as const };
    return { status: 200, given, found: await collect(parts.engine.search(asText, signal), shorten) };
  } catch (error) {
    if (error instanceof AppError) return { status: error.kind.status, given, problem: error.message };
    throw error;
  }
}

/** A copy of its own: a substring would keep all of the entry in memory. */
function shorten(entry: Entry): string {
  const text = String(entry);
  return text.length > SHOWN_LENGTH ? `${Buffer.from(text.slice(0, SHOWN_LENGTH))}…` : text;
}
