// Counts of current and past work, updated where the work happens and read by the metrics.

/** How a grep ended: with or without a match, with a failure, or cancelled by its reader. */
export type GrepOutcome = 'found' | 'not_found' | 'failed' | 'cancelled';

/** How a query to a cluster ended: with an answer, with a failure, or cancelled by its reader. */
export type QueryOutcome = 'answered' | 'failed' | 'cancelled';

/** What a look-up of a known folder found: it was unchanged, or it had to be read. */
export type LookUpOutcome = 'unchanged' | 'read';

/**
 * How the index of a dictionary answered a search: grep read only blocks that can match, or it read
 * everything because the index couldn't help, or no block can match, so no grep ran.
 */
export type IndexOutcome = 'pruned' | 'scanned' | 'proved_absent';

export interface IndexCounts {
  /** Searches of dictionaries with a current index. */
  searches: Record<IndexOutcome, number>;
  /** The blocks that these searches read, and all blocks of the texts that they searched. */
  blocksRead: number;
  blocksTotal: number;
  builds: Record<'built' | 'failed', number>;
  /** The time that successful builds took, and the size of the texts that they read. */
  buildSeconds: number;
  indexedBytes: number;
  /** Indexes that weren't used because they were damaged, or of an unknown format. */
  rejected: number;
  /** The size of the indexes on disk. Every worker sees the same folder. */
  bytes: number;
}

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
  index: IndexCounts;
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
    index: createIndexCounts(),
  };
}

function createIndexCounts(): IndexCounts {
  return {
    searches: { pruned: 0, scanned: 0, proved_absent: 0 },
    blocksRead: 0,
    blocksTotal: 0,
    builds: { built: 0, failed: 0 },
    buildSeconds: 0,
    indexedBytes: 0,
    rejected: 0,
    bytes: 0,
  };
}
