import { expect } from 'chai';
import { wordsOf } from '../../../src/search/queries/words.js';

const textsOf = (text: string) => Array.from(wordsOf(text), (word) => word.text);

describe('wordsOf', () => {
  it('finds runs of letters, digits and marks', () => {
    expect(textsOf('  The 2nd cafe\u0301, (日本語)\t\u{10400}x\u00a0_ 4.5')).to.deep.equal([
      ...['The', '2nd', 'cafe\u0301', '日本語', '\u{10400}x', '4', '5'],
    ]);
  });

  it('keeps single apostrophes and hyphens within a word', () => {
    expect(textsOf("don’t 'don't' -well-known- a--b rock'n'roll dogs' co-\nop")).to.deep.equal([
      ...['don’t', "don't", 'well-known', 'a', 'b', "rock'n'roll", 'dogs', 'co', 'op'],
    ]);
  });

  it('ignores marks that follow no letter or digit', () => {
    expect(textsOf('\u0301 \u2764\ufe0f -\u0301a')).to.deep.equal(['a']);
  });

  it('returns the offsets of each word', () => {
    const text = '😀 ab, \u{10400}c';
    const words = [...wordsOf(text)];
    expect(words.map(({ start, end }) => text.slice(start, end))).to.deep.equal(['ab', '\u{10400}c']);
    expect(words.map(({ text: word }) => word)).to.deep.equal(['ab', '\u{10400}c']);
  });
});
