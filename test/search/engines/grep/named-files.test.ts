// Large folders, of which grep opens the files by their names.
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { restore, useFakeTimers } from 'sinon';
import type { FolderSnapshot } from '../../../../src/search/corpus/folder-snapshot.js';
import { collect } from '../../../../src/search/engine.js';
import { openGrep } from '../../../../src/search/engines/grep/grep-engine.js';
import { mayOpenByName } from '../../../../src/search/engines/grep/named-files.js';
import { MAX_PACKED_BYTES } from '../../../../src/search/engines/grep/packed-folders.js';
import { engineOptions, searchQuery } from '../../../helpers/queries.js';
import { type TempFolder, tempFolder } from '../../../helpers/temp-folder.js';

describe('GrepEngine over a folder whose files grep opens by name', () => {
  let folder: TempFolder;
  const { PATH } = process.env;
  beforeEach(async () => {
    folder = await tempFolder();
  });
  afterEach(async () => {
    process.env.PATH = PATH;
    restore();
    await folder.remove();
  });

  it('starts over if a subfolder was swapped while grep read it, even if grep printed nothing', async () => {
    const path = (name: string) => join(folder.path, name);
    for (const name of ['inside/book/part/deep', 'outside/deep']) await mkdir(path(name), { recursive: true });
    await writeFile(path('inside/book/part/deep/a.txt'), 'love\n');
    await writeFile(path('outside/deep/a.txt'), 'hate\n');
    await writeFile(path('inside/book/padding.txt'), 'padding\n'.repeat(MAX_PACKED_BYTES / 8 + 1));
    const real = execFileSync('sh', ['-c', 'command -v grep'], { encoding: 'utf8' }).trim();
    // A grep that finds the link if the flag is there, which it removes.
    const script = `#!/bin/sh
PATH='${PATH}'
[ -e '${path('flag')}' ] || exec ${real} "$@"
rm '${path('flag')}'
mv '${path('inside/book/part/deep')}' '${path('away')}'
ln -s '${path('outside/deep')}' '${path('inside/book/part/deep')}'
${real} "$@"
status=$?
rm '${path('inside/book/part/deep')}'
mv '${path('away')}' '${path('inside/book/part/deep')}'
exit $status
`;
    await writeFile(path('grep'), script);
    await chmod(path('grep'), 0o755);
    process.env.PATH = `${folder.path}:${PATH}`;
    useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
    const engine = await openGrep(engineOptions({ dictionariesDir: path('inside') }));
    try {
      const search = () => collect(engine.search(searchQuery({ dictionary: 'book' }), new AbortController().signal));
      for (let times = 0; times < 2; times += 1) {
        await writeFile(path('flag'), '');
        expect(await search()).to.deep.equal({ nrOfEntries: 1, entries: ['love'] });
      }
    } finally {
      await engine.close();
    }
  });

  it('has settled, and few enough subfolders to verify each time that grep prints something', () => {
    const mayOpen = (snapshot: Partial<FolderSnapshot>) =>
      mayOpenByName({ isSettled: true, nrOfFolders: 1, ...snapshot } as FolderSnapshot);
    expect(mayOpen({ nrOfFolders: 256 })).to.equal(true);
    expect(mayOpen({ nrOfFolders: 257 })).to.equal(false);
    expect(mayOpen({ isSettled: false })).to.equal(false);
  });
});
