import { expect } from 'chai';
import fc from 'fast-check';
import { rowsOf } from '../../../src/search/index/rows.js';
import { foldCase, foldCodePoint, variantsOf } from '../../../src/search/pattern/case-folding.js';
import { foldBytes } from '../../../src/search/pattern/folded-bytes.js';
import { bytes, literal } from '../engines/generators.js';

/** Encodes a code point in UTF-8; unlike Buffer.from, also a surrogate. */
function encode(codePoint: number): Buffer {
  if (codePoint < 0xd800 || codePoint > 0xdfff) return Buffer.from(String.fromCodePoint(codePoint));
  return Buffer.of(0xe0 | (codePoint >> 12), 0x80 | ((codePoint >> 6) & 0x3f), 0x80 | (codePoint & 0x3f));
}

const allCodePoints = Array.from({ length: 0x110000 }, (_, code) => code);

describe('foldBytes', () => {
  it('folds every code point like foldCodePoint', () => {
    for (const code of allCodePoints) {
      const folded = foldBytes(encode(code));
      if (!folded.equals(encode(foldCodePoint(code)))) expect.fail(`${code.toString(16)}: ${folded.toString('hex')}`);
    }
  });

  it('folds texts like foldCase', () => {
    fc.assert(
      fc.property(fc.oneof(literal, fc.string({ unit: 'binary' })), (text) => {
        expect(foldBytes(Buffer.from(text)).toString()).to.equal(foldCase(Buffer.from(text).toString()));
      }),
      { numRuns: 200, seed: 20 },
    );
  });

  it('gives all case variants of a character the same bytes', () => {
    for (const code of allCodePoints.slice(0, 0x20000)) {
      for (const variant of variantsOf(code)) {
        if (!foldBytes(encode(variant)).equals(foldBytes(encode(code)))) expect.fail(`${code} and ${variant}`);
      }
    }
  });

  it('contains the folded bytes of any valid part, whatever bytes surround it', () => {
    fc.assert(
      fc.property(bytes, literal, bytes, (before, term, after) => {
        const text = foldBytes(Buffer.concat([before, Buffer.from(term), after]));
        expect(text.includes(foldBytes(Buffer.from(term)))).to.equal(true);
      }),
      { numRuns: 2_000, seed: 20 },
    );
  });

  it('leaves bytes that are no character as they are', () => {
    for (const hex of ['ff', 'c3', 'c341', 'e697', 'f09f98', 'c080', 'e08080', 'f08080af', 'f4908080', '80bf']) {
      const expected = Buffer.from(hex.replace('41', '61'), 'hex');
      expect(foldBytes(Buffer.from(hex, 'hex')).toString('hex')).to.equal(expected.toString('hex'));
    }
  });
});

describe('rowsOf', () => {
  it('has a row for each three bytes, and none for less', () => {
    expect(rowsOf(Buffer.from('ab'))).to.deep.equal([]);
    expect(rowsOf(Buffer.from('abc'))).to.have.length(1);
    expect(rowsOf(Buffer.from('abcabc'))).to.have.length(3);
    expect(rowsOf(Buffer.from('xxabcxx'))).to.include.members(rowsOf(Buffer.from('abc')));
  });
});
