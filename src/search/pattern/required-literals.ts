// Computes literals that every matching line contains, by which an engine finds candidates.
import type { Term } from '../engine.js';
import { foldCase, mayHaveUnknownVariants } from './case-folding.js';
import { findLiterals } from './regex-literals.js';

/** Well-formed strings, all of which every matching line contains in UTF-8. */
export interface Required {
  /** Whether, conversely, every line that contains the literals matches. */
  isExact: boolean;
  /** Strings that the line itself contains. */
  literals: string[];
  /**
   * Strings that the line contains once each of its characters is folded (see `foldCase`), where
   * bytes that are not a whole character stay as they are. They follow from `literals`, if any.
   */
  folded: string[];
}

/** Terms can't contain NUL. */
const BREAK = '\0';

/** More literals hardly reduce the number of candidates. */
const MAX_LITERALS = 4;

/** Returns empty arrays if nothing is required. */
export function requiredLiterals({ term, syntax, ignore_case }: Term): Required {
  const runs = syntax === 'regex' ? findLiterals(term) : [term];
  return {
    isExact: syntax === 'literal' && !ignore_case,
    literals: ignore_case ? [] : selectLongest(runs),
    folded: selectLongest((ignore_case ? runs.flatMap(knownRuns) : runs).map(foldCase)),
  };
}

/** Omits characters whose variants in grep's version of Unicode may not be known. */
function knownRuns(text: string): string[] {
  return Array.from(text, (character) => (mayHaveUnknownVariants(character) ? BREAK : character))
    .join('')
    .split(BREAK);
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
