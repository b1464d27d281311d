import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, readlink, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { constants, getPriority } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { restore, useFakeTimers } from 'sinon';
import type { BatchedAnswer } from '../../../../src/search/batching/batching-engine.js';
import { Dictionaries } from '../../../../src/search/corpus/dictionaries.js';
import { collect, type EntryObject, type SearchEngine, type SearchQuery } from '../../../../src/search/engine.js';
import { GrepEngine, openGrep as open } from '../../../../src/search/engines/grep/grep-engine.js';
import { maxFilesPerGrep } from '../../../../src/search/engines/grep/open-files.js';
import { findGrep } from '../../../../src/search/grep/find-grep.js';
import { GrepForkServers } from '../../../../src/search/grep/grep-fork-servers.js';
import { FolderLister } from '../../../../src/search/ls/folder-lister.js';
import { findLs } from '../../../../src/search/ls/run-ls.js';
import { createSearchCounts } from '../../../../src/search/search-counts.js';
import { closeAfterEach } from '../../../helpers/close-after-each.js';
import { PROJECT } from '../../../helpers/project.js';
import { allQuery, engineOptions, searchQuery } from '../../../helpers/queries.js';
import { type TempFolder, tempFolder } from '../../../helpers/temp-folder.js';
import { codeOf, engineContract } from '../engine-contract.js';

engineContract('GrepEngine', (dictionariesDir) =>
  open(engineOptions({ dictionariesDir, defaultDictionary: 'plain.txt' })),
);

const never = new AbortController().signal;
const query = (dictionary: string, term: string, more: Partial<SearchQuery> = {}) =>
  searchQuery({ dictionary, term, ...more });

describe('GrepEngine', () => {
  const openGrep = closeAfterEach(open);

  it('skips many lines, wherever chunks of output end', async () => {
    const folder = await tempFolder();
    try {
      const lines = Array.from({ length: 300_000 }, (_, at) => `${at + 1}`);
      await writeFile(join(folder.path, 'numbers.txt'), `${lines.join('\n')}\n`);
      const engine = await openGrep(engineOptions({ dictionariesDir: folder.path }));
      for (const offset of [1, 65_536, 123_456, 200_000, 299_999, 300_000]) {
        const { nrOfEntries, entries } = await collect(engine.all(allQuery({ offset, nresults: 2 }), never));
        expect(entries).to.deep.equal(lines.slice(offset, offset + 2));
        expect(nrOfEntries).to.equal(300_000);
      }
    } finally {
      await folder.remove();
    }
  });
});

describe('GrepEngine over the bundled dictionaries', () => {
  const dictionariesDir = join(PROJECT, 'dictionaries');
  let engine: SearchEngine;
  before(async () => {
    engine = await open(engineOptions({ dictionariesDir, defaultDictionary: 'devils-dictionary.txt' }));
  });
  after(() => engine.close());

  /** Runs grep itself in a UTF-8 locale. */
  const grep = (...args: string[]) =>
    execFileSync('sh', ['-c', 'LC_ALL=C.UTF-8 grep "$@" || test $? = 1', 'sh', ...args], {
      cwd: dictionariesDir,
      encoding: 'utf8',
      maxBuffer: 1e9,
    })
      .split('\n')
      .slice(0, -1);

  for (const term of ['love', 'the', '—', 'é', 'Ahab', '.', '"', 'no such words', 'sea']) {
    for (const dictionary of ['devils-dictionary.txt', 'king-james-bible.txt', 'moby-dick']) {
      it(`finds ${term} in ${dictionary} like grep`, async () => {
        const files = dictionary.endsWith('.txt')
          ? [dictionary]
          : (await readdir(join(dictionariesDir, dictionary))).sort().map((file) => join(dictionary, file));
        const expected = grep('-a', '-h', '-F', '-e', term, '--', ...files);
        const { nrOfEntries, entries } = await collect(engine.search(query(dictionary, term), never));
        expect(entries).to.deep.equal(expected);
        expect(nrOfEntries).to.equal(expected.length);

        const context = await collect(
          engine.search(query(dictionary, term, { n_before: 2, n_after: 3, nresults: 50 }), never),
        );
        expect(context.nrOfEntries).to.equal(expected.length);
        expect(context.entries).to.have.length(Math.min(50, expected.length));
        for (const [index, entry] of context.entries.entries())
          expect(String(entry).split('\n')).to.include(expected[index]);
      });
    }
  }

  it('returns all of a large dictionary unchanged', async () => {
    const text = await readFile(join(dictionariesDir, 'king-james-bible.txt'), 'utf8');
    const { nrOfEntries, entries } = await collect(engine.all(allQuery({ dictionary: 'king-james-bible.txt' }), never));
    expect(nrOfEntries).to.equal(31_102);
    expect(`${entries.join('\n')}\n`).to.equal(text);
  });
});

describe('GrepEngine', () => {
  const openGrep = closeAfterEach(open);
  let folder: TempFolder;
  beforeEach(async () => {
    folder = await tempFolder();
  });
  afterEach(async () => {
    restore();
    await folder.remove();
  });

  const write = (name: string, text: string) => writeFile(join(folder.path, name), text);

  /** Opens an engine that runs a shell script instead of grep. */
  const openScript = closeAfterEach(async (script: string) => {
    const program = join(folder.path, '.grep');
    await writeFile(program, `#!/bin/sh\n${script}\n`);
    await chmod(program, 0o755);
    const dictionaries = await Dictionaries.open(folder.path);
    const grep = { program, utf8Locale: 'C.UTF-8' };
    const lister = new FolderLister({ root: dictionaries.root, ls: await findLs(), memoryBytes: 2 ** 28 });
    const forkServers = await GrepForkServers.open(grep, 2 ** 28);
    return new GrepEngine({ dictionaries, forkServers, lister, grep }, engineOptions({ dictionariesDir: folder.path }));
  });

  it('detects new, replaced and removed dictionaries without a restart', async () => {
    const engine = await openGrep(engineOptions({ dictionariesDir: folder.path }));
    expect(await codeOf(collect(engine.search(query('new.txt', 'a'), never)))).to.equal('unknown_dictionary');
    await write('new.txt', 'a1\n');
    expect((await collect(engine.search(query('new.txt', 'a'), never))).entries).to.deep.equal(['a1']);
    await write('other.txt', 'a2\n');
    await rename(join(folder.path, 'other.txt'), join(folder.path, 'new.txt'));
    expect((await collect(engine.search(query('new.txt', 'a'), never))).entries).to.deep.equal(['a2']);
    await rm(join(folder.path, 'new.txt'));
    expect(await codeOf(collect(engine.search(query('new.txt', 'a'), never)))).to.equal('unknown_dictionary');
  });

  it('recognizes large files immediately, and large folders and compressed files after a search', async () => {
    await write('small.txt', 'one\n');
    await write('large.txt', '');
    const engine = await openGrep(engineOptions({ dictionariesDir: folder.path }));
    await truncate(join(folder.path, 'large.txt'), 64 * 1024 * 1024 + 1);
    await mkdir(join(folder.path, 'folder'));
    await rename(join(folder.path, 'large.txt'), join(folder.path, 'folder/large.txt'));
    expect(['small.txt', 'folder', 'absent'].map((name) => engine.isLarge(name))).to.deep.equal([false, false, false]);
    await collect(engine.search(query('folder', 'one'), never));
    expect(engine.isLarge('folder')).to.equal(true);
    await rename(join(folder.path, 'folder/large.txt'), join(folder.path, 'large.txt'));
    expect(engine.isLarge('large.txt')).to.equal(true);
  });

  it('keeps no memory for unknown dictionaries', async () => {
    const script = join(PROJECT, 'dist/test/helpers/unknown-names.js');
    const growth = execFileSync(process.execPath, ['--expose-gc', script, folder.path], { encoding: 'utf8' });
    expect(Number(growth)).to.be.below(5_000_000);
  }).timeout(60_000);

  it('uses the first dictionary by name as the default if none is configured', async () => {
    const engine = await openGrep(engineOptions({ dictionariesDir: folder.path }));
    await write('b.txt', 'b\n');
    await write('a.txt', 'a\n');
    expect((await engine.dictionaries(never)).default).to.equal('a.txt');
    expect((await collect(engine.all(allQuery(), never))).entries).to.deep.equal(['a']);
  });

  it('keeps its default dictionary when dictionaries are added and removed', async () => {
    await write('b.txt', 'b\n');
    const chosen: string[] = [];
    const onDefault = (name: string) => chosen.push(name);
    const engine = await openGrep(engineOptions({ dictionariesDir: folder.path, onDefault }));
    expect(chosen).to.deep.equal(['b.txt']);
    const all = () => collect(engine.all(allQuery(), never));
    await write('a.txt', 'a\n');
    expect((await engine.dictionaries(never)).default).to.equal('b.txt');
    expect((await all()).entries).to.deep.equal(['b']);
    expect((await collect(engine.search(searchQuery({ term: 'a' }), never))).entries).to.deep.equal([]);
    expect((await engine.files(undefined, never)).map(({ file }) => file)).to.deep.equal(['b.txt']);
    await rm(join(folder.path, 'b.txt'));
    expect(await codeOf(all())).to.equal('unknown_dictionary');
    expect(await all().catch((error) => error.message)).to.equal('There is no dictionary named "b.txt".');
    const list = await engine.dictionaries(never);
    expect([list.default, list.dictionaries.map(({ name }) => name)]).to.deep.equal(['b.txt', ['a.txt']]);
    await write('b.txt', 'b again\n');
    expect((await all()).entries).to.deep.equal(['b again']);
    expect(chosen).to.deep.equal(['b.txt']);
  });

  it('chooses the default dictionary once if there was none at first, even for concurrent searches', async () => {
    const chosen: string[] = [];
    const onDefault = (name: string) => chosen.push(name);
    const engine = await openGrep(engineOptions({ dictionariesDir: folder.path, onDefault }));
    expect(await codeOf(collect(engine.all(allQuery(), never)))).to.equal('unknown_dictionary');
    await write('b.txt', 'b\n');
    const answers = await Promise.all(Array.from({ length: 5 }, () => collect(engine.all(allQuery(), never))));
    for (const { entries } of answers) expect(entries).to.deep.equal(['b']);
    await write('a.txt', 'a\n');
    expect((await collect(engine.all(allQuery(), never))).entries).to.deep.equal(['b']);
    expect(chosen).to.deep.equal(['b.txt']);
  });

  it('reports a missing dictionaries folder, and recovers when it is back', async () => {
    const engine = await openGrep(engineOptions({ dictionariesDir: folder.path }));
    await write('a.txt', 'a\n');
    await rename(folder.path, `${folder.path}-away`);
    expect(await codeOf(collect(engine.all(allQuery(), never)))).to.equal('no_dictionaries');
    expect(await codeOf(engine.dictionaries(never))).to.equal('no_dictionaries');
    await rename(`${folder.path}-away`, folder.path);
    expect((await collect(engine.all(allQuery(), never))).entries).to.deep.equal(['a']);
  });

  it('reports that there are no dictionaries', async () => {
    const engine = await openGrep(engineOptions({ dictionariesDir: folder.path }));
    expect(await codeOf(collect(engine.all(allQuery(), never)))).to.equal('unknown_dictionary');
    expect(await engine.dictionaries(never)).to.deep.equal({ dictionaries: [] });
  });

  it('kills grep when the signal aborts, before it throws', async () => {
    await write('a.txt', 'a\n');
    const engine = await openScript('echo $$ >.pid; exec sleep 600');
    const controller = new AbortController();
    const failure = collect(engine.search(query('a.txt', 'a'), controller.signal)).catch((error) => error);
    const group = await pidIn(join(folder.path, '.pid'));
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await failure).to.equal(reason);
    expect(() => process.kill(-group, 0)).to.throw('ESRCH');
  });

  it('kills grep when the reader leaves', async () => {
    await write('a.txt', 'a\n');
    const engine = await openScript('echo $$ >.pid; exec yes line');
    const answer = engine.search(query('a.txt', 'a'), never);
    expect((await answer.next()).done).to.equal(false);
    const group = await pidIn(join(folder.path, '.pid'));
    await answer.return({ nrOfEntries: 0 });
    expect(() => process.kill(-group, 0)).to.throw('ESRCH');
  });

  it('runs grep without a shell, with only the locale in its environment', async () => {
    await write('a b.txt', 'a\n');
    const engine = await openScript('printf "%s\\n" "$@"; env');
    const { entries } = await collect(engine.search(query('a b.txt', '$(id) %s'), never));
    expect(entries.slice(0, 7)).to.deep.equal(['-a', '-h', '-F', '-e', '$(id) %s', '--', '-']);
    // The shell that runs the script adds PWD and the like.
    expect(entries.filter((line) => !/^(PWD|SHLVL|_|OLDPWD)=/.test(String(line))).slice(7)).to.deep.equal(['LC_ALL=C']);
  });

  it('starts the grep of a batch itself if the fork server fails', async () => {
    await write('a.txt', 'one\ntwo\n');
    const { program } = await findGrep();
    for (const failure of ['exit 2', 'kill -9 $PPID']) {
      const engine = await openScript(`case "$*" in *' -f '*) ${failure};; esac; exec ${program} "$@"`);
      const [outcome] = await engine.searchBatch([query('a.txt', 'n')], never);
      expect([...(outcome as BatchedAnswer)], failure).to.deep.equal([['one']]);
    }
  });

  it('treats an unexplained failure of grep as a bug, and keeps its message', async () => {
    await write('a.txt', 'a\n');
    const engine = await openScript('echo "grep: out of luck" >&2; exit 2');
    const failure = await collect(engine.search(query('a.txt', 'a'), never)).catch((error) => error);
    expect(failure).to.include({ name: 'GrepError', message: 'status 2: grep: out of luck' });
  });

  it('treats a killed grep as an exceeded memory limit', async () => {
    await write('a.txt', 'a\n');
    const engine = await openScript('kill -9 $$');
    const failure = collect(engine.search(query('a.txt', 'a'), never));
    expect(await codeOf(failure)).to.equal('search_memory');
    expect(await failure.catch((error) => error.message)).to.include('grep was killed by SIGKILL');
  });

  it('rejects an invalid regular expression even if there is no text', async () => {
    await mkdir(join(folder.path, 'empty'));
    const engine = await openGrep(engineOptions({ dictionariesDir: folder.path }));
    const search = (term: string) => collect(engine.search(query('empty', term, { syntax: 'regex' }), never));
    expect(await codeOf(search('('))).to.equal('invalid_request');
    expect(await search('a')).to.deep.equal({ nrOfEntries: 0, entries: [] });
  });

  it('searches no file twice whose decoded name equals another one', async () => {
    await mkdir(join(folder.path, 'folder'));
    await write('folder/a\ufffd.txt', 'a\n');
    await writeFile(
      Buffer.concat([Buffer.from(join(folder.path, 'folder/a')), Buffer.from([0xff]), Buffer.from('.txt')]),
      'a\n',
    );
    const engine = await openGrep(engineOptions({ dictionariesDir: folder.path }));
    expect((await collect(engine.search(query('folder', 'a'), never))).nrOfEntries).to.equal(1);
  });

  it('reports truncation if a quote has more matches than it returns', async () => {
    const engine = await openGrep(engineOptions({ dictionariesDir: folder.path }));
    await write('a.txt', `${'a'.repeat(200_000)}\nb\n`);
    const fields = { format: 'object', unit: 'quote' } as const;
    const { entries, truncated } = await collect(engine.search(query('a.txt', 'a', fields), never));
    const [{ matches }] = entries as [EntryObject];
    expect(matches.length < 200_000 ? truncated : 'line_length').to.equal('line_length');
  });

  it('returns entries with large contexts in bounded batches', async () => {
    const engine = await openGrep(engineOptions({ dictionariesDir: folder.path }));
    await write('a.txt', `${'a'.repeat(10_000)}\n`.repeat(150));
    const answer = engine.search(query('a.txt', 'a', { n_before: 100, n_after: 100 }), never);
    let total = 0;
    for (;;) {
      const step = await answer.next();
      if (step.done) break;
      total += step.value.length;
      expect(step.value.map(String).join('').length).to.be.below(2_000_000 + 100_000);
    }
    expect(total).to.equal(150);
  });

  it('reports a file of a folder that was removed before it was searched', async () => {
    await mkdir(join(folder.path, 'folder'));
    await writeFile(join(folder.path, 'folder/a.txt.gz'), gzipSync('a\n'));
    await write('folder/b.txt', 'a\n');
    // The compressed file gets its own grep, which runs before the other file is opened.
    const engine = await openScript('rm -f folder/b.txt; exec grep "$@"');
    expect(await codeOf(collect(engine.search(query('folder', 'a'), never)))).to.equal('dictionary_changed');
  });

  it('searches a folder with more files than one grep opens', async () => {
    const nrOfFiles = maxFilesPerGrep + 1;
    const files = Array.from({ length: nrOfFiles }, (_, index) => `${String(index).padStart(4, '0')}.txt`);
    await mkdir(join(folder.path, 'many'));
    await Promise.all(files.map((file, index) => write(`many/${file}`, `before\nlove ${index}\nafter`)));
    const engine = await openGrep(engineOptions({ dictionariesDir: folder.path }));
    const { nrOfEntries, entries } = await collect(
      engine.search(query('many', 'love', { n_before: 9, n_after: 9 }), never),
    );
    expect(nrOfEntries).to.equal(nrOfFiles);
    expect(entries).to.deep.equal(files.map((_, index) => `before\nlove ${index}\nafter`));
  });

  it('ends contexts where another grep continues with the next files', async () => {
    await mkdir(join(folder.path, 'book'));
    for (let n = 0; n < 1000; n += 1) writeFileSync(join(folder.path, `book/${n}`), 'love\n');
    const acquired: number[] = [];
    const acquire = (max: number) => {
      acquired.push(max);
      return max;
    };
    const spareSlots = { acquire, release: () => {} };
    const engine = await openGrep({ ...engineOptions({ dictionariesDir: folder.path }), spareSlots });
    const context = { n_before: 1, n_after: 1 };
    const { entries } = await collect(engine.search(query('book', 'love', context), never));
    expect(entries).to.deep.equal(Array.from({ length: 1000 }, () => 'love'));
    expect(acquired).to.deep.equal([1]);
  });

  it('counts the lines of files whose names begin with spaces', async () => {
    await mkdir(join(folder.path, 'book'));
    await write('book/ a', 'a\nb\n');
    await writeFile(join(folder.path, 'book/too large to be packed'), Buffer.alloc(17 * 1024 * 1024, 'x'));
    useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
    const engine = await openGrep(engineOptions({ dictionariesDir: folder.path }));
    expect([...(await engine.lineCounts('book', never))]).to.deep.equal([
      ['book/ a', 2],
      ['book/too large to be packed', 1],
    ]);
  });

  it('counts many matches in files with a byte order mark', async () => {
    await mkdir(join(folder.path, 'folder'));
    for (const name of ['a.txt', 'folder/a.txt', 'folder/b.txt']) await write(name, `\ufeff${'love\n'.repeat(12_000)}`);
    await write('folder/c.txt', 'love\n');
    const engine = await openGrep(engineOptions({ dictionariesDir: folder.path }));
    for (const [dictionary, count] of [
      ['a.txt', 12_000],
      ['folder', 24_001],
    ] as const) {
      const fields = { format: 'object', nresults: 1 } as const;
      const literal = await collect(engine.search(query(dictionary, 'love', fields), never));
      expect(literal.nrOfEntries).to.equal(count);
      const regex = await collect(engine.search(query(dictionary, '^love$', { ...fields, syntax: 'regex' }), never));
      expect(regex.nrOfEntries).to.equal(count);
    }
  });

  it('keeps the order of a folder whose files with a byte order mark are large or many', async () => {
    await mkdir(join(folder.path, 'folder'));
    const sizes = [900_000, 900_000, 900_000, 900_000, 900_000, 2_000_000, 10, 900_000, 900_000, 3_000_000];
    for (const [at, size] of sizes.entries()) {
      const mark = at % 4 === 3 ? '' : '\ufeff';
      await write(`folder/${at}`, `${mark}begin ${at}\n${'x\n'.repeat(size / 2)}end ${at}`);
    }
    const engine = await openGrep(engineOptions({ dictionariesDir: folder.path }));
    const fields = { syntax: 'regex', format: 'object' } as const;
    const { entries } = await collect(engine.search(query('folder', '^(begin|end) ', fields), never));
    expect((entries as EntryObject[]).map(({ file, line, text }) => [file, line, text])).to.deep.equal(
      sizes.flatMap((size, at) => [
        [`folder/${at}`, 1, `begin ${at}`],
        [`folder/${at}`, size / 2 + 2, `end ${at}`],
      ]),
    );
  });

  it('detects when a byte order mark is added or removed', async () => {
    await mkdir(join(folder.path, 'folder'));
    await write('folder/b.txt', 'love b\n');
    const engine = await openGrep(engineOptions({ dictionariesDir: folder.path }));
    for (const text of ['love a\n', '\ufefflove a\n', 'love a\n']) {
      for (const name of ['a.txt', 'folder/a.txt']) await write(name, text);
      const found = async (dictionary: string) =>
        (await collect(engine.search(query(dictionary, '^love', { syntax: 'regex' }), never))).entries;
      expect(await found('a.txt')).to.deep.equal(['love a']);
      expect(await found('folder')).to.deep.equal(['love a', 'love b']);
    }
  });

  it('leaves no file open, with or without a byte order mark', async () => {
    await mkdir(join(folder.path, 'folder'));
    for (const name of ['a', 'folder/a', 'folder/b']) await write(name, '\ufefflove\n');
    await write('folder/c', 'love\n');
    const engine = await openGrep(engineOptions({ dictionariesDir: folder.path }));
    const openFiles = async () => {
      const links = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''));
      return (await Promise.all(links)).filter((path) => path.startsWith(folder.path));
    };
    for (const dictionary of ['a', 'folder']) {
      expect((await collect(engine.search(query(dictionary, 'love'), never))).entries).to.not.be.empty;
      const answer = engine.search(query(dictionary, 'love'), never);
      await answer.next();
      await answer.return({ nrOfEntries: 0 });
    }
    expect(await openFiles()).to.deep.equal([]);
  });

  describe('truncates and reports', () => {
    const maxLength = 10;
    const long = 'é😀'.repeat(5);
    const match = { file: 'a.txt', line: 2, before: [], after: [] };
    let engine: SearchEngine;
    beforeEach(async () => {
      engine = await openGrep(engineOptions({ dictionariesDir: folder.path, lineLength: maxLength }));
    });
    const runSearch = (more: Partial<SearchQuery>) => collect(engine.search(query('a.txt', 'love', more), never));

    const cases: [title: string, text: string, more: Partial<SearchQuery>, entries: unknown[], isTruncated: boolean][] =
      [
        ['a line', 'love 56789\nlove 56789x\n', {}, ['love 56789', 'love 56789'], true],
        ['no line of exactly the maximum length', 'love 56789\n', {}, ['love 56789'], false],
        ['a line at a character boundary', `love ${long}\n`, {}, ['love é😀é'], true],
        ['no line that is not returned', `love\nlove ${long}\n`, { nresults: 1 }, ['love'], false],
        ['no line that is skipped', `love ${long}\nlove\n`, { offset: 1 }, ['love'], false],
        [
          'the text after a match',
          '\nééééé love é\n',
          { format: 'object' },
          [{ ...match, text: 'ééééé love', matches: [[6, 10]] }],
          true,
        ],
        [
          'a line within a match',
          '\n789 ééé love\n',
          { format: 'object' },
          [{ ...match, text: '789 ééé lo', matches: [[8, 10]] }],
          true,
        ],
        [
          'a line before its match',
          '\n789 ééé xx love\n',
          { format: 'object' },
          [{ ...match, text: '789 ééé xx', matches: [] }],
          true,
        ],
        ['a line of context', `${long}\nlove\n`, { n_before: 1 }, ['é😀é😀é😀é\nlove'], true],
        ['no line of context that is not returned', `${long}\nx\nlove\n`, { n_before: 1 }, ['x\nlove'], false],
        ['long context before', '123456\n123456\nlove\n', { n_before: 2 }, ['123456\nlove'], true],
        ['long context after', 'love\n123456\n123456\n', { n_after: 2 }, ['love\n123456'], true],
        ['a quote', 'love\n123456\n\nlove\n12345\n', { unit: 'quote' }, ['love\n12345', 'love\n12345'], true],
        ['no quote that does not match', `${long}\n\nlove\n`, { unit: 'quote' }, ['love'], false],
        ['a quote before its match', '1234\n1234\n1234\nlove\n', { unit: 'quote' }, ['1234\n1234\n'], true],
      ];
    for (const [title, text, more, entries, isTruncated] of cases) {
      it(title, async () => {
        await write('a.txt', text);
        const answer = await runSearch(more);
        expect(answer.entries).to.deep.equal(entries);
        expect(answer.truncated).to.equal(isTruncated ? 'line_length' : undefined);
      });
    }

    it('a line that arrives in many chunks', async () => {
      for (const [text, more] of [
        [`love ${'x'.repeat(1_000_000)}`, {}],
        [`love ${'love'.repeat(100_000)}`, { format: 'object' }],
        [`love ${'x'.repeat(1_000_000)}\n`, { unit: 'quote' }],
      ] as [string, Partial<SearchQuery>][]) {
        await write('a.txt', `${text}\nlove\n`);
        const { nrOfEntries, entries, truncated } = await runSearch(more);
        expect({ nrOfEntries, truncated }).to.deep.equal({ nrOfEntries: 2, truncated: 'line_length' });
        const [first] = entries;
        expect(text.startsWith(String(typeof first === 'object' ? first.text : first))).to.equal(true);
      }
    });
  });

  it('truncates a line full of marked matches without splitting a mark', async () => {
    const lineLength = 2000;
    const engine = await openGrep(engineOptions({ dictionariesDir: folder.path, lineLength }));
    await write('a.txt', `${'ab'.repeat(100_000)}\n`);
    const { entries, truncated } = await collect(engine.search(query('a.txt', 'a', { format: 'object' }), never));
    expect(truncated).to.equal('line_length');
    const [{ text, matches }] = entries as [EntryObject];
    expect('ab'.repeat(lineLength).startsWith(text)).to.equal(true);
    expect(text.length).to.be.within(100, lineLength);
    expect(matches).to.deep.equal(Array.from({ length: Math.ceil(text.length / 2) }, (_, at) => [2 * at, 2 * at + 1]));
  });

  it('reports that a search exceeded its memory limit', async () => {
    const engine = await openGrep(engineOptions({ dictionariesDir: folder.path, searchMemoryBytes: 64 * 2 ** 20 }));
    await write('a.txt', 'a'.repeat(100_000_000));
    const failure = collect(engine.search(query('a.txt', 'b'), never));
    expect(await codeOf(failure)).to.equal('search_memory');
    expect(await failure.catch((error) => error.message)).to.equal('The search exceeded its memory limit of 64 MiB.');
  });

  it('reports that a regular expression exceeds the memory limit', async () => {
    const engine = await openGrep(engineOptions({ dictionariesDir: folder.path, searchMemoryBytes: 64 * 2 ** 20 }));
    await write('a.txt', 'a\n');
    const term = '((a{1,200}){1,200}){1,50}';
    const failure = collect(engine.search(query('a.txt', term, { syntax: 'regex' }), never));
    expect(await codeOf(failure)).to.equal('invalid_request');
    expect(await failure.catch((error) => error.message)).to.equal(
      '"term" must be a regular expression that grep accepts; grep needs more than 64 MiB of memory for it.',
    );
  });

  it('counts many entries beyond the page with a separate grep', async () => {
    const lines = 40_000;
    const text = 'a love\nb\n'.repeat(lines);
    await write('a.txt', text);
    await writeFile(join(folder.path, 'packed.txt.gz'), gzipSync(text));
    await write('crlf.txt', text.replaceAll('\n', '\r\n'));
    await mkdir(join(folder.path, 'folder'));
    for (const name of ['a.txt', 'b.txt']) await write(`folder/${name}`, text);
    await writeFile(join(folder.path, 'folder/c.txt.gz'), gzipSync(text));
    const engine = await openGrep(engineOptions({ dictionariesDir: folder.path }));
    for (const [dictionary, files] of [
      ['a.txt', 1],
      ['packed.txt', 1],
      ['crlf.txt', 1],
      ['folder', 3],
    ] as const) {
      for (const more of [
        { n_after: 1 },
        { format: 'object' },
        { syntax: 'regex', n_before: 1 },
        { format: 'object', offset: lines - 1 },
      ] as const) {
        const { nrOfEntries, entries } = await collect(
          engine.search(query(dictionary, 'love', { ...more, nresults: 2 }), never),
        );
        expect(nrOfEntries).to.equal(files * lines);
        expect(entries).to.have.length('offset' in more && files === 1 ? 1 : 2);
      }
    }
  });

  it('locates matches beyond the page while an observer needs them, then counts with a separate grep', async function () {
    this.timeout(30_000);
    const lines = 30_000;
    await mkdir(join(folder.path, 'folder'));
    for (const name of ['a.txt', 'folder/a.txt', 'folder/b.txt']) await write(name, 'a love\nb\n'.repeat(lines));
    await writeFile(join(folder.path, 'folder/c.txt.gz'), gzipSync('love\n'.repeat(lines)));
    const greps = { found: 0, not_found: 0, failed: 0, cancelled: 0 };
    const counts = { ...createSearchCounts(), greps };
    const engine = await openGrep(engineOptions({ dictionariesDir: folder.path, counts }));
    const [justChanged, settled] = [Date.now() - 60_000, Date.now() + 60_000];
    const clock = useFakeTimers({ toFake: ['Date'], now: settled });
    for (const [dictionary, files, nowMs, closesAfter, expectedGreps] of [
      ['a.txt', 1, settled, Number.POSITIVE_INFINITY, { found: 1, cancelled: 0 }],
      ['a.txt', 1, settled, 15_000, { found: 1, cancelled: 1 }],
      ['folder', 3, justChanged, 15_000, { found: 2, cancelled: 2 }],
      ['folder', 3, settled, Number.POSITIVE_INFINITY, { found: 1, cancelled: 0 }],
      ['folder', 3, settled, 15_000, { found: 1, cancelled: 1 }],
    ] as const) {
      clock.setSystemTime(nowMs);
      for (const more of [{ format: 'object' }, { format: 'text', syntax: 'regex', n_after: 1 }] as const) {
        Object.assign(greps, { found: 0, cancelled: 0 });
        const closing = new AbortController();
        const observed: string[] = [];
        const observe = (file: string, line: number) => {
          observed.push(`${file} ${line}`);
          if (observed.length === closesAfter) closing.abort();
        };
        const observer = { signal: closing.signal, observe };
        const { nrOfEntries, entries } = await collect(
          engine.search(query(dictionary, 'love', { ...more, nresults: 2, observer }), never),
        );
        expect(nrOfEntries).to.equal(files * lines);
        expect(entries).to.have.length(2);
        expect(greps, `${dictionary} ${closesAfter}`).to.include(expectedGreps);
        const isClosed = closing.signal.aborted;
        expect(observed.length).to.be.within(isClosed ? 15_000 : nrOfEntries, isClosed ? 35_000 : nrOfEntries);
        const located = await collect(
          engine.search(query(dictionary, 'love', { format: 'location' }), never),
          (entry) => (typeof entry === 'string' ? entry : `${entry.file} ${entry.line}`),
        );
        // Deep equality of long arrays is slow.
        expect(observed.join('\n')).to.equal(located.entries.slice(0, observed.length).join('\n'));
      }
    }
  });

  it('limits resources only for expensive patterns and large texts', async () => {
    await write('a.txt', 'a\n');
    const engine = await openScript(
      'PATH=/usr/bin:/bin; sleep 0.1; echo "$(ulimit -v) $(cut -d " " -f 19 /proc/$$/stat)"',
    );
    const runSearch = async (more: Partial<SearchQuery>) =>
      (await collect(engine.search(query('a.txt', 'a', more), never))).entries;
    const unbounded = [`unlimited ${getPriority()}`];
    expect(await runSearch({})).to.deep.equal(unbounded);
    expect(await runSearch({ ignore_case: true, syntax: 'word' })).to.deep.equal(unbounded);
    // ulimit counts in KiB.
    const bounded = [`${256 * 1024} ${constants.priority.PRIORITY_BELOW_NORMAL}`];
    expect(await runSearch({ syntax: 'regex' })).to.deep.equal(bounded);
    expect(await runSearch({ syntax: 'word', term: 'é'.repeat(17) })).to.deep.equal(bounded);
    expect(await runSearch({ term: 'é'.repeat(17) })).to.deep.equal(unbounded);
    await truncate(join(folder.path, 'a.txt'), 70_000_000);
    expect(await runSearch({})).to.deep.equal(bounded);
  });

  it('does not open without a UTF-8 locale', async () => {
    const { PATH } = process.env;
    const program = join(folder.path, 'grep');
    await writeFile(program, '#!/bin/sh\ncase "$1" in --version) echo "grep (GNU grep) 3.8";; *) exit 1;; esac\n');
    await chmod(program, 0o755);
    try {
      process.env.PATH = folder.path;
      const failure = await openGrep(engineOptions({ dictionariesDir: folder.path })).catch((error) => error);
      expect(failure.message).to.include('needs one of the locales C.UTF-8');
    } finally {
      process.env.PATH = PATH;
    }
  });

  it('does not open without GNU grep', async () => {
    const { PATH } = process.env;
    const program = join(folder.path, 'grep');
    const open = () => openGrep(engineOptions({ dictionariesDir: folder.path })).catch((error) => error);
    try {
      process.env.PATH = folder.path;
      expect(await open())
        .to.have.property('message')
        .that.includes('There is no grep in PATH');
      await writeFile(program, '#!/bin/sh\necho "grep (BSD grep) 2.6"\n');
      await chmod(program, 0o755);
      expect(await open())
        .to.have.property('message')
        .that.includes('is not GNU grep');
    } finally {
      process.env.PATH = PATH;
    }
  });
});

/** Waits for the pid that a script writes. */
async function pidIn(file: string): Promise<number> {
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => '');
    if (text.endsWith('\n')) return Number(text);
    await sleep(5);
  }
}
