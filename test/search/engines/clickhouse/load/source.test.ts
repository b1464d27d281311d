import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { Dictionaries } from '../../../../../src/search/corpus/dictionaries.js';
import { findSource, findSources } from '../../../../../src/search/engines/clickhouse/load/source.js';
import { type TempFolder, tempFolder } from '../../../../helpers/temp-folder.js';

describe('findSource', () => {
  let folder: TempFolder;
  let dictionaries: Dictionaries;
  beforeEach(async () => {
    folder = await tempFolder();
    for (const name of ['book/part/empty', 'book/.hidden/part']) await mkdir(path(name), { recursive: true });
    for (const name of ['book/a.txt', 'book/part/b.txt', 'book/.hidden/c.txt']) await writeFile(path(name), 'text\n');
    await writeFile(path('zip.txt.gz'), gzipSync('text\n'));
    await symlink('part', path('book/link'));
    await symlink('book', path('alias'));
    dictionaries = await Dictionaries.open(folder.path);
  });
  afterEach(() => folder.remove());

  const path = (name: string) => join(folder.path, name);

  async function find(name: string) {
    const source = await findSource(dictionaries, name);
    return (
      source && { ...source, files: source.files.map(({ path, problem }) => (problem ? [path, problem.code] : path)) }
    );
  }

  it('finds the files and folders of a folder', async () => {
    for (const name of ['book', 'alias']) {
      const { files, folders, bytes } = (await find(name)) ?? {};
      expect(files).to.deep.equal([`${name}/a.txt`, `${name}/part/b.txt`]);
      expect(folders).to.have.members([`${name}/part`, `${name}/part/empty`]);
      expect(bytes).to.equal(10);
    }
  });

  it('finds a compressed file with or without its suffix', async () => {
    for (const name of ['zip.txt', 'zip.txt.gz']) {
      expect(await find(name)).to.deep.include({ name: 'zip.txt.gz', files: ['zip.txt.gz'], folders: [] });
    }
  });

  it('finds the readable files of a folder with unreadable ones, but no folders', async () => {
    await chmod(path('book/a.txt'), 0);
    expect(await find('book')).to.deep.include({
      // By its own name, the link is a dictionary.
      files: [['book/a.txt', 'unreadable_dictionary'], 'book/link/b.txt', 'book/part/b.txt'],
      folders: [],
      bytes: 10,
    });
  });

  it('reports a problem for a folder without readable files', async () => {
    await chmod(path('book/part'), 0);
    await chmod(path('book/a.txt'), 0);
    expect(await find('book')).to.deep.include({ files: [['book', 'unreadable_dictionary']], folders: [] });
  });

  it('returns undefined if there is no such dictionary', async () => {
    expect(await find('nope')).to.equal(undefined);
  });

  it('finds all dictionaries', async () => {
    expect((await findSources(dictionaries)).map(({ name }) => name)).to.deep.equal(['alias', 'book', 'zip.txt.gz']);
  });
});
