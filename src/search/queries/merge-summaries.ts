// Merges the summaries of the searches that make up one answer.
import type { Truncation } from '../engine.js';
import type { SummaryEnd } from '../entries/summary.js';

/** An answer reports one reason: the first of these that applies. */
const PRECEDENCE: readonly Truncation[] = ['dictionary_changed', 'unreadable_folder', 'distinct_texts', 'line_length'];

/** Returns a version only if all searches read the same one. */
export function mergeSummaries(ends: readonly SummaryEnd[]): SummaryEnd {
  const versions = new Set(ends.map(({ version }) => version));
  const reasons = new Set(ends.map(({ truncated }) => truncated));
  const [version] = versions;
  if (versions.size > 1 && !versions.has(undefined)) reasons.add('dictionary_changed');
  const truncated = PRECEDENCE.find((reason) => reasons.has(reason));
  return {
    ...(truncated !== undefined && { truncated }),
    ...(versions.size === 1 && version !== undefined && { version }),
  };
}
