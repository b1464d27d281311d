import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { countWords } from '../../../src/search/corpus/count-words.js';
import { randomNumbers } from '../../bench/words.js';

describe('countWords', () => {
  async function* inChunks(text: Buffer, size: number) {
    for (let at = 0; at < text.length; at += size) yield text.subarray(at, at + size);
  }

  it('counts runs of bytes other than ASCII white space', async () => {
    for (const [text, words] of [
      ['', 0],
      [' \t\n\v\f\r', 0],
      ['a', 1],
      ['a b\tc\nd\ve\ff\rg', 7],
      ['  two  words  ', 2],
      ['a\0b \x01 \x7f', 3],
      ['one\u00a0word \u2003', 2],
    ] as const) {
      for (const size of [1, 2, 100]) expect(await countWords(inChunks(Buffer.from(text), size)), text).to.equal(words);
    }
  });

  it('counts like awk in texts of any bytes', async () => {
    const random = randomNumbers(7);
    for (let round = 0; round < 10; round += 1) {
      const spaces = Buffer.from(' \t\n\v\f\r');
      const byte = () => (random() < 0.3 ? (spaces[Math.floor(random() * spaces.length)] as number) : random() * 256);
      const text = Buffer.from(Array.from({ length: 2_000 }, byte));
      const command = "tr '\\v\\f\\r' '   ' | awk '{ n += NF } END { print n + 0 }'";
      const words = execFileSync('sh', ['-c', command], { input: text, env: { ...process.env, LC_ALL: 'C' } });
      expect(await countWords(inChunks(text, 1 + Math.floor(random() * 500)))).to.equal(Number(words));
    }
  });
});
