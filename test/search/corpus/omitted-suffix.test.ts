import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { Dictionaries } from '../../../src/search/corpus/dictionaries.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';
import { codeOf } from '../engines/engine-contract.js';

describe('a name without its suffix', () => {
  let folder: TempFolder;
  let dictionaries: Dictionaries;
  beforeEach(async () => {
    folder = await tempFolder();
    dictionaries = await Dictionaries.open(folder.path);
  });
  afterEach(() => folder.remove());

  const write = (path: string) => writeFile(join(folder.path, path), '');
  const pathOf = async (name: string) => (await dictionaries.files(name)).map(({ path }) => path);

  it('finds a file that declares an encoding', async () => {
    await mkdir(join(folder.path, 'book'));
    await write('book/a.txt.koi8-r');
    await write('b.gb18030.gz');
    expect(await pathOf('book/a.txt')).to.deep.equal(['book/a.txt.koi8-r']);
    expect(await pathOf('b')).to.deep.equal(['b.gb18030.gz']);
    expect(await pathOf('b.gb18030')).to.deep.equal(['b.gb18030.gz']);
    expect(await codeOf(pathOf('book/a'))).to.equal('unknown_dictionary');
  });

  it('finds the file itself first, then a compressed one, then others', async () => {
    for (const [path, name] of [
      ['a.latin1.gz', 'a.latin1.gz'],
      ['a.latin1', 'a.latin1'],
      ['a.gz', 'a.gz'],
      ['a', 'a'],
    ] as const) {
      await write(path);
      expect(await pathOf('a')).to.deep.equal([name]);
    }
  });

  it('finds nothing outside the dictionaries folder, and nothing hidden', async () => {
    await symlink('/etc/passwd', join(folder.path, 'out.latin1'));
    await write('.hidden.latin1');
    for (const name of ['out', '.hidden', '../a', 'x'.repeat(4096), 'a\0b', '']) {
      expect(await codeOf(pathOf(name)), name).to.equal('unknown_dictionary');
    }
  });
});
