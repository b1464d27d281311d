import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { restore, useFakeTimers } from 'sinon';
import { collect, type SearchEngine, type SearchQuery } from '../../../../src/search/engine.js';
import { openEngine } from '../../../../src/search/open-engine.js';
import { createSearchCounts, type SearchCounts } from '../../../../src/search/search-counts.js';
import { randomNumbers } from '../../../bench/words.js';
import { closeAfterEach } from '../../../helpers/close-after-each.js';
import { PROJECT } from '../../../helpers/project.js';
import { engineOptions, searchQuery } from '../../../helpers/queries.js';
import { type TempFolder, tempFolder } from '../../../helpers/temp-folder.js';
import { usedIndexes } from '../../index/build-indexes.js';

const DICTIONARY = 'text.txt';

describe('a small file that is searched often', () => {
  const never = new AbortController().signal;
  let folder: TempFolder;
  let counts: SearchCounts;
  beforeEach(async () => {
    folder = await tempFolder();
    counts = createSearchCounts();
    const text = await readFile(join(PROJECT, 'dictionaries/devils-dictionary.txt'), 'utf8');
    // Several copies: an excerpt of a smaller file saves nothing.
    await writeFile(join(folder.path, DICTIONARY), `${text.repeat(4)}\nKelvin\u212a žluťoučký ſtraße`);
    // The file changed long ago.
    useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
  });
  afterEach(async () => {
    restore();
    await folder.remove();
  });

  const open = closeAfterEach(async (hasIndexes: boolean) =>
    openEngine({
      ...engineOptions({ dictionariesDir: folder.path }),
      counts: hasIndexes ? counts : createSearchCounts(),
      index: hasIndexes ? usedIndexes(join(folder.path, '.indexes')) : undefined,
    }),
  );

  const search = (engine: SearchEngine, query: Partial<SearchQuery>) =>
    collect(engine.search(searchQuery({ dictionary: DICTIONARY, ...query }), never));

  const greps = () => Object.values(counts.greps).reduce((sum, count) => sum + count, 0);

  async function searchOften(engine: SearchEngine): Promise<void> {
    while (counts.index.searches.proved_absent === 0) await search(engine, { term: 'zqxj vkqz' });
  }

  it('needs no grep for a term that it does not contain, however it is searched', async () => {
    const engine = await open(true);
    await searchOften(engine);
    const before = greps();
    for (const query of [
      { n_before: 1 },
      { syntax: 'word' },
      { ignore_case: true },
      { unit: 'quote' },
      { format: 'object' },
    ] as const) {
      expect(await search(engine, { term: 'zyzzyvara', ...query })).to.deep.equal({ nrOfEntries: 0, entries: [] });
    }
    expect(greps()).to.equal(before);
    expect(counts.index.searches.proved_absent).to.be.at.least(6);
  });

  it('still has its regular expressions checked by grep', async () => {
    const engine = await open(true);
    await searchOften(engine);
    expect(await search(engine, { term: 'zyzzyvara.*x', syntax: 'regex' })).to.include({ nrOfEntries: 0 });
    const error = await search(engine, { term: 'zyzzyvara[z-a]', syntax: 'regex' }).catch(({ code }) => code);
    expect(error).to.equal('invalid_request');
  });

  it('is read in its new version once it has changed', async () => {
    const engine = await open(true);
    await searchOften(engine);
    await appendFile(join(folder.path, DICTIONARY), '\nzyzzyvara\n');
    expect(await search(engine, { term: 'zyzzyvara' })).to.include({ nrOfEntries: 1 });
  });

  it('gets no filter without indexes', async () => {
    const engine = await open(false);
    for (let times = 0; times < 20; times += 1) await search(engine, { term: 'zqxj vkqz' });
    expect(counts.index.searches.proved_absent).to.equal(0);
  });

  it('has the same answers as without a filter', async function () {
    this.timeout(60_000);
    const [plain, filtered] = [await open(false), await open(true)];
    await searchOften(filtered);
    const text = await readFile(join(folder.path, DICTIONARY), 'utf8');
    const random = randomNumbers(1);
    const pick = <Value>(values: readonly Value[]) => values[Math.floor(random() * values.length)] as Value;
    const words = [...new Set(text.split(/[^\p{L}]+/u)), 'kelvink', 'ŽLUŤOUČKÝ', 'STRASSE', 'zq'].filter(Boolean);
    for (let asked = 0; asked < 60; asked += 1) {
      const query = {
        term: pick([pick(words), `${pick(words).slice(0, 3)}${pick(words)}`, pick(words).toUpperCase()]),
        syntax: pick(['literal', 'literal', 'word', 'regex'] as const),
        ignore_case: pick([true, false]),
        unit: pick(['line', 'line', 'quote'] as const),
        n_after: pick([0, 0, 1]),
        format: pick(['text', 'object'] as const),
      };
      expect(await search(filtered, query), JSON.stringify(query)).to.deep.equal(await search(plain, query));
    }
    const { pruned, proved_absent } = counts.index.searches;
    expect(proved_absent).to.be.above(8);
    expect(pruned).to.be.above(2);
  });
});
