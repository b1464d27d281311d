import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { useFakeTimers } from 'sinon';
import { Dictionaries } from '../../../../src/search/corpus/dictionaries.js';
import type { FolderSnapshot } from '../../../../src/search/corpus/folder-snapshot.js';
import { maxOpenFiles } from '../../../../src/search/engines/grep/open-files.js';
import { PackedFolders } from '../../../../src/search/engines/grep/packed-folders.js';
import { tempFolder } from '../../../helpers/temp-folder.js';

const never = new AbortController().signal;

describe('PackedFolders', () => {
  it('keeps a limited number of files open, however many folders are searched', async () => {
    const folder = await tempFolder();
    const packedFolders = new PackedFolders({
      root: folder.path,
      maxDecompressedBytes: 1_000,
      counts: { packedBytes: 0 },
    });
    const clock = useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
    try {
      await mkdir(join(folder.path, 'folder'));
      for (const name of ['a.txt', 'b.txt']) await writeFile(join(folder.path, 'folder', name), 'love\n');
      const { snapshot } = await (await Dictionaries.open(folder.path)).find('folder');
      const { length } = await readdir('/proc/self/fd');
      for (let n = 0; n < maxOpenFiles + 100; n += 1) {
        const packed = await packedFolders.open(`folder${n}`, snapshot as FolderSnapshot, never);
        expect(packed).to.not.equal(undefined);
        packed?.close();
      }
      expect((await readdir('/proc/self/fd')).length - length).to.be.within(1, maxOpenFiles);
    } finally {
      clock.restore();
      packedFolders.close();
      await folder.remove();
    }
  });
});
