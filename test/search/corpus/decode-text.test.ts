import { expect } from 'chai';
import fc from 'fast-check';
import { decode, encode } from 'iconv-lite';
import { decodeText } from '../../../src/search/corpus/decode-text.js';
import { ENCODINGS } from '../../../src/search/corpus/encodings.js';
import { LETTERS, split } from '../../helpers/encoded-texts.js';

async function textOf(bytes: Buffer | Buffer[], declared?: string): Promise<string> {
  async function* source() {
    yield* Array.isArray(bytes) ? bytes : [bytes];
  }
  const parts: Buffer[] = [];
  for await (const part of decodeText(source(), { declared })) parts.push(part);
  return Buffer.concat(parts).toString('latin1');
}

/** What the tests compare: bytes as Latin-1. */
const utf8 = (text: string) => Buffer.from(text).toString('latin1');

describe('decodeText', () => {
  it('strips the mark of UTF-8 at the start only, wherever chunks end', async () => {
    const chunk = fc.constantFrom('\xef', '\xbb', '\xbf', '\xef\xbb\xbf', '\xef\xbb\xbfa', 'a\n', '');
    await fc.assert(
      fc.asyncProperty(fc.array(chunk, { maxLength: 6 }), async (texts) => {
        const decoded = await textOf(texts.map((text) => Buffer.from(text, 'latin1')));
        expect(decoded).to.equal(texts.join('').replace(/^\xef\xbb\xbf/, ''));
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  for (const { name } of ENCODINGS) {
    it(`decodes ${name}, wherever chunks end`, async () => {
      const letters = fc.constantFrom(...(LETTERS[name] as string), 'a', ' ', '\n', '\r\n');
      await fc.assert(
        fc.asyncProperty(fc.array(letters, { maxLength: 20 }), fc.infiniteStream(fc.nat(4)), async (all, lengths) => {
          const text = all.join('');
          const bytes = encode(text, name);
          expect(decode(bytes, name), 'the letters of the test are in the encoding').to.equal(text);
          expect(await textOf(split(bytes, lengths), name)).to.equal(utf8(text));
        }),
        { seed: 1, numRuns: 200 },
      );
    });
  }

  for (const name of ['utf-16le', 'utf-16be']) {
    it(`recognizes ${name} by its mark, and a mark overrides what is declared`, async () => {
      const text = 'a😀\n\ufeffé';
      const bytes = encode(text, name, { addBOM: true });
      expect(await textOf(bytes)).to.equal(utf8(text));
      for (const declared of ['latin1', 'utf-16le', 'utf-16be', 'gb18030']) {
        expect(await textOf(split(bytes, [1, 1, 0, 3]), declared)).to.equal(utf8(text));
      }
    });

    it(`turns lone surrogates and half a code unit of ${name} into U+FFFD`, async () => {
      const bytes = Buffer.concat([encode('a\ud83db\ude00c😀\ud83d', name), Buffer.of(0x41)]);
      for (const lengths of [[], [1], [3], [5, 4, 1]]) {
        expect(await textOf(split(bytes, lengths), name)).to.equal(utf8('a\ufffdb\ufffdc😀\ufffd\ufffd'));
      }
    });
  }

  it('leaves a text with the mark of UTF-32 as it is', async () => {
    const bytes = Buffer.of(0xff, 0xfe, 0, 0, 0x41, 0, 0, 0);
    expect(await textOf(bytes)).to.equal(bytes.toString('latin1'));
  });

  for (const [name, bytes] of [
    ['shift_jis', [0x61, 0x82]],
    ['euc-jp', [0x61, 0xa4]],
    ['gb18030', [0x61, 0x81]],
    ['big5', [0x61, 0xa4]],
    ['euc-kr', [0x61, 0xb0]],
    ['gb18030', [0x61, 0x84, 0x31, 0xa5, 0x30]],
    ['gb18030', [0x61, 0xe3, 0x32, 0x9a, 0x36]],
    ['windows-1253', [0x61, 0xd2]],
    ['iso-8859-7', [0x61, 0xff]],
  ] as const) {
    it(`turns what isn't a character of ${name} into U+FFFD: ${Buffer.from(bytes).toString('hex')}`, async () => {
      for (const lengths of [[], [1], [2], [3, 1]]) {
        expect(await textOf(split(Buffer.from(bytes), lengths), name)).to.equal(utf8('a\ufffd'));
      }
    });
  }

  it('loses nothing where a character that is invalid in its encoding is in two chunks', async () => {
    for (const [name, first] of [
      ['shift_jis', 0x82],
      ['gb18030', 0x81],
      ['big5', 0xa4],
    ] as const) {
      const bytes = Buffer.concat([Buffer.of(0x61, first), Buffer.from('\nabc')]);
      for (const lengths of [[], [2], [1, 1, 1, 1, 1]]) {
        expect(await textOf(split(bytes, lengths), name)).to.equal(utf8('a\ufffd\nabc'));
      }
    }
  });

  it('reports the encoding in which it reads a text', async () => {
    const encodingOf = async (bytes: Buffer, declared?: string) => {
      const names: string[] = [];
      async function* source() {
        if (bytes.length > 0) yield bytes;
      }
      const onEncoding = (name: string) => names.push(name);
      for await (const _ of decodeText(source(), { declared, onEncoding }));
      return names;
    };
    expect(await encodingOf(Buffer.alloc(0))).to.deep.equal(['utf-8']);
    expect(await encodingOf(Buffer.from('abcdef'))).to.deep.equal(['utf-8']);
    expect(await encodingOf(Buffer.from('a'), 'koi8-r')).to.deep.equal(['koi8-r']);
    expect(await encodingOf(Buffer.of(0xfe, 0xff), 'koi8-r')).to.deep.equal(['utf-16be']);
  });
});
