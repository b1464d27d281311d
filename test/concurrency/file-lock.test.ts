import { execFileSync } from 'node:child_process';
import fs, { lstatSync, readdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import sinon from 'sinon';
import { releaseLock, takeLock } from '../../src/concurrency/file-lock.js';
import { nameOf } from '../../src/runtime/workers-folder.js';
import { PROJECT } from '../helpers/project.js';
import { type TempFolder, tempFolder } from '../helpers/temp-folder.js';

describe('a lock', () => {
  let folder: TempFolder;
  let path: string;
  beforeEach(async () => {
    folder = await tempFolder();
    path = join(folder.path, 'lock');
  });
  afterEach(() => folder.remove());
  const isThere = () => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

  it('is had by one at a time', () => {
    expect(takeLock(path)).to.equal(true);
    expect(takeLock(path)).to.equal(false);
    expect(readlinkSync(path)).to.equal(nameOf(process.pid));
    releaseLock(path);
    expect(takeLock(path)).to.equal(true);
  });

  it('is taken from who is gone, at the second try', () => {
    symlinkSync('1-1', path);
    expect(takeLock(path)).to.equal(false);
    expect(isThere()).to.equal(false);
    expect(takeLock(path)).to.equal(true);
  });

  it('is taken from who is gone also where its removal was begun by one who is gone', () => {
    symlinkSync('1-1', path);
    symlinkSync('1-1', `${path}.removal`);
    expect([takeLock(path), takeLock(path), takeLock(path)]).to.deep.equal([false, false, true]);
    expect(readlinkSync(path)).to.equal(nameOf(process.pid));
    expect(readdirSync(folder.path)).to.deep.equal(['lock']);
  });

  for (const [moment, read, isTaken] of [
    ['before its removal begins', 1, true],
    ['while it is removed', 2, false],
  ] as const) {
    it(`is not taken from a live process that takes it from who is gone ${moment}`, () => {
      symlinkSync('1-1', path);
      const readLink = readlinkSync;
      let reads = 0;
      let taken = '';
      sinon.stub(fs, 'readlinkSync').callsFake(((link: string) => {
        const name = readLink(link);
        if (link === path) reads += 1;
        if (link === path && reads === read) taken = takeElsewhere();
        return name;
      }) as typeof readlinkSync);
      syncBuiltinESMExports();
      try {
        expect(takeLock(path)).to.equal(false);
      } finally {
        sinon.restore();
        syncBuiltinESMExports();
      }
      expect(taken).to.equal(`${isTaken}\n`);
      expect(isThere()).to.equal(isTaken);
      expect(takeLock(path)).to.equal(!isTaken);
    });
  }
  const takeElsewhere = () =>
    execFileSync(process.execPath, [join(PROJECT, 'dist/test/helpers/lock-taker.js'), path], { encoding: 'utf8' });

  it('is never there without the name of who has it: that would be taken for one who is gone', async () => {
    const loop = new Worker(new URL('../helpers/lock-loop.js', import.meta.url), { workerData: path });
    const found = new Set<string>();
    try {
      while (!isThere()) await new Promise((resolve) => setImmediate(resolve));
      for (let looks = 0; looks < 50_000; looks += 1) {
        try {
          found.add(readlinkSync(path));
        } catch {
          // It has just been let go.
        }
      }
    } finally {
      await loop.terminate();
    }
    expect([...found]).to.deep.equal([nameOf(process.pid)]);
  });
});
