import {
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect } from 'chai';
import { processIdentity } from '../../../src/concurrency/process-identity.js';
import { removeGoneRoots } from '../../../src/search/index/gone-roots.js';
import { IndexStore } from '../../../src/search/index/index-store.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

/** The identity of a process that has ended. */
const ENDED = '1-1';

describe('IndexStore', () => {
  let folder: TempFolder;
  let dir: string;
  let store: IndexStore;
  beforeEach(async () => {
    folder = await tempFolder();
    dir = join(folder.path, 'indexes');
    store = openStore('texts');
  });
  afterEach(() => folder.remove());

  /** Creates a dictionaries folder and the store of its indexes. */
  function openStore(name: string): IndexStore {
    const root = join(folder.path, name);
    mkdirSync(root, { recursive: true });
    const opened = new IndexStore(dir, root);
    opened.create();
    return opened;
  }
  const add = (dictionary: string, text: string, to = store) => writeFileSync(to.pathOf(dictionary), text);
  const storeFolder = (of = store) => dirname(of.lockPath);

  it('has a folder for each dictionaries folder, with a link to it', () => {
    const other = openStore('others');
    expect(storeFolder(other)).to.not.equal(storeFolder());
    expect(readlinkSync(join(storeFolder(), 'root'))).to.equal(join(folder.path, 'texts'));
    store.create();
    expect(readdirSync(storeFolder())).to.deep.equal(['root']);
  });

  it('lists the indexes with their sizes, the oldest first', () => {
    add('a.txt', 'one');
    add('b.txt', 'three');
    utimesSync(store.pathOf('b.txt'), 1, 1);
    expect(store.list().map(({ path, bytes }) => [path, bytes])).to.deep.equal([
      [store.pathOf('b.txt'), 5],
      [store.pathOf('a.txt'), 3],
    ]);
    expect(store.bytes).to.equal(8);
    expect(store.modifiedMs('b.txt')).to.equal(1000);
    expect(store.modifiedMs('c.txt')).to.equal(0);
    expect(new IndexStore(join(folder.path, 'nothing'), folder.path).list()).to.deep.equal([]);
  });

  it('tells a build from what a build left behind, and removes only the latter', () => {
    const left = `${store.draftPathOf('a.txt').split('-').slice(0, -2).join('-')}-${ENDED}`;
    writeFileSync(left, '');
    expect(store.isBuilding('a.txt')).to.equal(false);
    writeFileSync(store.draftPathOf('b.txt'), '');
    expect(store.isBuilding('b.txt')).to.equal(true);
    store.removeDrafts();
    expect(existsSync(left)).to.equal(false);
    expect(existsSync(store.draftPathOf('b.txt'))).to.equal(true);
  });

  it('removes the indexes of some dictionaries, or of all others', () => {
    for (const name of ['a', 'b', 'c']) add(name, name);
    expect(store.remove('a')).to.equal(true);
    expect(store.remove('a')).to.equal(false);
    expect(store.removeExcept(['b', 'd'])).to.equal(1);
    expect(store.list().map(({ path }) => path)).to.deep.equal([store.pathOf('b')]);
  });

  describe('when a dictionaries folder is gone', () => {
    let gone: IndexStore;
    beforeEach(() => {
      gone = openStore('gone');
      add('a.txt', 'one', gone);
      add('a.txt', 'one');
      rmSync(join(folder.path, 'gone'), { recursive: true });
    });

    it('removes its indexes, and no others', () => {
      expect(removeGoneRoots(dir)).to.deep.equal([join(folder.path, 'gone')]);
      expect(readdirSync(dir)).to.deep.equal([basename(storeFolder())]);
      expect(store.list()).to.have.length(1);
      expect(removeGoneRoots(dir)).to.deep.equal([]);
    });

    it('leaves them to a process that holds their lock', () => {
      symlinkSync(processIdentity(process.pid), gone.lockPath);
      expect(removeGoneRoots(dir)).to.deep.equal([]);
      expect(gone.list()).to.have.length(1);
    });

    it('removes them in spite of the lock of a process that has ended', () => {
      symlinkSync(ENDED, gone.lockPath);
      expect(removeGoneRoots(dir)).to.have.length(1);
      expect(existsSync(storeFolder(gone))).to.equal(false);
    });

    it('finishes what a process that has ended began to remove', () => {
      const half = `${storeFolder(gone)}.removed-${ENDED}`;
      mkdirSync(half);
      writeFileSync(join(half, 'a.index'), '');
      const running = `${storeFolder(gone)}.removed-${processIdentity(process.pid)}`;
      rmSync(storeFolder(gone), { recursive: true });
      mkdirSync(running);
      expect(removeGoneRoots(dir)).to.deep.equal([]);
      expect(readdirSync(dir)).to.have.members([basename(storeFolder()), basename(running)]);
    });
  });

  it('keeps indexes in folders that it knows nothing about', () => {
    const unknown = join(dir, '0123456789abcdef');
    mkdirSync(unknown);
    mkdirSync(join(dir, 'notes'));
    symlinkSync('/nonexistent', join(dir, 'notes', 'root'));
    expect(removeGoneRoots(dir)).to.deep.equal([]);
    expect(existsSync(unknown)).to.equal(true);
  });
});
