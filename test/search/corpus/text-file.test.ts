import { rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { encode } from 'iconv-lite';
import { type DictionaryFile, toDictionaryFile } from '../../../src/search/corpus/dictionary-file.js';
import { TextFile } from '../../../src/search/corpus/text-file.js';
import { withoutCr } from '../../../src/search/corpus/without-cr.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';
import { codeOf } from '../engines/engine-contract.js';

const never = new AbortController().signal;

/** A text with many line ends of all kinds, in chunks of any size. */
const chunks = fc.array(
  fc.array(fc.constantFrom('\r', '\n', '%', 'a', ' '), { minLength: 1, maxLength: 5 }).map((text) => text.join('')),
  { maxLength: 8 },
);

async function textOf(source: AsyncIterable<Buffer>): Promise<string> {
  const parts: string[] = [];
  for await (const chunk of source) parts.push(chunk.toString('latin1'));
  return parts.join('');
}

describe('withoutCr', () => {
  it('turns each \\r\\n and a final \\r into \\n, and keeps other \\r, wherever chunks end', async () => {
    await fc.assert(
      fc.asyncProperty(chunks, async (texts) => {
        async function* source() {
          for (const text of texts) yield Buffer.from(text, 'latin1');
        }
        expect(await textOf(withoutCr(source()))).to.equal(texts.join('').replace(/\r\n/g, '\n').replace(/\r$/, '\n'));
      }),
      { seed: 1, numRuns: 1000 },
    );
  });
});

describe('TextFile', () => {
  let folder: TempFolder;
  beforeEach(async () => {
    folder = await tempFolder();
  });
  afterEach(() => folder.remove());

  async function find(path: string): Promise<DictionaryFile> {
    const stats = await stat(join(folder.path, path), { bigint: true });
    return toDictionaryFile(path, stats);
  }

  async function openText(name: string, bytes: Buffer | string, maxDecompressedBytes = 1_000_000): Promise<TextFile> {
    const path = join(folder.path, name);
    await writeFile(path, bytes);
    const file = await find(name);
    const text = await TextFile.open({ root: folder.path, file, maxDecompressedBytes });
    return text ?? expect.fail('The file was not opened');
  }

  it('detects CRLF, and lines of % alone', async () => {
    await fc.assert(
      fc.asyncProperty(chunks, fc.boolean(), async (texts, isCompressed) => {
        const text = texts.join('');
        const file = await openText(isCompressed ? 'a.gz' : 'a', isCompressed ? gzipSync(text) : text);
        expect(await file.has('crlf', never), JSON.stringify(text)).to.equal(/\r(\n|$)/.test(text));
        const isFortune = text.split(/\r?\n/).some((line) => /^%\r?$/.test(line));
        expect(await file.has('fortune', never), JSON.stringify(text)).to.equal(isFortune);
        await file.close();
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  for (const [title, offset] of [
    ['at the boundary of two chunks', 0],
    ['before it', -1],
    ['behind it', 1],
  ] as const) {
    it(`detects a line of % ${title}`, async () => {
      const text = Buffer.alloc(3 * 2 ** 20, 'x');
      text.write('\n%\r\n', 2 ** 20 + offset - 2);
      const file = await openText('a', text);
      expect(await file.has('fortune', never)).to.equal(true);
      expect(await file.has('crlf', never)).to.equal(true);
      await file.close();
    });
  }

  it('detects a line of % after many other %', async () => {
    const many = '%%%\n'.repeat(1000);
    for (const [text, isFortune] of [
      [`${many}%\n`, true],
      [`${many}%\r\n`, true],
      [many, false],
    ] as const) {
      const file = await openText('a', text);
      expect(await file.has('fortune', never)).to.equal(isFortune);
      await file.close();
    }
  });

  it('reads a compressed file with several members', async () => {
    const file = await openText('a.gz', Buffer.concat([gzipSync('one\n'), gzipSync('two\n')]));
    expect(await textOf(file.read(never))).to.equal('one\ntwo\n');
    expect(await textOf(file.read(never))).to.equal('one\ntwo\n');
    file.close();
  });

  for (const [title, bytes, message] of [
    ['is not compressed at all', Buffer.from('plain text'), 'cannot be decompressed: incorrect header check'],
    ['is truncated', gzipSync('x'.repeat(1000)).subarray(0, -9), 'cannot be decompressed: unexpected end of file'],
    [
      'has another member after zeros, as zcat warns',
      Buffer.concat([gzipSync('one'), Buffer.alloc(512), gzipSync('two')]),
      'cannot be decompressed: trailing garbage',
    ],
    ['decompresses to more than the limit', gzipSync(Buffer.alloc(1_000_001)), 'decompresses to more than the limit'],
  ] as const) {
    it(`rejects a file that ${title}`, async () => {
      const file = await openText('a.gz', bytes);
      const failure = textOf(file.read(never));
      expect(await codeOf(failure)).to.equal('damaged_dictionary');
      expect(await failure.catch((error) => error.message)).to.equal(`The file "a.gz" ${message}.`);
      await file.close();
    });
  }

  it('rejects a file whose text is larger than the limit once it is decoded', async () => {
    const text = await openText('a.koi8-r', Buffer.alloc(600_000, 0xe9));
    expect(await codeOf(textOf(text.read(never)))).to.equal('damaged_dictionary');
    text.close();
    const small = await openText('a.koi8-r', Buffer.alloc(500_000, 0xe9));
    expect(await codeOf(textOf(small.read(never)))).to.equal('none');
    small.close();
  });

  it('decodes a text that declares an encoding, or is in UTF-16 with a mark', async () => {
    const utf16 = encode('é\r\n%\n', 'utf-16le', { addBOM: true });
    for (const [name, bytes] of [
      ['a.latin1', Buffer.from('é\r\n%\n', 'latin1')],
      ['a.latin1.gz', gzipSync(Buffer.from('é\r\n%\n', 'latin1'))],
      ['a', utf16],
      ['a.gz', gzipSync(utf16)],
    ] as const) {
      const text = await openText(name, bytes);
      expect(text.needsDecoding).to.equal(true);
      expect(await textOf(text.read(never))).to.equal(Buffer.from('é\r\n%\n').toString('latin1'));
      expect(await text.has('crlf', never)).to.equal(true);
      expect(await text.has('fortune', never)).to.equal(true);
      expect(await text.countWords(never)).to.equal(2);
      text.close();
    }
    const plain = await openText('a', 'é');
    expect(plain.needsDecoding).to.equal(false);
    plain.close();
  });

  it('ignores trailing zeros in a compressed file, like zcat', async () => {
    const file = await openText('a.gz', Buffer.concat([gzipSync('one\n'), Buffer.alloc(100_000)]));
    expect(await textOf(file.read(never))).to.equal('one\n');
    file.close();
  });

  it('reads a text without its byte order mark repeatedly, and reports all bytes that it reads', async () => {
    for (const name of ['a', 'a.gz']) {
      const bytes = Buffer.from('\ufeff\ufeffone\n');
      const file = await openText(name, name === 'a' ? bytes : gzipSync(bytes));
      for (let times = 0; times < 2; times += 1) {
        let bytesRead = 0;
        const text = await textOf(
          file.read(never, (count) => {
            bytesRead += count;
          }),
        );
        expect(Buffer.from(text, 'latin1').toString()).to.equal('\ufeffone\n');
        expect(bytesRead).to.equal(file.file.bytes);
      }
      file.close();
    }
  });

  it('strips no byte order mark from compressed data', async () => {
    const file = await openText('a.gz', '\ufeff');
    expect(await codeOf(textOf(file.read(never)))).to.equal('damaged_dictionary');
    file.close();
  });

  it('stops decompressing a decompression bomb early', async () => {
    // It decompresses to a thousand times its size, which would take longer than the timeout.
    const bomb = Buffer.concat(Array(64).fill(gzipSync(Buffer.alloc(2 ** 28), { level: 9 })));
    const file = await openText('a.gz', bomb);
    expect(await codeOf(textOf(file.read(never)))).to.equal('damaged_dictionary');
    file.close();
  });

  it('stops when the signal aborts', async () => {
    const file = await openText('a', Buffer.alloc(10_000_000));
    const controller = new AbortController();
    const reader = file.read(controller.signal);
    await reader.next();
    controller.abort(new Error('enough'));
    expect(await reader.next().catch((error) => error.message)).to.equal('enough');
    file.close();
  });

  it('does not open a file that was replaced after it was found', async () => {
    await writeFile(join(folder.path, 'a'), 'one\n');
    const file = await find('a');
    await writeFile(join(folder.path, 'b'), 'two\n');
    await rename(join(folder.path, 'b'), join(folder.path, 'a'));
    expect(await TextFile.open({ root: folder.path, file, maxDecompressedBytes: 1 })).to.equal(undefined);
  });
});
