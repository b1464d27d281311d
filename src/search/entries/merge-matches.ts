import type { Match } from '../engine.js';

/** Returns matches in the order of the text, with overlapping ones as one. */
export function mergeMatches(matches: readonly Match[]): Match[] {
  const merged: Match[] = [];
  for (const [start, end] of matches.toSorted(([one], [other]) => one - other)) {
    const last = merged.at(-1);
    if (last !== undefined && start < last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
}
