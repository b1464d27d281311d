// Opens the configured engine behind its wrappers. Only this file imports the engines.

import type { Tracer } from '../tracing/tracer.js';
import { AdmissionQueue, type Limits } from './admission/admission-queue.js';
import { LimitedEngine } from './admission/limited-engine.js';
import { BatchingEngine } from './batching/batching-engine.js';
import { type EngineName, engineNames } from './engine-names.js';
import { type ClickHouseOptions, openClickHouse } from './engines/clickhouse/clickhouse-engine.js';
import { type GrepOptions, openGrep } from './engines/grep/grep-engine.js';
import { ComposingEngine } from './queries/composing-engine.js';
import type { QueryEngine } from './query.js';
import { createSearchCounts, type SearchCounts } from './search-counts.js';

export interface EngineOptions extends GrepOptions, Omit<ClickHouseOptions, 'counts'>, Limits {
  engine?: EngineName;
  counts?: SearchCounts;
  tracer?: Tracer | undefined;
}

interface Parts {
  queue: AdmissionQueue;
  counts: SearchCounts;
}

type Open = (options: EngineOptions, parts: Parts) => Promise<QueryEngine>;

/** Every engine gets the same limits. */
const engines: Record<EngineName, Open> = {
  grep: async (options, { queue, counts }) => {
    const grep = await openGrep({ ...options, counts, spareSlots: queue.spareSlots });
    return new BatchingEngine({
      unbatched: new LimitedEngine(new ComposingEngine(grep), queue),
      searcher: grep,
      queue,
      maxPending: options.searchesPerWorker + options.searchQueue,
      counts,
      tracer: options.tracer,
    });
  },
  clickhouse: async (options, { queue, counts }) =>
    new LimitedEngine(new ComposingEngine(await openClickHouse({ ...options, counts })), queue),
};

/** Throws if the dictionaries folder can't be opened or a required program is missing. */
export async function openEngine(options: EngineOptions): Promise<QueryEngine> {
  const { engine = engineNames[0], counts = createSearchCounts() } = options;
  return engines[engine](options, { queue: new AdmissionQueue(options, counts, options.tracer), counts });
}
