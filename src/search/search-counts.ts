// What has been done so far, and what is being done: counted where it happens, told by the metrics.

/** How a grep ended: with or without a match, badly, or because nobody wanted more of it. */
export type GrepOutcome = 'found' | 'not_found' | 'failed' | 'cancelled';

/** How a query to a cluster ended: with an answer, badly, or because nobody wanted more of it. */
export type QueryOutcome = 'answered' | 'failed' | 'cancelled';

export interface SearchCounts {
  /** Those that work just now; a run that searches share is one. */
  running: number;
  /** Those that wait for a place, or for the run that they share. */
  waiting: number;
  /** Those for which there was no room. */
  refused: number;
  /** Those that were answered by a run for several. */
  shared: number;
  greps: Record<GrepOutcome, number>;
  queries: Record<QueryOutcome, number>;
}

export function createSearchCounts(): SearchCounts {
  return {
    running: 0,
    waiting: 0,
    refused: 0,
    shared: 0,
    greps: { found: 0, not_found: 0, failed: 0, cancelled: 0 },
    queries: { answered: 0, failed: 0, cancelled: 0 },
  };
}
