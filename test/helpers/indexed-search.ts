// Searches a dictionary twice with an index, and prints the answers and rejections as JSON.
// Arguments: the dictionaries folder, the folder of indexes, the dictionary, the term.
import { collect } from '../../src/search/engine.js';
import { openGrep } from '../../src/search/engines/grep/grep-engine.js';
import { type Rejection, usedIndexes } from '../search/index/build-indexes.js';
import { engineOptions, searchQuery } from './queries.js';

const [dictionariesDir = '', dir = '', dictionary, term = ''] = process.argv.slice(2);
const rejections: Rejection[] = [];
const engine = await openGrep(engineOptions({ dictionariesDir, index: usedIndexes(dir, rejections) }));
const answers: string[][] = [];
for (let count = 0; count < 2; count += 1) {
  const query = searchQuery({ dictionary, term, syntax: 'word', format: 'text' });
  const { entries } = await collect(engine.search(query, new AbortController().signal));
  answers.push(entries as string[]);
}
await engine.close();
console.log(JSON.stringify({ answers, rejections }));
