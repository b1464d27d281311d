// Searches of several dictionaries. `several-dictionaries.slow.ts` asks many more questions.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { selectorOf } from '../../../../src/search/dictionary-selector.js';
import { collect, type SearchEngine } from '../../../../src/search/engine.js';
import { openEngine } from '../../../../src/search/open-engine.js';
import { allQuery, engineOptions, searchQuery } from '../../../helpers/queries.js';
import { type TempFolder, tempFolder } from '../../../helpers/temp-folder.js';
import { compareSeveral } from './several-dictionaries.js';

const never = new AbortController().signal;

describe('GrepEngine with several dictionaries', function () {
  this.timeout(60_000);
  let folder: TempFolder;
  let engine: SearchEngine;
  beforeEach(async () => {
    folder = await tempFolder();
    engine = await openEngine(engineOptions({ dictionariesDir: folder.path }));
  });
  afterEach(async () => {
    await engine.close();
    await folder.remove();
  });
  const write = (path: string, text = 'love\n') => writeFileSync(join(folder.path, path), text);
  const filesOf = async (dictionary: string) =>
    (await collect(engine.search({ ...searchQuery({ dictionary }), format: 'object' }, never), ({ file }) => file))
      .entries;

  it('answers 8 generated questions like one folder with the same files', async () => {
    const { found, pruned } = await compareSeveral({ seed: 22, questions: 8 });
    // Otherwise the test would prove nothing.
    expect(found).to.be.above(0);
    expect(pruned).to.be.above(0);
  });

  it('returns entries in byte order of their paths, whatever the order of the names', async () => {
    mkdirSync(join(folder.path, 'a'));
    for (const path of ['a/x', 'a-b', 'a.txt', 'b']) write(path);
    expect(await filesOf(selectorOf(['b', 'a', 'a.txt', 'a-b']))).to.deep.equal(['a-b', 'a.txt', 'a/x', 'b']);
    expect(await filesOf('*')).to.deep.equal(['a-b', 'a.txt', 'a/x', 'b']);
  });

  it('reads a file only once if it is selected several times', async () => {
    mkdirSync(join(folder.path, 'a/b'), { recursive: true });
    for (const path of ['a/b/x', 'a/y']) write(path);
    expect(await filesOf(selectorOf(['a/y', 'a/b', 'a', 'a/b/x', 'a/y']))).to.deep.equal(['a/b/x', 'a/y']);
  });

  it('omits unreadable dictionaries from all of them', async () => {
    for (const path of ['a', '.hidden', 'SOURCES.md', '*']) write(path);
    mkdirSync(join(folder.path, 'empty'));
    expect(await filesOf('*')).to.deep.equal(['*', 'a']);
  });

  it('reads a folder that is named like the selector of all', async () => {
    mkdirSync(join(folder.path, '*'));
    for (const path of ['*/x', '*/y', 'a']) write(path);
    expect(await filesOf('*')).to.deep.equal(['*/x', '*/y', 'a']);
  });

  it('names the dictionary that is unknown', async () => {
    write('a');
    const failure = await filesOf(selectorOf(['a', 'nope'])).catch((error) => error);
    expect(failure).to.include({ code: 'unknown_dictionary', message: 'There is no dictionary named "nope".' });
    rmSync(join(folder.path, 'a'));
    expect(await filesOf('*').catch((error) => error)).to.include({ code: 'unknown_dictionary' });
  });

  it('counts them as large until it knows their size', async () => {
    write('a');
    write('b');
    expect([engine.isLarge('*'), engine.isLarge(selectorOf(['a', 'b']))]).to.deep.equal([true, true]);
    await filesOf('*');
    expect(engine.isLarge('*')).to.equal(false);
  });

  it('reports a dictionary that changes during the search', async () => {
    write('a', 'love\n'.repeat(100_000));
    write('b');
    const answer = engine.search(searchQuery({ dictionary: '*' }), never);
    await answer.next();
    write('b', 'hate\n');
    expect((await collect(answer)).truncated).to.equal('dictionary_changed');
  });

  it('fails if a folder changes before it is its turn', async () => {
    mkdirSync(join(folder.path, 'b'));
    write('a', 'love\n'.repeat(100_000));
    for (const path of ['b/x', 'b/y']) write(path);
    const answer = engine.search(searchQuery({ dictionary: '*' }), never);
    await answer.next();
    write('b/x', 'hate\n');
    expect(await collect(answer).catch((error) => error)).to.include({ code: 'dictionary_changed' });
  });

  it('searches a dictionary that was added since the last search', async () => {
    write('a');
    const before = (await collect(engine.all(allQuery({ dictionary: '*' }), never))).nrOfEntries;
    write('b');
    const after = (await collect(engine.all(allQuery({ dictionary: '*' }), never))).nrOfEntries;
    expect([before, after]).to.deep.equal([1, 2]);
  });
});
