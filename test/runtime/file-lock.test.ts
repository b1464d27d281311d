import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { releaseLock, takeLock } from '../../src/runtime/file-lock.js';
import { nameOf } from '../../src/runtime/workers-folder.js';
import { type TempFolder, tempFolder } from '../helpers/temp-folder.js';

describe('a lock', () => {
  let folder: TempFolder;
  let path: string;
  beforeEach(async () => {
    folder = await tempFolder();
    path = join(folder.path, 'lock');
  });
  afterEach(() => folder.remove());

  it('is had by one at a time', () => {
    expect(takeLock(path)).to.equal(true);
    expect(takeLock(path)).to.equal(false);
    expect(readFileSync(path, 'latin1')).to.equal(nameOf(process.pid));
    releaseLock(path);
    expect(takeLock(path)).to.equal(true);
  });

  it('is taken from who is gone, at the second try', () => {
    writeFileSync(path, '1-1');
    expect(takeLock(path)).to.equal(false);
    expect(existsSync(path)).to.equal(false);
    expect(takeLock(path)).to.equal(true);
  });

  it('is never there without the name of who has it: that would be taken for one who is gone', async () => {
    const loop = new Worker(new URL('../helpers/lock-loop.js', import.meta.url), { workerData: path });
    const found = new Set<string>();
    try {
      while (!existsSync(path)) await new Promise((resolve) => setImmediate(resolve));
      for (let looks = 0; looks < 50_000; looks += 1) {
        try {
          found.add(readFileSync(path, 'latin1'));
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
