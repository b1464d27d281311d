import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { IndexCache } from '../../../src/search/index/index-cache.js';
import { IndexFile } from '../../../src/search/index/index-file.js';
import { UnusableIndexError } from '../../../src/search/index/index-header.js';
import { IndexStore } from '../../../src/search/index/index-store.js';
import { FORMAT_VERSION } from '../../../src/search/index/index-tables.js';
import { buildIndex, type Rejection, withVersion } from './build-indexes.js';
import {
  type DamagedFixture,
  damagedCopies,
  expectRowDamageDetected,
  makeDamagedFixture,
  searchDamaged,
} from './damage.js';

describe('a damaged index', () => {
  let fixture: DamagedFixture;
  beforeEach(async () => {
    fixture = await makeDamagedFixture();
  });
  afterEach(() => fixture.folder.remove());

  it('changes no answer, and is reported once', async () => {
    const { copies, rejected } = await searchDamaged(fixture, damagedCopies(fixture.bytes, 24, 20));
    expect(copies).to.equal(24);
    expect(rejected).to.be.above(12);
  });

  it('is detected by any flipped bit of a row that is read', () => {
    const fd = openSync(fixture.path, 'r+');
    try {
      const flips = expectRowDamageDetected(fixture.path, (offset, byte) =>
        writeSync(fd, Buffer.of(byte), 0, 1, offset),
      );
      expect(flips).to.be.above(800);
    } finally {
      closeSync(fd);
    }
  });

  it('changes no answer if it is empty, of another format version, or another file', async () => {
    const { bytes } = fixture;
    const copies = [
      { title: 'empty', copy: Buffer.alloc(0) },
      { title: 'zeros', copy: Buffer.alloc(100_000) },
      { title: 'another file', copy: Buffer.from('love\n'.repeat(1_000)) },
      ...[FORMAT_VERSION - 1, FORMAT_VERSION + 1].map((version) => ({
        title: `version ${version}`,
        copy: Buffer.concat([withVersion(bytes, version), bytes.subarray(64)]),
      })),
    ];
    const { rejected } = await searchDamaged(fixture, copies);
    expect(rejected).to.equal(copies.length);
    expect(existsSync(fixture.path)).to.equal(false);
  });

  it('changes no answer if it is no regular file', async () => {
    const { path } = fixture;
    for (const [title, make] of [
      ['a folder', () => mkdirSync(path)],
      ['a FIFO', () => execFileSync('mkfifo', [path])],
      ['a link to itself', () => symlinkSync(path, path)],
      ['a link to a FIFO', () => symlinkSync(join(dirname(path), 'fifo'), path)],
      ['a link to another file', () => symlinkSync('/etc/hostname', path)],
    ] as const) {
      rmSync(path, { recursive: true, force: true });
      make();
      const store = new IndexStore(fixture.dir, fixture.dictionariesDir);
      expect(store.list(), title).to.deep.equal([]);
      // Without a copy, nothing replaces it, so it is as it is for both searches.
      const { copies } = await searchDamaged(fixture, []);
      expect(copies).to.equal(0);
    }
  });
});

describe('IndexCache', () => {
  let fixture: DamagedFixture;
  let rejections: Rejection[];
  let cache: IndexCache;
  beforeEach(async () => {
    fixture = await makeDamagedFixture();
    rejections = [];
    cache = new IndexCache({
      store: new IndexStore(fixture.dir, fixture.dictionariesDir),
      onRejected: (rejection) => rejections.push(rejection),
    });
  });
  afterEach(async () => {
    cache.close();
    await fixture.folder.remove();
  });

  const build = () => buildIndex('book', fixture);

  it('keeps an index open until it is replaced and nobody uses it', async () => {
    const first = cache.acquire('book') as IndexFile;
    expect(cache.acquire('book')).to.equal(first);
    await build();
    const second = cache.acquire('book') as IndexFile;
    expect(second).not.to.equal(first);
    // Both are still readable.
    first.row(0, 0);
    second.row(0, 0);
    first.release();
    first.release();
    const { fd } = second;
    second.release();
    cache.close();
    expect(fd).to.be.above(0);
    expect(readdirSync('/proc/self/fd')).not.to.include(`${fd}`);
  });

  it('removes a damaged index, and uses the one that replaces it', async () => {
    writeFileSync(fixture.path, 'love\n'.repeat(100));
    expect(cache.acquire('book')).to.equal(undefined);
    expect(cache.acquire('book')).to.equal(undefined);
    expect(rejections).to.deep.equal([{ dictionary: 'book', reason: 'not an index of grepd' }]);
    expect(existsSync(fixture.path)).to.equal(false);
    await build();
    cache.acquire('book')?.release();
    expect(rejections).to.have.length(1);
    expect(existsSync(fixture.path)).to.equal(true);
  });

  it('does not remove the index that has replaced a damaged one', async () => {
    const old = cache.acquire('book') as IndexFile;
    await build();
    const replacement = cache.acquire('book') as IndexFile;
    cache.reject(old, new UnusableIndexError('damaged row'));
    expect(rejections).to.deep.equal([]);
    const again = cache.acquire('book') as IndexFile;
    expect(again).to.equal(replacement);
    expect(existsSync(fixture.path)).to.equal(true);
    for (const index of [old, replacement, again]) index.release();
  });

  it('rejects the index of another dictionary', async () => {
    writeFileSync(new IndexStore(fixture.dir, fixture.dictionariesDir).pathOf('other'), fixture.bytes);
    expect(cache.acquire('other')).to.equal(undefined);
    expect(rejections).to.deep.equal([{ dictionary: 'other', reason: 'of another dictionary' }]);
  });
});

describe('IndexFile', () => {
  it('reports a file that can no longer be read as unusable', async () => {
    const fixture = await makeDamagedFixture();
    try {
      const index = IndexFile.open(fixture.path);
      const row = index.segment(0).rowLengths.findIndex((length) => length > 0);
      closeSync(index.fd);
      expect(() => index.row(0, row)).to.throw(UnusableIndexError, 'EBADF');
    } finally {
      await fixture.folder.remove();
    }
  });
});
