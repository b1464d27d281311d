// The one place that knows the engines.

import { AdmissionQueue, type Limits } from './admission/admission-queue.js';
import { LimitedEngine } from './admission/limited-engine.js';
import { BatchingEngine } from './batching/batching-engine.js';
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
  queue: AdmissionQueue;
  counts: SearchCounts;
}

type Open = (options: EngineOptions, parts: Parts) => Promise<SearchEngine>;

/** Each is given its limits here: they are the same for all. */
const engines: Record<EngineName, Open> = {
  grep: async (options, { queue, counts }) => {
    const grep = await openGrep({ ...options, counts });
    return new BatchingEngine({
      alone: new LimitedEngine(grep, queue),
      searcher: grep,
      queue,
      maxSharing: options.searchesPerWorker + options.searchQueue,
      counts,
    });
  },
  clickhouse: async (options, { queue, counts }) =>
    new LimitedEngine(await openClickHouse({ ...options, counts }), queue),
};

/** Throws when the dictionaries or the programs that are needed can't be used. */
export async function openEngine(options: EngineOptions): Promise<SearchEngine> {
  const { engine = engineNames[0], counts = createSearchCounts() } = options;
  return engines[engine](options, { queue: new AdmissionQueue(options, counts), counts });
}
