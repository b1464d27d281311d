import { execFileSync } from 'node:child_process';
import fs, { lstatSync, readdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import sinon from 'sinon';
import { releaseLock, takeLock } from '../../src/concurrency/file-lock.js';
import { processIdentity } from '../../src/concurrency/process-identity.js';
import { PROJECT } from '../helpers/project.js';
import { type TempFolder, tempFolder } from '../helpers/temp-folder.js';

describe('takeLock', () => {
  let folder: TempFolder;
  let path: string;
  beforeEach(async () => {
    folder = await tempFolder();
    path = join(folder.path, 'lock');
  });
  afterEach(() => folder.remove());
  const exists = () => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

  it('gives the lock to one holder at a time', () => {
    expect(takeLock(path)).to.equal(true);
    expect(takeLock(path)).to.equal(false);
    expect(readlinkSync(path)).to.equal(processIdentity(process.pid));
    releaseLock(path);
    expect(takeLock(path)).to.equal(true);
  });

  it('takes the lock of a dead process at the second attempt', () => {
    symlinkSync('1-1', path);
    expect(takeLock(path)).to.equal(false);
    expect(exists()).to.equal(false);
    expect(takeLock(path)).to.equal(true);
  });

  it('takes the lock of a dead process even if another process died while removing it', () => {
    symlinkSync('1-1', path);
    symlinkSync('1-1', `${path}.removal`);
    expect([takeLock(path), takeLock(path), takeLock(path)]).to.deep.equal([false, false, true]);
    expect(readlinkSync(path)).to.equal(processIdentity(process.pid));
    expect(readdirSync(folder.path)).to.deep.equal(['lock']);
  });

  for (const [moment, read, isTaken] of [
    ['before the removal begins', 1, true],
    ['during the removal', 2, false],
  ] as const) {
    it(`never takes the lock of a live process that took it from a dead one ${moment}`, () => {
      symlinkSync('1-1', path);
      const readLink = readlinkSync;
      let reads = 0;
      let taken = '';
      sinon.stub(fs, 'readlinkSync').callsFake(((link: string) => {
        const holder = readLink(link);
        if (link === path) reads += 1;
        if (link === path && reads === read) taken = takeElsewhere();
        return holder;
      }) as typeof readlinkSync);
      syncBuiltinESMExports();
      try {
        expect(takeLock(path)).to.equal(false);
      } finally {
        sinon.restore();
        syncBuiltinESMExports();
      }
      expect(taken).to.equal(`${isTaken}\n`);
      expect(exists()).to.equal(isTaken);
      expect(takeLock(path)).to.equal(!isTaken);
    });
  }
  const takeElsewhere = () =>
    execFileSync(process.execPath, [join(PROJECT, 'dist/test/helpers/lock-taker.js'), path], { encoding: 'utf8' });

  it('creates the lock together with the identity of its holder', async () => {
    const loop = new Worker(new URL('../helpers/lock-loop.js', import.meta.url), { workerData: path });
    const found = new Set<string>();
    try {
      while (!exists()) await new Promise((resolve) => setImmediate(resolve));
      for (let reads = 0; reads < 50_000; reads += 1) {
        try {
          found.add(readlinkSync(path));
        } catch {
          // It has just been released.
        }
      }
    } finally {
      await loop.terminate();
    }
    expect([...found]).to.deep.equal([processIdentity(process.pid)]);
  });
});
