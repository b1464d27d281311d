// The versions of dictionaries, which machines compare without reading the texts.
import { cp, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { Dictionaries } from '../../../src/search/corpus/dictionaries.js';
import { computeFingerprint } from '../../../src/search/corpus/dictionary-file.js';
import { tempFolder } from '../../helpers/temp-folder.js';

const SECONDS = 1_700_000_000;

describe('Dictionary version', () => {
  let one: string;
  let other: string;
  let remove: () => Promise<void>;
  beforeEach(async () => {
    const folder = await tempFolder();
    remove = folder.remove;
    one = join(folder.path, 'one');
    other = join(folder.path, 'other');
    for (const name of ['book/a.txt', 'book/b/c.txt', 'quotes.txt', 'packed.txt.gz']) {
      await cp(import.meta.filename, join(one, name));
      if (name.endsWith('.gz')) await writeFile(join(one, name), gzipSync('love\n'));
      await utimes(join(one, name), SECONDS, SECONDS);
    }
    await symlink('quotes.txt', join(one, 'link.txt'));
    await symlink('../quotes.txt', join(one, 'book', 'link.txt'));
    await cp(one, other, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  });
  afterEach(() => remove());

  async function versions(folder: string): Promise<Record<string, string>> {
    const { dictionaries } = await (await Dictionaries.open(folder)).list();
    return Object.fromEntries(dictionaries.map(({ name, version }) => [name, version]));
  }

  /** Returns the dictionaries whose versions differ, or that exist in one folder only. */
  async function differing(): Promise<string[]> {
    const [left, right] = await Promise.all([versions(one), versions(other)]);
    return Object.keys({ ...left, ...right }).filter((name) => left[name] !== right[name]);
  }

  it('is equal for files that were copied with their times, also in folders, compressed or linked', async () => {
    expect(await versions(one)).to.have.all.keys('book', 'link.txt', 'packed.txt.gz', 'quotes.txt');
    expect(await differing()).to.deep.equal([]);
  });

  const changes: [title: string, change: (folder: string) => Promise<void>, differing: string[]][] = [
    ['touched', (folder) => utimes(join(folder, 'book/b/c.txt'), SECONDS, SECONDS + 1), ['book']],
    ['touched back in time', (folder) => utimes(join(folder, 'packed.txt.gz'), SECONDS, 1), ['packed.txt.gz']],
    [
      'truncated without changing its modification time',
      async (folder) => {
        await truncate(join(folder, 'quotes.txt'), 10);
        await utimes(join(folder, 'quotes.txt'), SECONDS, SECONDS);
      },
      // The links point to it.
      ['book', 'link.txt', 'quotes.txt'],
    ],
    ['renamed', (folder) => rename(join(folder, 'book/a.txt'), join(folder, 'book/b/a.txt')), ['book']],
    ['removed', (folder) => rm(join(folder, 'book/b/c.txt')), ['book']],
    [
      'added, empty',
      async (folder) => {
        await writeFile(join(folder, 'book/d.txt'), '');
      },
      ['book'],
    ],
  ];
  for (const [title, change, expected] of changes) {
    it(`changes if a file was ${title}`, async () => {
      await change(other);
      expect((await differing()).sort()).to.deep.equal(expected);
    });
  }

  it('ignores fractions of a second, which copies lose, and files outside the dictionary', async () => {
    await utimes(join(other, 'quotes.txt'), SECONDS, SECONDS + 0.75);
    await writeFile(join(other, 'book/.partial'), 'hidden');
    expect(await differing()).to.deep.equal([]);
  });

  it('does not depend on the name of the dictionary', () => {
    const file = { bytes: 5, modifiedMs: 1_000 };
    expect(computeFingerprint('a', [{ path: 'a/x.txt', ...file }])).to.equal(
      computeFingerprint('bb', [{ path: 'bb/x.txt', ...file }]),
    );
  });

  it('is stable across releases', () => {
    const files = [
      { path: 'book/a.txt', bytes: 5, modifiedMs: 1_700_000_000_999 },
      { path: 'book/b.txt', bytes: 0, modifiedMs: -1 },
    ];
    expect(computeFingerprint('book', files)).to.equal('06d896d480dd');
  });
});
