// Batched searches over real files: no search may affect the others of its batch.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { useFakeTimers } from 'sinon';
import { collect, type SearchEngine, type SearchQuery } from '../../../../src/search/engine.js';
import { linesWith } from '../../../../src/search/engines/grep/batched-search.js';
import { openEngine } from '../../../../src/search/open-engine.js';
import { PROJECT } from '../../../helpers/project.js';
import { engineOptions, searchQuery } from '../../../helpers/queries.js';
import { type SlowGrep, slowGrep } from '../../../helpers/slow-grep.js';
import { type TempFolder, tempFolder } from '../../../helpers/temp-folder.js';

describe('GrepEngine with batched searches', () => {
  let folder: TempFolder;
  let root: string;
  let grep: SlowGrep;
  let engine: SearchEngine;
  const { PATH } = process.env;
  beforeEach(async () => {
    folder = await tempFolder();
    root = join(folder.path, 'dictionaries');
    await mkdir(root);
    grep = await slowGrep(folder.path);
    process.env.PATH = grep.PATH;
    engine = await openEngine(engineOptions({ dictionariesDir: root, searchQueue: 1000, lineLength: 1000 }));
  });
  afterEach(async () => {
    process.env.PATH = PATH;
    await grep.release();
    await engine.close();
    await folder.remove();
  });

  const search = (query: Partial<SearchQuery>, signal = new AbortController().signal) => {
    const answers = collect(engine.search(searchQuery({ dictionary: 'a.txt', ...query }), signal));
    answers.catch(() => {});
    return answers;
  };
  const write = (text: string, name = 'a.txt') => writeFile(join(root, name), text);

  it('starts one grep for all waiting searches', async () => {
    await write('one\ntwo\nthree\nfour\n');
    const answers = ['one', 'o', 'three', 'none', 'one'].map((term) => search({ term }));
    await grep.release();
    expect((await Promise.all(answers)).map(({ entries }) => entries)).to.deep.equal([
      ['one'],
      ['one', 'two', 'four'],
      ['three'],
      [],
      ['one'],
    ]);
    expect(await grep.started()).to.have.length(1);
  });

  for (const [size, padding] of [
    ['small', ''],
    ['large', 'x\n'.repeat(1_000_000)],
  ] as const) {
    it(`starts one grep for all searches of a ${size} text with a byte order mark`, async () => {
      await write(`\ufeffone\ntwo \ufeff\n${padding}`);
      const terms = ['one', '\ufeff', '\ufeffone'];
      const plain = terms.map((term) => search({ term }));
      const located = terms.map((term) => search({ term, format: 'object' }));
      await grep.release();
      const entriesOf = async (answers: typeof plain) => (await Promise.all(answers)).map(({ entries }) => entries);
      expect(await entriesOf(plain)).to.deep.equal([['one'], ['two \ufeff'], []]);
      const about = { file: 'a.txt', before: [], after: [] };
      expect(await entriesOf(located)).to.deep.equal([
        [{ ...about, line: 1, text: 'one', matches: [[0, 3]] }],
        [{ ...about, line: 2, text: 'two \ufeff', matches: [[4, 5]] }],
        [],
      ]);
      expect(await grep.started()).to.have.length(2);
    });
  }

  it('starts one grep for all searches of a known folder, of one file or of several', async () => {
    await mkdir(join(root, 'folder'));
    await write('one\ntwo\n', 'folder/a.txt');
    await grep.release();
    for (const [name, text, entries] of [
      ['folder/a.txt', 'one\ntwo\n', [['one'], ['two']]],
      ['folder/b.txt', 'two\n', [['one'], ['two', 'two']]],
    ] as const) {
      await write(text, name);
      // Folders are packed once they haven't changed for a while.
      const clock = useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
      try {
        await engine.version('folder');
        const before = (await grep.started()).length;
        const answers = ['one', 'two'].map((term) => search({ term, dictionary: 'folder' }));
        expect((await Promise.all(answers)).map((answer) => answer.entries)).to.deep.equal(entries);
        expect((await grep.started()).length - before).to.equal(1);
      } finally {
        clock.restore();
      }
    }
  });

  it('rejects only the search with too large a sample', async () => {
    await write(`${'a\n'.repeat(110_000)}one\n`);
    const sample = search({ term: 'a', order: 'random' }).catch((error) => error.code);
    const others = [search({ term: 'one' }), search({ term: 'none' })];
    await grep.release();
    expect(await sample).to.equal('invalid_request');
    expect((await Promise.all(others)).map(({ entries }) => entries)).to.deep.equal([['one'], []]);
    expect(await grep.started()).to.have.length(1);
  });

  it('builds contexts as they are read, since they are much larger than the output of grep', async () => {
    await write(`${'x'.repeat(70)} a b c d e f g h\n`.repeat(2_500));
    await engine.close();
    engine = await openEngine(engineOptions({ dictionariesDir: root, searchQueue: 1000 }));
    const before = process.memoryUsage().heapUsed;
    const answers = [...'abcdefgh'].map((term) =>
      engine.search(
        searchQuery({ dictionary: 'a.txt', term, n_before: 100, n_after: 100 }),
        new AbortController().signal,
      ),
    );
    const first = Promise.all(answers.map((answer) => answer.next()));
    await grep.release();
    expect((await first).every(({ done }) => done === false)).to.equal(true);
    expect(await grep.started()).to.have.length(1);
    // All contexts together take 350 MB.
    expect((process.memoryUsage().heapUsed - before) / 2 ** 20).to.be.below(100);
    await Promise.all(answers.map((answer) => answer.return({ nrOfEntries: 0 })));
  });

  it('starts a second grep for all searches with context', async () => {
    await write('one\ntwo\nthree\nfour\nfive one\n');
    const answers = [
      search({ term: 'two' }),
      search({ term: 'one', n_before: 1 }),
      search({ term: 'two', n_after: 2, format: 'object' }),
      search({ term: 'o', format: 'object', offset: 1, nresults: 1 }),
    ];
    await grep.release();
    expect((await Promise.all(answers)).map(({ entries }) => entries)).to.deep.equal([
      ['two'],
      ['one', 'four\nfive one'],
      [{ file: 'a.txt', line: 2, text: 'two', before: [], after: ['three', 'four'], matches: [[0, 3]] }],
      [{ file: 'a.txt', line: 2, text: 'two', before: [], after: [], matches: [[2, 3]] }],
    ]);
    expect(await grep.started()).to.have.length(2);
  });

  it('searches the version of a file that is current when the search arrives', async () => {
    await write('old\n');
    const before = search({ term: 'o' });
    while ((await grep.started()).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await write('new one\n', 'b.txt');
    await rename(join(root, 'b.txt'), join(root, 'a.txt'));
    const after = search({ term: 'o' });
    await grep.release();
    expect([(await before).entries, (await after).entries]).to.deep.equal([['old'], ['new one']]);
  });

  it('reports a change in place to every search of a batch', async () => {
    await write('old\n');
    const answers = [search({ term: 'o' }), search({ term: 'l' })];
    while ((await grep.started()).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await write('other\n');
    await grep.release();
    for (const each of answers) expect((await each).truncated).to.equal('dictionary_changed');
  });

  it('runs very common terms unbatched, and retries the others in a batch', async () => {
    const lines = Array.from(
      { length: 20_000 },
      (_, n) => `line ${n} of many, with something ${n % 100 === 0 ? 'rare' : ''}`,
    );
    await write(`${lines.join('\n')}\n`);
    const answers = ['line', 'rare', 'number', '19999', 'something'].map((term) => search({ term }));
    await grep.release();
    expect((await Promise.all(answers)).map(({ nrOfEntries }) => nrOfEntries)).to.deep.equal([
      20_000, 200, 0, 1, 20_000,
    ]);
    // The batch, the two common terms, and the batch of the others.
    expect(await grep.started()).to.have.length(4);
  });

  it('truncates long lines for each search, and finds terms after the cut', async () => {
    await write(`${'x'.repeat(2000)} end\n`);
    const answers = [
      search({ term: 'end' }),
      search({ term: 'end', n_after: 1 }),
      search({ term: 'x end', format: 'object' }),
    ];
    await grep.release();
    const [plain, context, object] = await Promise.all(answers);
    expect(plain).to.deep.equal({ nrOfEntries: 1, truncated: 'line_length', entries: ['x'.repeat(1000)] });
    expect(context).to.deep.equal(plain);
    expect(object).to.deep.include({ nrOfEntries: 1, truncated: 'line_length' });
  });

  it('completes the batch when one caller leaves', async () => {
    await write('one\ntwo\n');
    const leaver = new AbortController();
    const left = search({ term: 'one' }, leaver.signal).catch((error) => error);
    const stayed = search({ term: 'two' });
    while ((await grep.started()).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const reason = new Error('left');
    leaver.abort(reason);
    expect(await left).to.equal(reason);
    await grep.release();
    expect((await stayed).entries).to.deep.equal(['two']);
    expect(await grep.started()).to.have.length(1);
  });

  it('reports to each observer only the matches of its own search', async () => {
    await write('one\ntwo\nthree\nfour\nfive one\n');
    const observeLines = (query: Partial<SearchQuery>) => {
      const lines: number[] = [];
      const observer = { signal: new AbortController().signal, observe: (_: string, line: number) => lines.push(line) };
      return search({ ...query, observer }).then(() => lines);
    };
    const observed = [
      observeLines({ term: 'one', format: 'object' }),
      observeLines({ term: 'o', nresults: 1 }),
      observeLines({ term: 'two', n_after: 1 }),
      observeLines({ term: 'none', format: 'location' }),
    ];
    await grep.release();
    expect(await Promise.all(observed)).to.deep.equal([[1, 5], [1, 2, 4, 5], [2], []]);
    expect(await grep.started()).to.have.length(1);
  });

  it('does not batch searches of large files', async () => {
    await write('line\n'.repeat(4_000_000), 'large.txt');
    await grep.release();
    const answers = ['line', 'none'].map((term) => search({ term, dictionary: 'large.txt', nresults: 1 }));
    expect((await Promise.all(answers)).map(({ nrOfEntries }) => nrOfEntries)).to.deep.equal([4_000_000, 0]);
    expect(await grep.started()).to.have.length(2);
  });
});

describe('linesWith', () => {
  it('returns exactly the lines that contain a term, once each', () => {
    const lines = Buffer.from('ab ab\nb\nab\n\nbab\n');
    expect(linesWith(lines, 'ab').toString()).to.equal('ab ab\nab\nbab\n');
    expect(linesWith(lines, 'b').toString()).to.equal('ab ab\nb\nab\nbab\n');
    expect(linesWith(lines, 'c').toString()).to.equal('');
  });

  it('finds all matching lines of a large text', async () => {
    const text = await readFile(join(PROJECT, 'dictionaries/devils-dictionary.txt'));
    const expected = text
      .toString('latin1')
      .split('\n')
      .filter((line) => line.includes('the'));
    expect(linesWith(text, 'the').toString('latin1')).to.equal(`${expected.join('\n')}\n`);
  });
});
