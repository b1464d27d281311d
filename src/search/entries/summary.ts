import type { Summary } from '../engine.js';

export type SummaryEnd = Pick<Summary, 'truncated' | 'version'>;

/**
 * Builds the summary of an answer. A changed dictionary takes precedence over truncated entries.
 */
export function summaryOf(entries: { nrOfEntries: number; wasTruncated: boolean }, end: SummaryEnd): Summary {
  const { nrOfEntries, wasTruncated } = entries;
  return { nrOfEntries, ...(wasTruncated && { truncated: 'line_length' }), ...end };
}
