import { expect } from 'chai';
import { logLikelihood } from '../../../src/search/queries/log-likelihood.js';

describe('logLikelihood', () => {
  // Dunning, "Accurate Methods for the Statistics of Surprise and Coincidence" (1993), table 1: words
  // beside each other, the first without the second, the second without the first, and neither.
  for (const [pair, both, first, second, neither, expected] of [
    ['the swiss', 110, 2442, 111, 29114, 270.72],
    ['can be', 29, 13, 123, 31612, 263.9],
  ] as const) {
    it(`is ${expected} for "${pair}", as published`, () => {
      const positions = both + first;
      const actual = logLikelihood({
        count: both,
        positions,
        frequency: both + second,
        words: positions + second + neither,
      });
      expect(actual).to.be.closeTo(expected, 0.005);
    });
  }

  it('is 0 for a word that is as frequent in the positions as elsewhere', () => {
    expect(logLikelihood({ count: 3, positions: 30, frequency: 7, words: 70 })).to.equal(0);
    expect(logLikelihood({ count: 30, positions: 30, frequency: 70, words: 70 })).to.equal(0);
  });

  it('is positive for a word that is less frequent in the positions', () => {
    // 2 (1 ln(1·100/(10·50)) + 49 ln(49·100/(90·50)) + 9 ln(9·100/(10·50)) + 41 ln(41·100/(90·50)))
    expect(logLikelihood({ count: 1, positions: 10, frequency: 50, words: 100 })).to.equal(8.0733);
  });

  it('compares words that never occur elsewhere', () => {
    // 2 (2 ln(2·4/(2·2)) + 2 ln(2·4/(2·2)))
    expect(logLikelihood({ count: 2, positions: 2, frequency: 2, words: 4 })).to.equal(5.5452);
  });
});
