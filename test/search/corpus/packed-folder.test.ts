import { fstatSync, readSync } from 'node:fs';
import { expect } from 'chai';
import sinon from 'sinon';
import { UnlinkedFile } from '../../../src/process/unlinked-file.js';
import type { DictionaryFile } from '../../../src/search/corpus/dictionary-file.js';
import { Pace } from '../../../src/search/corpus/pace.js';
import { type PackedFolder, Packer } from '../../../src/search/corpus/packed-folder.js';

const never = new AbortController().signal;
const pace = new Pace(never);

describe('PackedFolder', () => {
  let packed: PackedFolder | undefined;
  afterEach(() => {
    packed?.close();
    packed = undefined;
  });

  const fileOf = (path: string): DictionaryFile => {
    return { path, realPath: path, bytes: 0, modifiedMs: 1, id: '1:1', version: `version of ${path}`, changedMs: 2 };
  };

  async function pack(texts: Record<string, string>, maxBytes = 1_000_000): Promise<PackedFolder> {
    const packer = new Packer(maxBytes);
    for (const [path, text] of Object.entries(texts)) {
      expect(packer.add(fileOf(path), Buffer.from(text)), path).to.equal(true);
    }
    packed = await packer.pack(pace);
    return packed as PackedFolder;
  }

  async function textOf(chunks: AsyncIterable<Buffer>): Promise<string> {
    const all: Buffer[] = [];
    for await (const chunk of chunks) all.push(chunk);
    return Buffer.concat(all).toString();
  }

  it('contains the texts one after the other, each with a line end', async () => {
    const open = (await pack({ a: 'a1\na2\n', b: 'b1\nb2', c: '', d: '\n', e: 'é' })).open();
    try {
      const text = 'a1\na2\nb1\nb2\n\né\n';
      expect(await textOf(open.read(never))).to.equal(text);
      expect(open.bytes).to.equal(Buffer.byteLength(text));
      const sections = open.sections.map(({ file, ...section }) => ({ path: file.path, ...section }));
      expect(sections).to.deep.equal([
        { path: 'a', start: 0, end: 6, firstLine: 1, lines: 2, lineInFile: 1 },
        { path: 'b', start: 6, end: 12, firstLine: 3, lines: 2, lineInFile: 1 },
        { path: 'c', start: 12, end: 12, firstLine: 5, lines: 0, lineInFile: 1 },
        { path: 'd', start: 12, end: 13, firstLine: 5, lines: 1, lineInFile: 1 },
        { path: 'e', start: 13, end: 16, firstLine: 6, lines: 1, lineInFile: 1 },
      ]);
    } finally {
      open.close();
    }
  });

  it('returns the text, version and traits of each file', async () => {
    const open = (await pack({ a: 'a\r\n', b: '%\nb\n', c: 'c%\n', d: '' })).open();
    try {
      const texts = open.sections.map((_, index) => open.textOf(index));
      expect(await Promise.all(texts.map(({ read }) => textOf(read(never))))).to.deep.equal([
        'a\r\n',
        '%\nb\n',
        'c%\n',
        '',
      ]);
      expect(texts.map(({ path, version }) => [path, version])[1]).to.deep.equal(['b', 'version of b']);
      const having = async (trait: 'crlf' | 'fortune') => Promise.all(texts.map(({ has }) => has(trait, never)));
      expect(await having('crlf')).to.deep.equal([true, false, false, false]);
      expect(await having('fortune')).to.deep.equal([false, true, false, false]);
      expect(open.hasCrlf).to.equal(true);
    } finally {
      open.close();
    }
  });

  it('returns texts that are larger than a chunk', async () => {
    const long = `${'long '.repeat(50_000)}\n`;
    const open = (await pack({ a: long, b: 'b\n', c: long })).open();
    try {
      expect(await textOf(open.read(never))).to.equal(`${long}b\n${long}`);
      expect(await textOf(open.textOf(2).read(never))).to.equal(long);
    } finally {
      open.close();
    }
  });

  it('gives each search a file offset of its own, at the beginning', async () => {
    const folder = await pack({ a: 'a1\na2\n' });
    const [first, second] = [folder.open(), folder.open()];
    try {
      for (const { fd } of [first, second]) {
        const bytes = Buffer.alloc(3);
        // Without a position, reading moves the offset.
        readSync(fd, bytes, 0, bytes.length, null);
        expect(bytes.toString()).to.equal('a1\n');
      }
    } finally {
      first.close();
      second.close();
    }
  });

  it('stays readable for open searches after it is closed', async () => {
    const folder = await pack({ a: 'a\n' });
    const open = folder.open();
    folder.close();
    packed = undefined;
    try {
      expect(await textOf(open.read(never))).to.equal('a\n');
      expect(fstatSync(open.fd).nlink).to.equal(0);
    } finally {
      open.close();
    }
  });

  it('stops reading when the signal aborts', async () => {
    const open = (await pack({ a: 'x'.repeat(200_000) })).open();
    const controller = new AbortController();
    const reason = new Error('time is up');
    try {
      const chunks = open.read(controller.signal);
      expect((await chunks.next()).done).to.equal(false);
      controller.abort(reason);
      expect(await chunks.next().catch((error) => error)).to.equal(reason);
    } finally {
      open.close();
    }
  });

  it('is limited in size, with the line ends that it adds', async () => {
    const packer = new Packer(10);
    const add = (text: string) => packer.add(fileOf('a'), Buffer.from(text));
    expect([add('12345\n'), add('78901\n'), add('7890'), add('789'), add('')]).to.deep.equal([
      true,
      false,
      false,
      true,
      true,
    ]);
    packed = await packer.pack(pace);
    expect(packed?.sections.map(({ start, end }) => [start, end])).to.deep.equal([
      [0, 6],
      [6, 10],
      [10, 10],
    ]);
  });

  it('is undefined if it cannot be written, and leaves no file open', async () => {
    const packer = new Packer(10);
    packer.add(fileOf('a'), Buffer.from('a\n'));
    const write = sinon.stub(UnlinkedFile.prototype, 'write').returns(false);
    const close = sinon.spy(UnlinkedFile.prototype, 'close');
    try {
      expect(await packer.pack(pace)).to.equal(undefined);
      expect(close.callCount).to.equal(1);
    } finally {
      write.restore();
      close.restore();
    }
  });
});
