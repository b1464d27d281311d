// Symbolic links that are swapped in during searches and listings must not lead outside the folder.
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { AppError } from '../../../../src/errors.js';
import { collect, type ListQuery, type SearchEngine, type SearchQuery } from '../../../../src/search/engine.js';
import { openGrep } from '../../../../src/search/engines/grep/grep-engine.js';
import { engineOptions, searchQuery } from '../../../helpers/queries.js';
import { type Swap, startSwapping } from '../../../helpers/swap-loop.js';
import { type TempFolder, tempFolder } from '../../../helpers/temp-folder.js';

const RUNS = 400;
/** Fewer, because each run opens several files. */
const FOLDER_RUNS = 150;
const CONCURRENCY = 4;
const never = new AbortController().signal;

describe('GrepEngine over a dictionary that is repeatedly swapped for a link to the outside', function () {
  this.timeout(180_000);

  let folder: TempFolder;
  let engine: SearchEngine;
  let inside: string;
  let outside: string;
  beforeEach(async () => {
    folder = await tempFolder();
    inside = join(folder.path, 'inside');
    outside = join(folder.path, 'outside');
    for (const name of ['t.txt', 'sub/t.txt', 'secret.txt', 'sub/secret.txt']) {
      await mkdir(join(outside, name, '..'), { recursive: true });
      await writeFile(join(outside, name), 'secret love\n'.repeat(3));
    }
    await writeFile(join(outside, 't.txt.gz'), gzipSync('secret love\n'));
    await mkdir(join(inside, 'folder/sub'), { recursive: true });
    for (const name of ['t.txt', 'folder/t.txt', 'folder/a.txt', 'folder/sub/t.txt']) {
      await writeFile(join(inside, name), 'own love\n');
      await utimes(join(inside, name), 1, 1);
    }
    await writeFile(join(inside, 't.txt.gz'), gzipSync('own love\n'));
    engine = await openGrep(engineOptions({ dictionariesDir: inside }));
  });
  afterEach(async () => {
    await engine.close();
    await folder.remove();
  });

  const search = async (query: Partial<SearchQuery>) =>
    (await collect(engine.search(searchQuery(query), never))).entries;
  const list = async (query: Partial<ListQuery>) =>
    (await collect(engine.list({ folder: 'folder', options: [], ...query }, never))).entries;

  const file = (path: string, text: Swap['text'] = 'own love\n') => ({ path, target: path.replace(/.*\//, ''), text });
  const cases: [title: string, swap: Swap, runSearch: () => Promise<unknown>, runs?: number][] = [
    ['one file', file('t.txt'), () => search({ dictionary: 't.txt' })],
    ['a compressed file', file('t.txt.gz', gzipSync('own love\n')), () => search({ dictionary: 't.txt.gz' })],
    ['a file of a folder, by its name', file('folder/t.txt'), () => search({ dictionary: 'folder/t.txt' })],
    ['the folder of a file', { path: 'folder', target: '.' }, () => search({ dictionary: 'folder/t.txt' })],
    ['a file of a folder', file('folder/t.txt'), () => search({ dictionary: 'folder' }), FOLDER_RUNS],
    [
      'a file of a folder, searched for quotes',
      file('folder/t.txt'),
      () => search({ dictionary: 'folder', unit: 'quote' }),
      FOLDER_RUNS,
    ],
    ['a folder', { path: 'folder', target: '.' }, () => search({ dictionary: 'folder', format: 'object' })],
    [
      'a folder of a folder',
      { path: 'folder/sub', target: 'sub' },
      () => search({ dictionary: 'folder' }),
      FOLDER_RUNS,
    ],
    [
      'a file whose lines are counted',
      file('t.txt'),
      async () => [...(await engine.lineCounts('t.txt', never)).values()].includes(3) && 'secret',
    ],
    ['the listed folder', { path: 'folder', target: '.' }, () => list({})],
    [
      'a subfolder of the listed folder',
      { path: 'folder/sub', target: 'sub' },
      () => list({ options: ['-R'] }),
      FOLDER_RUNS,
    ],
    [
      'a file whose size is listed',
      file('folder/t.txt'),
      async () => (await engine.files('folder', never)).some(({ bytes }) => bytes === 36) && 'secret',
    ],
    [
      'a dictionary whose size is listed',
      file('t.txt'),
      async () => (await engine.dictionaries(never)).dictionaries.some(({ bytes }) => bytes === 36) && 'secret',
    ],
  ];
  for (const [title, swap, runSearch, runs = RUNS] of cases) {
    it(`exposes nothing from outside: ${title}`, async () => {
      const stop = await startSwapping({ ...swap, path: join(inside, swap.path), target: join(outside, swap.target) });
      const codes = new Set<string>();
      let leaks = 0;
      let answers = 0;
      const askAgain = async () => {
        for (let n = 0; n < runs / CONCURRENCY; n += 1) {
          try {
            if (JSON.stringify(await runSearch()).includes('secret')) leaks += 1;
            answers += 1;
          } catch (error) {
            if (!(error instanceof AppError)) throw error;
            codes.add(error.code);
          }
        }
      };
      try {
        await Promise.all(Array.from({ length: CONCURRENCY }, askAgain));
      } finally {
        await stop();
      }
      expect(leaks).to.equal(0);
      expect(answers).to.be.above(0);
      const expected = ['unknown_dictionary', 'dictionary_changed', 'unknown_folder', 'too_busy'];
      for (const code of codes) expect(code).to.be.oneOf(expected);
    });
  }
});
