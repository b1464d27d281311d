// Computes literals that every matching line contains, by which a cluster finds candidates.
import type { SearchQuery } from '../engine.js';
import { findLiterals } from './regex-literals.js';

/** Well-formed strings, all of which every matching line contains in UTF-8. */
export interface Required {
  /** Whether, conversely, every line that contains the literals matches. */
  isExact: boolean;
  /** Strings that the line itself contains. */
  literals: string[];
  /** Strings that the folded line contains (see `fold`). They follow from `literals`, if any. */
  folded: string[];
}

/**
 * Non-ASCII characters that may match an ASCII letter if case is ignored. GNU grep compares upper
 * case (ſ, ı); İ and the Kelvin sign are for a grep that compares lower case. Folding too much only
 * adds candidates; folding too little would lose matches.
 */
export const FOLDED: readonly [from: string, to: string][] = [
  ['\u017f', 's'],
  ['\u0131', 'i'],
  ['\u0130', 'i'],
  ['\u212a', 'k'],
];

/** More literals hardly reduce the number of candidates. */
const MAX_LITERALS = 4;

/**
 * Folds case as the cluster does. UTF-8 is self-synchronizing, so if a line contains a text, the
 * folded line contains the folded text, even if the line isn't valid UTF-8.
 */
export function fold(text: string): string {
  const lower = text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return FOLDED.reduce((folded, [from, to]) => folded.replaceAll(from, to), lower);
}

/** Returns empty arrays if nothing is required. */
export function requiredLiterals({
  term,
  syntax,
  ignore_case,
}: Pick<SearchQuery, 'term' | 'syntax' | 'ignore_case'>): Required {
  const runs = syntax === 'regex' ? findLiterals(term) : [term];
  return {
    isExact: syntax === 'literal' && !ignore_case,
    literals: ignore_case ? [] : selectLongest(runs),
    folded: selectLongest(ignore_case ? runs.flatMap(asciiRuns) : runs.map(fold)),
  };
}

/** Omits non-ASCII characters, whose case-insensitive matches depend on grep. */
function asciiRuns(text: string): string[] {
  return text.split(/[^\0-\x7f]+/).map(fold);
}

/** Selects the longest runs that aren't parts of others. */
function selectLongest(runs: string[]): string[] {
  const selected: string[] = [];
  for (const run of runs.toSorted((one, other) => other.length - one.length)) {
    if (selected.length === MAX_LITERALS) break;
    if (!selected.some((longer) => longer.includes(run))) selected.push(run);
  }
  return selected.filter((run) => run !== '');
}
