import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { encode } from 'iconv-lite';
import { Dictionaries } from '../../../src/search/corpus/dictionaries.js';
import { createScanBudget, EncodingScans, type ScanBudget } from '../../../src/search/corpus/encoding-scans.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

const CAFE = Buffer.from('café', 'latin1');
const never = new AbortController().signal;
const GERMAN = 'Wer immer strebend sich bemüht, den können wir erlösen.\n'.repeat(20);

describe('EncodingScans', () => {
  let folder: TempFolder;
  let dictionaries: Dictionaries;
  let scans: EncodingScans;
  beforeEach(async () => {
    folder = await tempFolder();
    dictionaries = await Dictionaries.open(folder.path);
    scans = new EncodingScans({ root: dictionaries.root.path, maxDecompressedBytes: 1_000_000 });
  });
  afterEach(async () => {
    await scans.close();
    await folder.remove();
  });

  async function write(path: string, bytes: Buffer | string): Promise<void> {
    await mkdir(join(folder.path, path, '..'), { recursive: true });
    await writeFile(join(folder.path, path), bytes);
  }
  async function describeText(name: string, budget: ScanBudget = createScanBudget()) {
    const found = await dictionaries.find(name);
    const { encoding, warning } = await scans.describe(name, found, budget, never);
    return { encoding, warning };
  }

  for (const [title, path, bytes, encoding] of [
    ['UTF-8', 'a.txt', 'é', 'utf-8'],
    ['an empty text', 'a.txt', '', 'utf-8'],
    ['a declared encoding', 'a.latin1', Buffer.of(0xe9), 'latin1'],
    ['a declared encoding of a compressed text', 'a.koi8-r.gz', gzipSync(Buffer.of(0xe9)), 'koi8-r'],
    ['a byte order mark', 'a.txt', encode('é', 'utf-16be', { addBOM: true }), 'utf-16be'],
    ['a byte order mark in a compressed text', 'a.gz', gzipSync(encode('é', 'utf-16le', { addBOM: true })), 'utf-16le'],
    ['a compressed text that is damaged', 'a.gz', 'not compressed', null],
  ] as const) {
    it(`knows the encoding of a text by ${title}`, async () => {
      await write(path, bytes);
      expect(await describeText(path)).to.deep.equal({ encoding, warning: undefined });
    });
  }

  it('says what to do about a text that declares no encoding', async () => {
    await write('faust.txt', Buffer.from(GERMAN, 'latin1'));
    expect(await describeText('faust.txt')).to.deep.equal({
      encoding: null,
      warning:
        "looks like Latin-1: accented letters won't match; rename it to faust.txt.latin1, or convert it with `iconv -f latin1 -t utf8`",
    });
    await write('faust.gz', gzipSync(Buffer.from(GERMAN, 'latin1')));
    expect((await describeText('faust.gz')).warning).to.include('rename it to faust.latin1.gz, or decompress it and');
    await write('u.txt', encode('whale\n'.repeat(9), 'utf-16le'));
    expect((await describeText('u.txt')).warning).to.include(
      "looks like UTF-16LE without a byte order mark: words won't match; rename it to u.txt.utf-16le",
    );
    await write('damaged.txt', Buffer.from([...Buffer.from('é'.repeat(20)), 0xff]));
    expect((await describeText('damaged.txt')).warning).to.include("isn't valid UTF-8");
  });

  it('describes a folder by what its files have in common', async () => {
    await write('same/a.koi8-r', '');
    await write('same/b.koi8-r', '');
    expect(await describeText('same')).to.deep.equal({ encoding: 'koi8-r', warning: undefined });
    await write('mixed/a.koi8-r', '');
    await write('mixed/b', '');
    expect((await describeText('mixed')).encoding).to.equal('mixed');
    await write('bad/a', CAFE);
    expect((await describeText('bad')).encoding).to.equal(null);
    await write('bad/b', CAFE);
    await write('bad/c', '');
    const { encoding, warning } = await describeText('bad');
    expect(encoding).to.equal('mixed');
    expect(warning).to.match(/^has 2 files that aren't in UTF-8: for example, bad\/a looks like Latin-1: /);
  });

  it('scans beyond the budget in the background, once for each version', async () => {
    await write('folder/a', CAFE);
    await write('folder/b', 'b');
    await write('c', CAFE);
    const none = () => ({ bytes: 0, files: 0 });
    for (const name of ['folder', 'c']) {
      expect(await describeText(name, none())).to.deep.equal({ encoding: null, warning: undefined });
    }
    await scans.settled();
    expect((await describeText('folder', none())).warning).to.include('folder/a looks like Latin-1');
    expect((await describeText('folder', none())).encoding).to.equal('mixed');
    expect((await describeText('c', none())).warning).to.include('looks like Latin-1');
    await write('c', 'now in UTF-8: é');
    expect(await describeText('c', none())).to.deep.equal({ encoding: null, warning: undefined });
    await scans.settled();
    expect((await describeText('c', none())).encoding).to.equal('utf-8');
  });

  it('waits only for as much as the budget allows', async () => {
    for (const name of ['a', 'b', 'c']) await write(name, 'text');
    const budget = { bytes: 8, files: 3 };
    const encodings = [];
    for (const name of ['a', 'b', 'c']) encodings.push((await describeText(name, budget)).encoding);
    expect(encodings).to.deep.equal(['utf-8', 'utf-8', null]);
  });

  it('ends a scan when it closes', async () => {
    await write('bomb.gz', gzipSync(Buffer.alloc(20_000_000)));
    const slow = new EncodingScans({ root: dictionaries.root.path, maxDecompressedBytes: 2 ** 40 });
    const found = await dictionaries.find('bomb.gz');
    await slow.describe('bomb.gz', found, { bytes: 0, files: 0 }, never);
    await slow.close();
    await slow.settled();
  });
});
