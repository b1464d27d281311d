// Tries variants of a search that found nothing, and returns those that find something.
import { raceAbort } from '../../concurrency/race-abort.js';
import { AppError, isExhausted } from '../../errors.js';
import { collect } from '../../search/engine.js';
import type { QueryEngine } from '../../search/query.js';
import type { Actions } from '../api/actions.js';
import { type SearchValues, toFindQuery } from '../api/search-queries.js';
import type { PageQuery } from './page-fields.js';
import { type Variant, variantsIgnoringCase, variantsOf } from './variants.js';

/** A variant that finds something. */
export interface Suggestion extends Variant {
  nrOfEntries: number;
}

/** How long a page without results waits for suggestions. */
export const VARIANTS_TIMEOUT_MS = 500;

/**
 * Counts the entries of all variants concurrently, and then, if none finds anything, again ignoring
 * case. Each waits for a slot like any search. Returns what was found in time: a variant that is
 * too slow, rejected or aborted is not suggested.
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
  try {
    const suggestions = await tryAll(variantsOf(query));
    return suggestions.length > 0 ? suggestions : await tryAll(variantsIgnoringCase(query));
  } finally {
    clearTimeout(timer);
    stop.abort();
  }

  async function tryAll(variants: readonly Variant[]): Promise<Suggestion[]> {
    const counts = variants.map(() => 0);
    const counting = variants.map(async ({ change }, index) => {
      counts[index] = await countEntries({ ...query, ...change });
    });
    // Some have been counted when the signal aborts.
    await raceAbort(Promise.all(counting), either).catch((error) => {
      if (!either.aborted) throw error;
    });
    const suggestions = variants.map((variant, index) => ({ ...variant, nrOfEntries: counts[index] ?? 0 }));
    return suggestions.filter(({ nrOfEntries }) => nrOfEntries > 0);
  }

  /** Returns 0 if the search fails: the page is complete without it. */
  async function countEntries(variant: PageQuery): Promise<number> {
    const page = { n_before: 0, n_after: 0, nresults: 1, offset: 0, order: 'file', format: 'text' } as const;
    const ofConcordance = { width: undefined, width_unit: undefined };
    try {
      either.throwIfAborted();
      const found = toFindQuery({ ...variant, ...page, ...ofConcordance } as SearchValues, actions.search.fields);
      return (await collect(engine.find({ ...found, format: 'text' }, either), () => undefined)).nrOfEntries;
    } catch (error) {
      if (either.aborted || error instanceof AppError || isExhausted(error)) return 0;
      throw error;
    }
  }
}
