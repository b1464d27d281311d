import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { restore, type SinonFakeTimers, useFakeTimers } from 'sinon';
import { Dictionaries } from '../../../src/search/corpus/dictionaries.js';
import { buildDictionary } from '../../../src/search/index/build-dictionary.js';
import { IndexFile } from '../../../src/search/index/index-file.js';
import { IndexStore } from '../../../src/search/index/index-store.js';
import { NoRoomError } from '../../../src/search/index/no-room-error.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

const MIB = 1024 * 1024;

describe('buildDictionary', function () {
  this.timeout(20_000);
  let folder: TempFolder;
  let store: IndexStore;
  let dictionaries: Dictionaries;
  let clock: SinonFakeTimers;
  beforeEach(async () => {
    folder = await tempFolder();
    mkdirSync(join(folder.path, 'dictionaries', 'book'), { recursive: true });
    dictionaries = await Dictionaries.open(join(folder.path, 'dictionaries'));
    store = new IndexStore(join(folder.path, 'index'), dictionaries.root.path);
    store.create();
    // All files look old enough.
    clock = useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
  });
  afterEach(async () => {
    restore();
    await folder.remove();
  });

  const pathOf = (name: string) => join(folder.path, 'dictionaries', name);
  const write = (name: string, text: string | Buffer) => writeFileSync(pathOf(name), text);
  const build = (dictionary: string, maxBytes = 100 * MIB) => {
    let bytesDone = 0;
    const onProgress = (bytes: number) => {
      bytesDone += bytes;
    };
    const result = buildDictionary({ dictionaries, store, dictionary, maxBytes, blockBytes: 1_000, onProgress });
    return result.then((result) => ({ ...result, bytesDone }));
  };
  const filesIn = () => readdirSync(dirname(store.lockPath)).filter((name) => name !== 'root');
  /** What an index has. */
  function read(dictionary: string) {
    const index = IndexFile.open(store.pathOf(dictionary));
    index.release();
    const { tables } = index;
    return { ...tables, total: tables.segmentColumns.reduce((sum, each) => sum + each, 0) };
  }

  it('builds one file, and reports its size and progress', async () => {
    write('a.txt', 'love\n'.repeat(10_000));
    const result = await build('a.txt');
    const indexBytes = readFileSync(store.pathOf('a.txt')).length;
    expect(result).to.deep.equal({ outcome: 'built', textBytes: 50_000, indexBytes, bytesDone: 50_000 });
    expect(filesIn()).to.have.length(1);
    expect(read('a.txt')).to.deep.include({ dictionary: 'a.txt', paths: ['a.txt'], lines: Float64Array.of(10_000) });
  });

  it('skips files that are compressed, or changed just now', async () => {
    write('book/a.txt', 'love\n');
    write('book/b.gz', 'love\n');
    expect(await build('book')).to.include({ outcome: 'built', textBytes: 5 });
    expect(read('book').paths).to.deep.equal(['book/a.txt']);
    clock.setSystemTime(Date.now() - 60_000);
    expect(await build('book')).to.include({ outcome: 'skipped' });
    // The old index stays.
    expect(filesIn()).to.have.length(1);
  });

  it('scans only the new part of a file that has grown', async () => {
    const text = Array.from({ length: 150_000 }, (_, line) => `line ${line}\n`).join('');
    write('a.txt', text);
    await build('a.txt');
    const before = read('a.txt');
    appendFileSync(pathOf('a.txt'), 'the end\n'.repeat(1_000));
    await build('a.txt');
    const after = read('a.txt');
    const kept = before.starts.length - 1;
    expect(after.columns.slice(0, kept)).to.deep.equal(before.columns.slice(0, kept));
    expect(after.total - before.total).to.be.below(20);
    expect(after.lines).to.deep.equal(Float64Array.of(151_000));
  });

  it('scans only the files that have changed, in a folder', async () => {
    for (let at = 0; at < 10; at += 1) write(`book/${at}`, `file ${at}\n`.repeat(1_000));
    await build('book');
    const before = read('book');
    write('book/5', 'changed\n'.repeat(1_000));
    renameSync(pathOf('book/7'), pathOf('book/77'));
    await build('book');
    const after = read('book');
    expect(after.paths).to.deep.equal(
      ['0', '1', '2', '3', '4', '5', '6', '77', '8', '9'].map((name) => `book/${name}`),
    );
    const columnsOf = (tables: typeof before, path: string) => {
      const file = tables.paths.indexOf(path);
      return tables.columns.slice(tables.fileBlocks[file], tables.fileBlocks[file + 1]);
    };
    for (const name of [0, 1, 2, 3, 4, 6, 8, 9]) {
      expect(columnsOf(after, `book/${name}`)).to.deep.equal(columnsOf(before, `book/${name}`));
    }
    expect(after.total - before.total).to.be.below(before.total / 2);
  });

  it('builds anew once much of the index is unused', async () => {
    for (let round = 0; round < 5; round += 1) {
      write('a.txt', `round ${round}\n`.repeat(2_000));
      await build('a.txt');
    }
    const { total, columns } = read('a.txt');
    expect(total).to.be.at.most(3 * new Set(columns).size);
  });

  it('builds anew if the old index is damaged, whatever is wrong with it', async () => {
    write('a.txt', 'love\n'.repeat(1_000));
    await build('a.txt');
    const path = store.pathOf('a.txt');
    const good = readFileSync(path);
    const expected = read('a.txt');
    const damage: [string, () => void][] = [
      ['a damaged row', () => flip(path, 64)],
      ['a damaged header', () => flip(path, 20)],
      ['damaged tables', () => flip(path, good.length - 1)],
      ['a truncated file', () => writeFileSync(path, good.subarray(0, 100))],
      ['an empty file', () => writeFileSync(path, '')],
      ['another file', () => writeFileSync(path, 'love\n'.repeat(100))],
      [
        'a FIFO',
        () => {
          renameSync(path, join(folder.path, 'old'));
          execFileSync('mkfifo', [path]);
        },
      ],
    ];
    for (const [title, apply] of damage) {
      writeFileSync(path, good);
      apply();
      expect(await build('a.txt'), title).to.include({ outcome: 'built' });
      expect(read('a.txt').lines, title).to.deep.equal(expected.lines);
      const index = IndexFile.open(path);
      for (const [row, length] of index.segment(0).rowLengths.entries()) if (length > 0) index.row(0, row);
      index.release();
      expect(filesIn(), title).to.have.length(1);
    }
  });

  it('fails, and leaves no draft behind, if it is denied the place or the space', async () => {
    write('a.txt', 'love\n');
    const failure = await build('a.txt', 1_000).catch((error) => error);
    expect(failure).to.be.an.instanceOf(NoRoomError);
    mkdirSync(store.pathOf('a.txt'));
    expect(await build('a.txt').catch((error) => error)).to.have.property('code', 'EISDIR');
    expect(filesIn()).to.deep.equal(readdirSync(dirname(store.lockPath)).filter((name) => name.endsWith('.index')));
  });
});

describe('IndexStore', () => {
  let folder: TempFolder;
  let store: IndexStore;
  beforeEach(async () => {
    folder = await tempFolder();
    store = new IndexStore(folder.path, '/dictionaries');
    store.create();
  });
  afterEach(() => folder.remove());

  it('removes the drafts of processes that have ended, and no others', () => {
    const mine = store.draftPathOf('a');
    const ended = mine.replace(/-[^-]+-[^-]+$/, '-1-99999999');
    for (const path of [mine, ended, `${store.lockPath}.txt`]) writeFileSync(path, '');
    expect(store.isBuilding('a')).to.equal(true);
    store.removeDrafts();
    expect([mine, ended, `${store.lockPath}.txt`].map((path) => existsSync(path))).to.deep.equal([true, false, true]);
  });

  it('removes the indexes of dictionaries that are gone', () => {
    for (const name of ['a', 'b', 'c']) writeFileSync(store.pathOf(name), name);
    expect(store.bytes).to.equal(3);
    expect(store.removeExcept(['b'])).to.equal(2);
    expect(store.list().map(({ path }) => path)).to.deep.equal([store.pathOf('b')]);
    store.remove('b');
    expect(store.list()).to.deep.equal([]);
  });
});

/** Flips all bits of a byte. */
function flip(path: string, offset: number): void {
  const copy = `${path}.copy`;
  copyFileSync(path, copy);
  const fd = openSync(copy, 'r+');
  writeSync(fd, Buffer.of(0xff ^ (readFileSync(copy)[offset] as number)), 0, 1, offset);
  closeSync(fd);
  renameSync(copy, path);
}
