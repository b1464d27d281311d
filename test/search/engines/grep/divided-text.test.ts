import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { collect, type SearchEngine, type SearchQuery } from '../../../../src/search/engine.js';
import { openGrep } from '../../../../src/search/engines/grep/grep-engine.js';
import { createSearchCounts } from '../../../../src/search/search-counts.js';
import { closeAfterEach } from '../../../helpers/close-after-each.js';
import { engineOptions, searchQuery } from '../../../helpers/queries.js';
import { type TempFolder, tempFolder } from '../../../helpers/temp-folder.js';
import { buildIndexes, usedIndexes } from '../../index/build-indexes.js';

const DICTIONARY = 'text.txt';
const LINES = 200;

describe('a large text that several greps share out', () => {
  const never = new AbortController().signal;
  let folder: TempFolder;
  beforeEach(async () => {
    folder = await tempFolder();
    const lines = Array.from({ length: LINES }, (_, line) => `line ${line}${line % 7 === 0 ? ' x' : ''}`);
    await writeFile(join(folder.path, DICTIONARY), lines.join('\n'));
    await buildIndexes({ dictionariesDir: folder.path, dir: join(folder.path, '.indexes') });
  });
  afterEach(() => folder.remove());

  /** @param spares how many slots are spare each time that a search asks for some */
  const openDivided = closeAfterEach(async (spares: readonly number[]) => {
    const counts = createSearchCounts();
    const acquired: number[] = [];
    const engine = await openGrep({
      ...engineOptions({ dictionariesDir: folder.path }),
      counts,
      index: usedIndexes(join(folder.path, '.indexes')),
      minPartBytes: 1,
      spareSlots: {
        acquire: (max) => {
          const count = Math.min(max, spares[acquired.length] ?? 0);
          acquired.push(count);
          return count;
        },
        release: (count) => expect(acquired).to.include(count),
      },
    });
    return Object.assign(engine, { greps: () => counts.greps.found + counts.greps.not_found });
  });
  const openUndivided = closeAfterEach((dictionariesDir: string) => openGrep(engineOptions({ dictionariesDir })));

  const search = (engine: SearchEngine, query: Partial<SearchQuery>) =>
    collect(engine.search(searchQuery({ dictionary: DICTIONARY, syntax: 'regex', ...query }), never));

  const queries: Partial<SearchQuery>[] = [
    { term: 'x' },
    { term: '[x]', n_before: 2, n_after: 1 },
    { term: '[x]', n_before: 9, n_after: 9 },
    { term: '[0-9]', n_after: 3, format: 'object', offset: 90, nresults: 20 },
    { term: '[x]', format: 'object' },
    { term: '[x]', unit: 'quote' },
    { term: 'e[ ]1', format: 'location', n_before: 1 },
    { term: '[q]', n_before: 1 },
  ];

  for (const spare of [1, 2, 5]) {
    it(`is answered as by one grep if ${spare + 1} share it`, async () => {
      const plain = await openUndivided(folder.path);
      for (const query of queries) {
        const engine = await openDivided([spare]);
        expect(await search(engine, query), JSON.stringify(query)).to.deep.equal(await search(plain, query));
        expect(engine.greps(), JSON.stringify(query)).to.equal(spare + 1);
      }
    });
  }

  it('is answered as by one grep if a slot becomes free after the search has begun without it', async () => {
    const plain = await openUndivided(folder.path);
    for (const query of queries) {
      const engine = await openDivided([0, 1, 1]);
      expect(await search(engine, query), JSON.stringify(query)).to.deep.equal(await search(plain, query));
    }
  });
});
