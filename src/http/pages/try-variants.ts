// Tries variants of a search that found nothing.
import { AppError } from '../../errors.js';
import { collect } from '../../search/engine.js';
import type { QueryEngine } from '../../search/query.js';
import type { Actions } from '../api/actions.js';
import { type SearchValues, toFindQuery } from '../api/search-queries.js';
import type { PageQuery } from './page-fields.js';
import { variants } from './variants.js';

/** A variant that finds something. */
export interface Suggestion {
  label: string;
  change: Partial<PageQuery>;
  nrOfEntries: number;
}

/** How long a page without results waits for suggestions. */
export const VARIANTS_TIMEOUT_MS = 500;

/**
 * Returns the variants that find something, of those that could be tried in time. Tries one after
 * the other, so that a query never takes more than one slot. Throws only the signal's reason.
 */
export async function tryVariants(
  engine: QueryEngine,
  actions: Actions,
  query: PageQuery,
  signal: AbortSignal,
): Promise<Suggestion[]> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), VARIANTS_TIMEOUT_MS);
  const either = AbortSignal.any([signal, stop.signal]);
  const suggestions: Suggestion[] = [];
  try {
    for (const { label, change: changeOf } of variants) {
      const change = changeOf(query);
      if (change === undefined) continue;
      const nrOfEntries = await countEntries({ ...query, ...change }, either);
      if (nrOfEntries > 0) suggestions.push({ label, change, nrOfEntries });
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
  signal.throwIfAborted();
  return suggestions;

  /** Returns 0 if the variant can't be searched for. */
  async function countEntries(variant: PageQuery, signal: AbortSignal): Promise<number> {
    const page = { n_before: 0, n_after: 0, nresults: 1, offset: 0, order: 'file', format: 'text' } as const;
    const ofConcordance = { width: undefined, width_unit: undefined };
    try {
      const found = toFindQuery({ ...variant, ...page, ...ofConcordance } as SearchValues, actions.search.fields);
      return (await collect(engine.find({ ...found, format: 'text' }, signal), () => undefined)).nrOfEntries;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof AppError) return 0;
      throw error;
    }
  }
}
