import { expect } from 'chai';
import { ForkedOutput } from '../../../src/search/grep/forked-output.js';

describe('ForkedOutput', () => {
  const END = 'a'.repeat(32);
  const endOf = (status: string, end = END) => `\0${end} ${status.padStart(3)}\n`;

  for (const bytes of [1, 2, 7, 37, 38, 39, 1000]) {
    it(`finds the end marker in chunks of ${bytes} bytes`, () => {
      const text = `one\n${endOf('0', 'b'.repeat(32))}${END}\ntwo\n`;
      const all = Buffer.from(text + endOf('1'));
      const output = new ForkedOutput(END, 1000);
      for (let at = 0; at < all.length; at += bytes) {
        const status = output.add(all.subarray(at, at + bytes));
        expect(status).to.equal(at + bytes >= all.length ? 1 : undefined);
      }
      expect(output.end()).to.deep.equal({ stdout: Buffer.from(text), isComplete: true });
    });

    it(`keeps at most maxBytes of chunks of ${bytes} bytes`, () => {
      const all = Buffer.from('one\n'.repeat(500) + endOf('0'));
      const output = new ForkedOutput(END, 10);
      let status: number | undefined;
      for (let at = 0; at < all.length; at += bytes) status = output.add(all.subarray(at, at + bytes));
      expect(status).to.equal(0);
      expect(output.end()).to.deep.equal({ stdout: Buffer.from('one\none\non'), isComplete: false });
    });
  }
});
