// Turns what every match contains into SQL conditions.
import type { SearchQuery } from '../../../engine.js';
import { variantsOf } from '../../../pattern/case-folding.js';
import { requiredLiterals } from '../../../pattern/required-literals.js';
import { containsAny, containsText, FOLDED_TEXT, foldForIndex, NGRAM_LENGTH } from '../storage/schema.js';

/** SQL conditions that every match fulfills. If `isExact`, other lines don't. */
export interface Conditions {
  /** Those that an index supports. */
  indexed: string[];
  others: string[];
  isExact: boolean;
}

/** In nearly every line, so that checking for it costs more than it saves. */
const COMMON = /^[A-Za-z0-9 ,.]$/;

/**
 * Bounds the time for lines that the index can't exclude. Three characters never have more
 * variants, since no character has more than four.
 */
const MAX_VARIANTS = 64;

export function createConditions(query: Pick<SearchQuery, 'term' | 'syntax' | 'ignore_case'>): Conditions {
  const { isExact, literals, folded } = requiredLiterals(query);
  const isSelective = (text: string) => isExact || !COMMON.test(text);
  const isIndexed = (text: string) => Array.from(text).length >= NGRAM_LENGTH;
  if (!query.ignore_case) {
    const indexed = new Set(literals.filter(isIndexed).map(foldForIndex));
    return {
      indexed: [...indexed].map((text) => containsText(FOLDED_TEXT, text)),
      others: literals.filter(isSelective).map((text) => containsText('text', text)),
      isExact,
    };
  }
  // A short text is searched for in the line as it is: folding each line would take longer.
  const short = folded.filter((text) => !isIndexed(text) && isSelective(text));
  return {
    indexed: folded.filter(isIndexed).map((text) => containsAny(FOLDED_TEXT, variantsInIndex(text))),
    others: short.map((text) => containsAny('text', combine(Array.from(text, variantsInText)))),
    isExact,
  };
}

function variantsInText(character: string): string[] {
  return variantsOf(character.codePointAt(0) as number).map((code) => String.fromCodePoint(code));
}

/** Returns the variants of the longest part of a text that has few enough. */
function variantsInIndex(text: string): string[] {
  const variants = Array.from(text, (character) => [...new Set(variantsInText(character).map(foldForIndex))]);
  let longest: string[][] = [];
  let start = 0;
  let count = 1;
  for (const [at, { length }] of variants.entries()) {
    count *= length;
    for (; count > MAX_VARIANTS; start += 1) count /= variants[start]?.length as number;
    if (at + 1 - start > longest.length) longest = variants.slice(start, at + 1);
  }
  return combine(longest);
}

/** Returns all texts with one of the variants at each position. */
function combine(variants: readonly string[][]): string[] {
  return variants.reduce((texts, choices) => texts.flatMap((text) => choices.map((choice) => text + choice)), ['']);
}
