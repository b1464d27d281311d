import { expect } from 'chai';
import type { Match } from '../../../src/search/engine.js';
import { coveredLines } from '../../../src/search/queries/covered-lines.js';

const QUOTE = { file: 'a.txt', line: 7, text: 'one\ntwo\nthree\n\nfive', before: [], after: [], matches: [] };

function cover(...matches: Match[]) {
  return coveredLines(QUOTE, matches).map(({ line, text, matches }) => [line, text, matches]);
}

describe('coveredLines', () => {
  it('returns the lines from the start to the end of a match', () => {
    expect(cover([2, 6])).to.deep.equal([[7, 'one\ntwo', [[2, 6]]]]);
    expect(cover([8, 13])).to.deep.equal([[9, 'three', [[0, 5]]]]);
  });

  it('returns one entry for matches that share a line', () => {
    const matches: Match[] = [
      [0, 1],
      [2, 5],
      [6, 9],
    ];
    expect(cover(...matches)).to.deep.equal([[7, 'one\ntwo\nthree', matches]]);
  });

  it('returns an entry for each of several lines', () => {
    expect(cover([0, 3], [4, 7], [15, 17])).to.deep.equal([
      [7, 'one', [[0, 3]]],
      [8, 'two', [[0, 3]]],
      [11, 'five', [[0, 2]]],
    ]);
  });

  it('includes the lines on both sides of a line end that is matched', () => {
    expect(cover([3, 4])).to.deep.equal([[7, 'one\ntwo', [[3, 4]]]]);
    expect(cover([13, 15])).to.deep.equal([[9, 'three\n\nfive', [[5, 7]]]]);
  });

  it('returns nothing for a quote without matches', () => {
    expect(cover()).to.deep.equal([]);
  });
});
