import { expect } from 'chai';
import fc from 'fast-check';
import { encode } from 'iconv-lite';
import { detectEncoding } from '../../../src/search/corpus/detect-encoding.js';
import { split } from '../../helpers/encoded-texts.js';

async function detect(chunks: Buffer | Buffer[]) {
  async function* source() {
    yield* Array.isArray(chunks) ? chunks : [chunks];
  }
  return detectEncoding(source());
}

const UTF8 = { isDecoded: true, name: 'utf-8' };

describe('detectEncoding', () => {
  it('accepts UTF-8, wherever chunks end', async () => {
    const text = Buffer.from('aé漢😀\n\0');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(4), { maxLength: 14 }), async (lengths) => {
        expect(await detect(split(text, lengths))).to.deep.equal(UTF8);
      }),
      { seed: 1, numRuns: 300 },
    );
    expect(await detect([])).to.deep.equal(UTF8);
  });

  it('agrees with TextDecoder on what is UTF-8, wherever chunks end', async () => {
    const byte = fc.constantFrom(0x61, 0x80, 0xbf, 0xc3, 0xe2, 0x82, 0xac, 0xed, 0xa0, 0xf0, 0x9f, 0x98, 0xf5, 0xc0);
    let valid = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(byte, { maxLength: 6 }), fc.array(fc.nat(3)), async (bytes, lengths) => {
        let isUtf8 = true;
        try {
          new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes));
          valid += 1;
        } catch {
          isUtf8 = false;
        }
        expect((await detect(split(Buffer.from(bytes), lengths))).isDecoded).to.equal(isUtf8);
      }),
      { seed: 1, numRuns: 2000 },
    );
    expect(valid).to.be.within(200, 1800);
  });

  for (const [encoding, text] of [
    ['latin1', 'Wer immer strebend sich bemüht, den können wir erlösen.\n'],
    ['latin1', 'café\n'],
    ['windows-1252', 'It’s a “café”.\n'],
    ['koi8-r', 'Все счастливые семьи похожи друг на друга.\n'],
    ['windows-1251', 'Все счастливые семьи похожи друг на друга.\n'],
    ['shift_jis', '吾輩は猫である。名前はまだ無い。\n'],
    ['gb18030', '学而时习之，不亦说乎？有朋自远方来，不亦乐乎？\n'],
    ['utf-16le', 'The whale.\n'],
    ['utf-16be', 'Кит.\r\n'],
    ['utf-16le', '吾輩は猫である。\n名前はまだ無い。\n'],
  ] as const) {
    it(`guesses ${encoding} of ${JSON.stringify(text)}`, async () => {
      for (const count of text.length > 20 ? [20, 2000] : [1, 2000]) {
        const bytes = Buffer.from(encode(text.repeat(count), encoding));
        const detected = await detect(split(bytes, [1, 2, 65_536]));
        expect(detected).to.deep.equal({ isDecoded: false, name: encoding });
      }
    });
  }

  it('guesses from what surrounds the first letter that is not ASCII', async () => {
    const text = 'The whale.\n'.repeat(100_000);
    const bytes = Buffer.from(`${text}Wer strebend sich bemüht, den können wir erlösen.\n`.repeat(2), 'latin1');
    expect(await detect(split(bytes, [70_000, 500_000]))).to.deep.equal({ isDecoded: false, name: 'latin1' });
  });

  it('guesses nothing for a text in UTF-8 that is damaged, or for other files', async () => {
    const damaged = Buffer.concat([Buffer.from('Größe und Güte\n'.repeat(100)), Buffer.of(0xff, 0x0a)]);
    expect(await detect(damaged)).to.deep.equal({ isDecoded: false, name: undefined });
    const binary = Buffer.from(Array.from({ length: 10_000 }, (_, at) => (at * 7919) % 256));
    expect(await detect(binary)).to.deep.equal({ isDecoded: false, name: undefined });
    expect(await detect(Buffer.from('name\0value\0name2\0value2\0'))).to.deep.equal(UTF8);
  });
});
