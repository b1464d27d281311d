// The one place that names the engines.
import { createSearchCounts, type SearchCounts } from './counts.js';
import type { SearchEngine } from './engine.js';
import { type GrepOptions, openGrep } from './grep/grep-engine.js';
import { LimitedEngine } from './limited-engine.js';
import { type Limits, Places } from './places.js';
import { SharingEngine } from './sharing-engine.js';

export interface EngineOptions extends GrepOptions, Limits {
  counts?: SearchCounts;
}

/** Throws when the dictionaries or the grep program can't be used. */
export async function openEngine(options: EngineOptions): Promise<SearchEngine> {
  const { counts = createSearchCounts() } = options;
  const grep = await openGrep({ ...options, counts });
  const places = new Places(options, counts);
  const alone = new LimitedEngine(grep, places);
  return new SharingEngine({
    alone,
    searcher: grep,
    places,
    mostSharing: options.searchesPerWorker + options.searchQueue,
    counts,
  });
}
