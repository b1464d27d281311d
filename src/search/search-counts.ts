// Counts of current and past work, updated where the work happens and read by the metrics.

/** How a grep ended: with or without a match, with a failure, or cancelled by its reader. */
export type GrepOutcome = 'found' | 'not_found' | 'failed' | 'cancelled';

/** How a query to a cluster ended: with an answer, with a failure, or cancelled by its reader. */
export type QueryOutcome = 'answered' | 'failed' | 'cancelled';

/** What a look-up of a known folder found: it was unchanged, or it had to be read. */
export type LookUpOutcome = 'unchanged' | 'read';

export interface SearchCounts {
  /** Searches that run now. A batch counts as one. */
  running: number;
  /** Searches that wait for a slot, or for their batch. */
  waiting: number;
  /** Searches that were rejected because the queue was full. */
  rejected: number;
  /** Searches that were answered by a batch of several. */
  batched: number;
  greps: Record<GrepOutcome, number>;
  queries: Record<QueryOutcome, number>;
  /** The folders whose files are known, and the size of those that are packed. */
  catalog: { folders: number; files: number; packedBytes: number; lookUps: Record<LookUpOutcome, number> };
}

export function createSearchCounts(): SearchCounts {
  return {
    running: 0,
    waiting: 0,
    rejected: 0,
    batched: 0,
    greps: { found: 0, not_found: 0, failed: 0, cancelled: 0 },
    queries: { answered: 0, failed: 0, cancelled: 0 },
    catalog: { folders: 0, files: 0, packedBytes: 0, lookUps: { unchanged: 0, read: 0 } },
  };
}
