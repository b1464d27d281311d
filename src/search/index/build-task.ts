// What a worker and the process that builds its indexes tell each other.
import type { BuildResult } from './build-dictionary.js';

export interface BuildTask {
  dictionariesDir: string;
  indexDir: string;
  /** The maximum size of all indexes together. */
  maxBytes: number;
  /** The dictionaries to index, in this order. */
  names: readonly string[];
}

export type BuildEvent = { dictionary: string } & (
  | { event: 'started' }
  /** The number of bytes since the last event. */
  | { event: 'progress'; bytes: number }
  | ({ event: 'ended'; seconds: number } & BuildResult)
  | { event: 'failed'; message: string }
);
