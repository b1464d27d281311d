import { expect } from 'chai';
import { removeMarks, unmarkedText } from '../../../src/search/queries/marks.js';

describe('removeMarks', () => {
  it('gives the same text for precomposed and decomposed characters', () => {
    expect(removeMarks('López')).to.equal('Lopez');
    expect(removeMarks('Lo\u0301pez')).to.equal('Lopez');
  });

  it('removes the marks of the decomposition of every character', () => {
    for (let codePoint = 0; codePoint < 0x11_0000; codePoint += 1) {
      if (codePoint === 0xd800) codePoint = 0xe000;
      const character = String.fromCodePoint(codePoint);
      const bases = [...character.normalize('NFD')].filter((each) => !/\p{M}/u.test(each));
      if (removeMarks(character) !== bases.join('')) expect.fail(`U+${codePoint.toString(16)}`);
    }
  });

  it('leaves other characters as they are', () => {
    expect(removeMarks('straße ﬁ 😀')).to.equal('straße ﬁ 😀');
  });
});

describe('unmarkedText', () => {
  const original = (text: string, match: [number, number]) => text.slice(...unmarkedText(text).toOriginal(match));

  it('maps a match to the characters and all marks that follow them', () => {
    expect(original('xé\u0323\u0301y', [1, 2])).to.equal('é\u0323\u0301');
    expect(original('xe\u0301y', [0, 2])).to.equal('xe\u0301');
    expect(original('xe\u0301y', [2, 3])).to.equal('y');
  });

  it('excludes marks before the first character', () => {
    expect(original('\u0301\u0301ab', [0, 1])).to.equal('a');
  });

  it('maps a part of a Hangul syllable to the whole of it', () => {
    const text = 'a\uac01\u0301b';
    expect(unmarkedText(text).text).to.equal('a\u1100\u1161\u11a8b');
    for (const match of [
      [1, 2],
      [2, 4],
      [1, 3],
    ] as const) {
      expect(original(text, [...match])).to.equal('\uac01\u0301');
    }
  });

  it('counts UTF-16 code units', () => {
    expect(original('😀é😀', [2, 3])).to.equal('é');
    expect(original('é😀\u0301!', [1, 3])).to.equal('😀\u0301');
  });
});
