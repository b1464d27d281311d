// What every line that grep selects must hold: a cluster finds candidates by it.
import type { SearchQuery } from '../engine.js';
import { runsOf } from './regex-literals.js';

/** Well-formed strings: a line that matches holds each, in UTF-8. Nothing is required where there are none. */
export interface Required {
  /** Whether each line that holds the literals matches, too. */
  isExact: boolean;
  /** To be found in the line as it is. */
  literals: string[];
  /** To be found in the line as `fold` makes it. What they say of a line is no news where the literals are in it. */
  folded: string[];
}

/**
 * What `fold` replaces besides A to Z: what may match a letter of ASCII where case is ignored. GNU grep takes two characters for the
 * same whose capitals are the same, which is so of ſ and ı; İ and the Kelvin sign are here for a grep that goes by small letters. To
 * replace more than grep does costs candidates; to replace less loses lines.
 */
export const FOLDED: readonly [from: string, to: string][] = [
  ['\u017f', 's'],
  ['\u0131', 'i'],
  ['\u0130', 'i'],
  ['\u212a', 'k'],
];

/** More of them hardly make fewer candidates. */
const MAX_LITERALS = 4;

/**
 * As the cluster folds a line. In a line that is not UTF-8, too, the bytes of a character are that character and nothing else, so the
 * bytes of `fold(part)` are in the folded line wherever those of `part` are in the line.
 */
export function fold(text: string): string {
  const lower = text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return FOLDED.reduce((folded, [from, to]) => folded.replaceAll(from, to), lower);
}

export function requiredOf({
  term,
  syntax,
  ignore_case,
}: Pick<SearchQuery, 'term' | 'syntax' | 'ignore_case'>): Required {
  const runs = syntax === 'regex' ? runsOf(term) : [term];
  return {
    isExact: syntax === 'literal' && !ignore_case,
    literals: ignore_case ? [] : longest(runs),
    folded: longest(ignore_case ? runs.flatMap(asciiRuns) : runs.map(fold)),
  };
}

// Where case is ignored, another character than those of ASCII may match several. No rule of ours says which.
function asciiRuns(text: string): string[] {
  return text.split(/[^\0-\x7f]+/).map(fold);
}

/** The longest that are not parts of others. */
function longest(runs: string[]): string[] {
  const kept: string[] = [];
  for (const run of runs.toSorted((one, other) => other.length - one.length)) {
    if (kept.length === MAX_LITERALS) break;
    if (!kept.some((longer) => longer.includes(run))) kept.push(run);
  }
  return kept.filter((run) => run !== '');
}
