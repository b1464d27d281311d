// Indexes of dictionaries that change: never an answer from the index of another version.
import {
  appendFileSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { restore, type SinonFakeTimers, useFakeTimers } from 'sinon';
import { Dictionaries } from '../../../../src/search/corpus/dictionaries.js';
import { collect, type SearchEngine } from '../../../../src/search/engine.js';
import { openGrep as open } from '../../../../src/search/engines/grep/grep-engine.js';
import { buildDictionary } from '../../../../src/search/index/build-dictionary.js';
import { IndexStore } from '../../../../src/search/index/index-store.js';
import { createSearchCounts, type SearchCounts } from '../../../../src/search/search-counts.js';
import { closeAfterEach } from '../../../helpers/close-after-each.js';
import { allQuery, engineOptions, searchQuery } from '../../../helpers/queries.js';
import { type TempFolder, tempFolder } from '../../../helpers/temp-folder.js';
import { usedIndexes } from '../../index/build-indexes.js';

const never = new AbortController().signal;
/** Two changes within a tick of the kernel's clock can have the same time. */
const TICK_MS = 12;
const FILLER = 'nothing to see here\n'.repeat(500);
const OLD = `${FILLER}old needle\n${FILLER}`;
/** Of the same size. */
const NEW = OLD.replace('old', 'new');

/** Changes a file of which an index exists. */
type Change = readonly [title: string, change: (file: string, spare: string) => void];

/** Sets the times of a file back after a change. */
function withOldTimes(file: string, change: () => void): void {
  const { atime, mtime } = statSync(file);
  change();
  utimesSync(file, atime, mtime);
}

const CHANGES: readonly Change[] = [
  [
    'replaced by a file of the same size and time',
    (file, spare) => {
      const { atime, mtime } = statSync(file);
      writeFileSync(spare, NEW);
      utimesSync(spare, atime, mtime);
      renameSync(spare, file);
    },
  ],
  ['edited in place, with its time set back', (file) => withOldTimes(file, () => writeFileSync(file, NEW))],
  [
    'truncated and regrown to the same size',
    (file) =>
      withOldTimes(file, () => {
        truncateSync(file, 0);
        appendFileSync(file, NEW);
      }),
  ],
  [
    'truncated and regrown to a larger size',
    (file) => {
      truncateSync(file, 100);
      appendFileSync(file, `new needle\n${OLD}`);
    },
  ],
  [
    'truncated and regrown to a smaller size',
    (file) => {
      truncateSync(file, 100);
      appendFileSync(file, '\nnew needle\n');
    },
  ],
  ['truncated', (file) => truncateSync(file, 100)],
  ['emptied', (file) => truncateSync(file, 0)],
  ['given a hard link', (file, spare) => linkSync(file, spare)],
  [
    'edited through a hard link, with its time set back',
    (file, spare) => {
      linkSync(file, spare);
      withOldTimes(file, () => writeFileSync(spare, NEW));
    },
  ],
  ['touched', (file) => utimesSync(file, 1, 1)],
  ['longer than before', (file) => appendFileSync(file, 'new needle\n')],
  ['longer than before, with its time set back', (file) => withOldTimes(file, () => appendFileSync(file, 'new'))],
  ['edited in the middle and longer than before', (file) => writeFileSync(file, `${NEW}old needle\n`)],
  [
    'replaced by a folder',
    (file) => {
      unlinkSync(file);
      mkdirSync(file);
      writeFileSync(join(file, 'inside.txt'), NEW);
    },
  ],
];

/** Changes a folder of which an index exists. */
const FOLDER_CHANGES: readonly Change[] = [
  ['with a new file', (_, spare) => renameSync(writeNew(spare), join(spare, '../dictionaries/book/new.txt'))],
  ['without a file', (file) => unlinkSync(file)],
  ['with a file of another name', (file) => renameSync(file, `${file}.renamed`)],
  ['with two files that have changed places', (file) => swap(file, join(file, '../b.txt'))],
  [
    'that was replaced',
    (file, spare) => {
      mkdirSync(spare);
      writeFileSync(join(spare, 'a.txt'), NEW);
      renameSync(join(file, '..'), join(spare, '../old'));
      renameSync(spare, join(file, '..'));
    },
  ],
];

function writeNew(path: string): string {
  writeFileSync(path, NEW);
  return path;
}

function swap(one: string, other: string): void {
  renameSync(one, `${one}.spare`);
  renameSync(other, one);
  renameSync(`${one}.spare`, other);
}

describe('GrepEngine with the index of a dictionary', function () {
  this.timeout(20_000);
  const openGrep = closeAfterEach(open);
  let folder: TempFolder;
  let dictionariesDir: string;
  let dictionaries: Dictionaries;
  let store: IndexStore;
  let clock: SinonFakeTimers;
  let nowMs: number;
  let plain: SearchEngine;
  let engine: SearchEngine;
  let counts: SearchCounts;
  beforeEach(async () => {
    folder = await tempFolder();
    dictionariesDir = join(folder.path, 'dictionaries');
    mkdirSync(join(dictionariesDir, 'book'), { recursive: true });
    writeFileSync(join(dictionariesDir, 'one.txt'), OLD);
    writeFileSync(join(dictionariesDir, 'book/a.txt'), OLD);
    writeFileSync(join(dictionariesDir, 'book/b.txt'), `${FILLER}other needle\n`);
    await sleep(TICK_MS);
    nowMs = Date.now();
    // A folder that has settled would be packed. With this clock, it never settles.
    clock = useFakeTimers({ toFake: ['Date'], now: nowMs });
    dictionaries = await Dictionaries.open(dictionariesDir);
    const dir = join(folder.path, 'index');
    store = new IndexStore(dir, dictionaries.root.path);
    store.create();
    counts = createSearchCounts();
    plain = await openGrep(engineOptions({ dictionariesDir }));
    engine = await openGrep(engineOptions({ dictionariesDir, counts, index: usedIndexes(dir) }));
  });
  afterEach(async () => {
    restore();
    await folder.remove();
  });

  /** Builds the index as if all files were old enough. */
  async function build(dictionary: string): Promise<void> {
    clock.setSystemTime(nowMs + 60_000);
    await buildDictionary({ dictionaries, store, dictionary, maxBytes: 1e9, blockBytes: 100 });
    clock.setSystemTime(nowMs);
  }

  async function compare(dictionary: string, title: string): Promise<void> {
    const ask = (engine: SearchEngine) =>
      Promise.all([
        ...['old', 'new', 'other'].map((term) =>
          collect(
            engine.search(searchQuery({ dictionary, term, syntax: 'word', n_before: 1, format: 'object' }), never),
          ),
        ),
        collect(engine.all(allQuery({ dictionary, offset: 400, nresults: 2 }), never)),
        engine.lineCounts(dictionary, never).then((counts) => [...counts]),
      ]);
    expect(await ask(engine), title).to.deep.equal(await ask(plain));
  }

  /** How many searches used the index. */
  const used = () => counts.index.searches.pruned + counts.index.searches.proved_absent + counts.index.searches.scanned;

  async function checkChange(dictionary: string, file: string, [title, change]: Change): Promise<void> {
    await build(dictionary);
    await compare(dictionary, 'before');
    expect(used(), 'before').to.be.above(1);
    change(join(dictionariesDir, file), join(folder.path, 'spare'));
    await compare(dictionary, title);
    await sleep(TICK_MS);
    await build(dictionary);
    const usedBefore = used();
    await compare(dictionary, `${title}, with a new index`);
    expect(used() - usedBefore).to.be.above(1);
  }

  for (const change of CHANGES) {
    it(`gives the same answers as without it once the file is ${change[0]}`, () =>
      checkChange('one.txt', 'one.txt', change));
  }

  for (const change of [...FOLDER_CHANGES, ...CHANGES.slice(0, 2)]) {
    it(`gives the same answers as without it for a folder ${change[0]}`, () =>
      checkChange('book', 'book/a.txt', change));
  }

  it('uses no index of a dictionary that was removed and made anew', async () => {
    await build('one.txt');
    await compare('one.txt', 'before');
    rmSync(join(dictionariesDir, 'one.txt'));
    await sleep(TICK_MS);
    writeFileSync(join(dictionariesDir, 'one.txt'), NEW);
    const usedBefore = used();
    await compare('one.txt', 'after');
    expect(used()).to.equal(usedBefore);
  });
});
