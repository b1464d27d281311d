import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { restore, useFakeTimers } from 'sinon';
import { Dictionaries } from '../../../../src/search/corpus/dictionaries.js';
import type { FolderSnapshot } from '../../../../src/search/corpus/folder-snapshot.js';
import { maxOpenFiles } from '../../../../src/search/engines/grep/open-files.js';
import { PackedFolders } from '../../../../src/search/engines/grep/packed-folders.js';
import { type TempFolder, tempFolder } from '../../../helpers/temp-folder.js';

const never = new AbortController().signal;
const MIB = 1024 * 1024;

describe('PackedFolders', () => {
  let folder: TempFolder;
  let packedFolders: PackedFolders;
  let counts: { packedBytes: number };
  beforeEach(async () => {
    counts = { packedBytes: 0 };
    folder = await tempFolder();
    packedFolders = new PackedFolders({ root: folder.path, maxDecompressedBytes: 1_000, counts });
    useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
  });
  afterEach(async () => {
    restore();
    await packedFolders.close();
    await folder.remove();
  });

  /** Makes a folder of two files. */
  async function snapshotOf(name: string, bytes: number): Promise<FolderSnapshot> {
    await mkdir(join(folder.path, name));
    const line = 'a line of some length\n';
    await writeFile(join(folder.path, name, 'a.txt'), line.repeat(Math.ceil(bytes / line.length)));
    await writeFile(join(folder.path, name, 'b.txt'), line);
    return (await (await Dictionaries.open(folder.path)).find(name)).snapshot as FolderSnapshot;
  }

  /** Returns whether the folder is packed now. */
  async function isPacked(name: string, snapshot: FolderSnapshot): Promise<boolean> {
    const packed = await packedFolders.open(name, snapshot, never);
    packed?.close();
    return packed !== undefined;
  }

  it('keeps a limited number of files open, however many folders are searched', async () => {
    const snapshot = await snapshotOf('folder', 10);
    const { length } = await readdir('/proc/self/fd');
    for (let n = 0; n < maxOpenFiles + 100; n += 1) expect(await isPacked(`folder${n}`, snapshot)).to.equal(true);
    expect((await readdir('/proc/self/fd')).length - length).to.be.within(1, maxOpenFiles);
  });

  it('packs small folders at once, and larger ones in the background, one at a time', async () => {
    expect(await isPacked('small', await snapshotOf('small', 1_000))).to.equal(true);
    const snapshots = [await snapshotOf('one', 5 * MIB), await snapshotOf('two', 5 * MIB)] as const;
    expect(await isPacked('one', snapshots[0])).to.equal(false);
    expect(await isPacked('two', snapshots[1])).to.equal(false);
    // Each call would begin to pack the other folder if the first were not being packed.
    while (!(await isPacked('one', snapshots[0]))) await sleep(5);
    expect(counts.packedBytes).to.be.within(5 * MIB, 10 * MIB);
    while (!(await isPacked('two', snapshots[1]))) await sleep(5);
    expect(counts.packedBytes).to.be.above(10 * MIB);
  });

  it('packs no larger folder for which another would have to make room', async () => {
    const names = ['a', 'b', 'c', 'd'];
    const snapshots = new Map<string, FolderSnapshot>();
    for (const name of names) snapshots.set(name, await snapshotOf(name, 15 * MIB));
    const packed = async () => {
      const found: string[] = [];
      for (const [name, snapshot] of snapshots) if (await isPacked(name, snapshot)) found.push(name);
      return found;
    };
    while ((await packed()).length < 2) await sleep(5);
    const first = await packed();
    for (let times = 0; times < 20; times += 1) {
      await sleep(10);
      expect(await packed()).to.deep.equal(first);
    }
  });

  it('stops packing when it is closed', async () => {
    const snapshot = await snapshotOf('large', 15 * MIB);
    expect(await isPacked('large', snapshot)).to.equal(false);
    await packedFolders.close();
    expect(counts.packedBytes).to.equal(0);
  });
});
