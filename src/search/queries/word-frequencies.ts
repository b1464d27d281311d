// Counts how often words occur in a whole dictionary.
import type { SearchEngine, Summary } from '../engine.js';
import type { FrequencyQuery } from '../query.js';
import { EVERY_ENTRY } from './entry-source.js';
import { forEachEntry } from './for-each-entry.js';
import type { TextTable } from './text-table.js';
import { WordScanner } from './word-scanner.js';

export interface WordFrequencies {
  /** How often each text of the table occurs as a word. */
  frequencies: readonly number[];
  /** The number of all words. */
  total: number;
  summary: Summary;
}

/**
 * Counts the words of a table in all files of a query, whether or not they match.
 *
 * @param table its words are in lower case if the query folds case
 */
export async function countWords(
  engine: SearchEngine,
  { dictionary, files, fold_case }: Pick<FrequencyQuery, 'dictionary' | 'files' | 'fold_case'>,
  table: TextTable,
  signal: AbortSignal,
): Promise<WordFrequencies> {
  const frequencies = new Array<number>(table.size).fill(0);
  let total = 0;
  const lines = engine.all({ ...EVERY_ENTRY, dictionary, files, unit: 'line', format: 'text' }, signal);
  const summary = await forEachEntry(lines, (line) => {
    const scanner = new WordScanner(line);
    while (scanner.next()) {
      total += 1;
      const index = fold_case ? findFolded(table, line, scanner) : table.find(line, scanner.start, scanner.end);
      if (index !== -1) (frequencies[index] as number) += 1;
    }
  });
  return { frequencies, total, summary };
}

function findFolded(table: TextTable, line: string, { start, end }: WordScanner): number {
  const word = line.slice(start, end).toLowerCase();
  return table.find(word, 0, word.length);
}
