// Counts how often words occur in a whole dictionary.
import type { SearchEngine, Summary } from '../engine.js';
import type { FrequencyQuery } from '../query.js';
import { EVERY_ENTRY } from './entries-of-term.js';
import { forEachEntry } from './for-each-entry.js';
import { wordsOf } from './words.js';

export interface WordFrequencies {
  /** How often each of the words occurs. */
  frequencies: ReadonlyMap<string, number>;
  /** The number of all words. */
  total: number;
  summary: Summary;
}

/** Counts the given words in all files of a query, whether or not they match. */
export async function countWords(
  engine: SearchEngine,
  { dictionary, files, fold_case }: Pick<FrequencyQuery, 'dictionary' | 'files' | 'fold_case'>,
  words: Iterable<string>,
  signal: AbortSignal,
): Promise<WordFrequencies> {
  const frequencies = new Map<string, number>();
  for (const word of words) frequencies.set(word, 0);
  let total = 0;
  const lines = engine.all({ ...EVERY_ENTRY, dictionary, files, unit: 'line', format: 'text' }, signal);
  const summary = await forEachEntry(lines, (line) => {
    for (const { text } of wordsOf(line)) {
      total += 1;
      const word = fold_case ? text.toLowerCase() : text;
      const frequency = frequencies.get(word);
      if (frequency !== undefined) frequencies.set(word, frequency + 1);
    }
  });
  return { frequencies, total, summary };
}
