import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { encode } from 'iconv-lite';
import { restore, useFakeTimers } from 'sinon';
import { collect, type Entry, type SearchEngine, type SearchQuery } from '../../../../src/search/engine.js';
import { MAX_PACKED_BYTES } from '../../../../src/search/engines/grep/packed-folders.js';
import { openEngine } from '../../../../src/search/open-engine.js';
import { createSearchCounts } from '../../../../src/search/search-counts.js';
import { engineOptions, searchQuery } from '../../../helpers/queries.js';
import { type TempFolder, tempFolder } from '../../../helpers/temp-folder.js';
import { buildIndexes, usedIndexes } from '../../index/build-indexes.js';

const never = new AbortController().signal;
const ENCODINGS = ['utf-16le', 'utf-16be', 'latin1', 'windows-1252'];
const TEXT = 'Größe\nlove is é\n\nthe whale, é\r\nno\n\n%\nlast é love';

/** The files of a folder, whose order is that of their UTF-8 twins. */
function writeFolders(root: string, isLarge: boolean): void {
  const write = (name: string, suffix: string, bytes: Buffer) => {
    writeFileSync(join(root, 'book', name + suffix), bytes);
    writeFileSync(join(root, 'twin', name), TEXT);
    writeFileSync(join(root, name + suffix), bytes);
  };
  for (const folder of ['book', 'twin']) mkdirSync(join(root, folder), { recursive: true });
  for (const [at, encoding] of ENCODINGS.entries()) {
    const bytes = Buffer.from(encode(TEXT, encoding));
    write(`${at}-declared`, `.${encoding}`, bytes);
    write(`${at}-packed`, `.${encoding}.gz`, gzipSync(bytes));
    write(`${at}-plain`, '', Buffer.from(TEXT));
    if (!encoding.startsWith('utf-16')) continue;
    write(`${at}-marked`, '', Buffer.from(encode(TEXT, encoding, { addBOM: true })));
    write(`${at}-marked-packed`, '.gz', gzipSync(encode(TEXT, encoding, { addBOM: true })));
  }
  if (!isLarge) return;
  for (const folder of ['book', 'twin']) {
    writeFileSync(join(root, folder, 'filler'), Buffer.alloc(MAX_PACKED_BYTES + 1, 'no line\n'));
  }
}

const QUERIES: Partial<SearchQuery>[] = [
  { term: 'é' },
  { term: 'love', format: 'object', n_before: 1, n_after: 1 },
  { term: 'GRÖSSE', ignore_case: true },
  { term: 'größe', ignore_case: true, format: 'object' },
  { term: 'é', syntax: 'word', format: 'object', nresults: 3, offset: 2 },
  { term: 'l.{2}e is .$', syntax: 'regex', format: 'object' },
  { term: 'é$', syntax: 'regex', format: 'object' },
  { term: 'é', unit: 'quote', format: 'object', n_before: 1 },
];

describe('texts in other encodings', function () {
  this.timeout(60_000);
  let folder: TempFolder;
  let engine: SearchEngine;
  beforeEach(async () => {
    folder = await tempFolder();
  });
  afterEach(async () => {
    restore();
    await engine.close();
    await folder.remove();
  });

  for (const { title, isSettled, isLarge, isIndexed } of [
    { title: 'in a folder that has not settled', isSettled: false, isLarge: false, isIndexed: false },
    { title: 'in a packed folder', isSettled: true, isLarge: false, isIndexed: false },
    { title: 'in a folder whose files grep opens by their names', isSettled: true, isLarge: true, isIndexed: false },
    { title: 'in a large folder that has not settled', isSettled: false, isLarge: true, isIndexed: false },
    { title: 'with an index', isSettled: false, isLarge: false, isIndexed: true },
  ]) {
    it(`are searched as their UTF-8 twins ${title}`, async () => {
      useFakeTimers({ toFake: ['Date'], now: Date.now() + (isSettled ? 60_000 : -60_000) });
      const dictionariesDir = join(folder.path, 'dictionaries');
      writeFolders(dictionariesDir, isLarge);
      const dir = join(folder.path, 'index');
      if (isIndexed) await buildIndexes({ dictionariesDir, dir, blockBytes: 16 });
      const counts = createSearchCounts();
      const index = isIndexed ? usedIndexes(dir) : undefined;
      engine = await openEngine({ ...engineOptions({ dictionariesDir, searchQueue: 100 }), counts, index });
      // Of what is searched first, nothing is known.
      for (let round = 0; round < 2; round += 1) {
        for (const query of QUERIES) {
          const answer = await search({ ...query, dictionary: 'book' });
          expect(answer, JSON.stringify(query)).to.deep.equal(await search({ ...query, dictionary: 'twin' }));
          expect(answer.nrOfEntries > 0).to.equal(query.term !== 'GRÖSSE');
        }
      }
      const [lines, words] = [await engine.lineCounts('book', never), await engine.wordCounts('book', never)];
      expect([...lines.values()]).to.deep.equal([...(await engine.lineCounts('twin', never)).values()]);
      expect([...words.values()]).to.deep.equal([...(await engine.wordCounts('twin', never)).values()]);
      if (!isIndexed) return;
      expect(counts.index.searches.pruned + counts.index.searches.proved_absent).to.be.above(0);
      const { dictionaries } = await engine.dictionaries(never);
      // What can't be indexed doesn't make an index stale.
      expect(dictionaries.find(({ name }) => name === 'book')?.index).to.equal('current');
    });
  }

  it('are searched in the same batches as others', async () => {
    writeFolders(folder.path, false);
    engine = await openEngine(engineOptions({ dictionariesDir: folder.path, searchQueue: 100 }));
    for (const dictionary of ['0-marked', '0-declared.utf-16le', '2-declared', '2-packed']) {
      const terms = ['é', 'love', 'whale', 'no such text'];
      const answers = await Promise.all(terms.map((term) => search({ term, dictionary })));
      expect(answers.map(({ nrOfEntries }) => nrOfEntries)).to.deep.equal([3, 2, 1, 0]);
    }
  });

  async function search(query: Partial<SearchQuery>) {
    const { entries, ...summary } = await collect(engine.search(searchQuery(query), never));
    return { ...summary, entries: entries.map(withTwinPath) };
  }
});

/** The path that the same text has in the folder of twins. */
function withTwinPath(entry: Entry): Entry {
  if (typeof entry === 'string') return entry;
  return {
    ...entry,
    file: entry.file.replace(/^book\//, 'twin/').replace(/(\.(utf-16..|latin1|windows-1252))?(\.gz)?$/, ''),
  };
}
