// The one place that knows the engines.

import { type Limits, Places } from './admission/admission-queue.js';
import { LimitedEngine } from './admission/limited-engine.js';
import { SharingEngine } from './batching/batching-engine.js';
import type { SearchEngine } from './engine.js';
import { type EngineName, engineNames } from './engine-names.js';
import { type ClickHouseOptions, openClickHouse } from './engines/clickhouse/clickhouse-engine.js';
import { type GrepOptions, openGrep } from './engines/grep/grep-engine.js';
import { createSearchCounts, type SearchCounts } from './search-counts.js';

export interface EngineOptions extends GrepOptions, Omit<ClickHouseOptions, 'counts'>, Limits {
  engine?: EngineName;
  counts?: SearchCounts;
}

interface Parts {
  places: Places;
  counts: SearchCounts;
}

type Open = (options: EngineOptions, parts: Parts) => Promise<SearchEngine>;

/** Each is given its limits here: they are the same for all. */
const engines: Record<EngineName, Open> = {
  grep: async (options, { places, counts }) => {
    const grep = await openGrep({ ...options, counts });
    return new SharingEngine({
      alone: new LimitedEngine(grep, places),
      searcher: grep,
      places,
      mostSharing: options.searchesPerWorker + options.searchQueue,
      counts,
    });
  },
  clickhouse: async (options, { places, counts }) =>
    new LimitedEngine(await openClickHouse({ ...options, counts }), places),
};

/** Throws when the dictionaries or the programs that are needed can't be used. */
export async function openEngine(options: EngineOptions): Promise<SearchEngine> {
  const { engine = engineNames[0], counts = createSearchCounts() } = options;
  return engines[engine](options, { places: new Places(options, counts), counts });
}
