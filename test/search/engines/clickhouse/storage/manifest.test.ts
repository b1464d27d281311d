import { expect } from 'chai';
import {
  countOf,
  type LoadedFile,
  rangesOf,
  sliceRanges,
} from '../../../../../src/search/engines/clickhouse/storage/manifest.js';

/** Files with these numbers of lines, each line a quote of its own except the first. */
function createFiles(counts: number[]): LoadedFile[] {
  let linesBefore = 0;
  let quotesBefore = 0;
  return counts.map((lines, index) => {
    const quotes = Math.max(0, lines - 1);
    const file = { path: `f/${index}`, bytes: 0, modifiedMs: 0, linesBefore, quotesBefore, lines, quotes };
    linesBefore += lines;
    quotesBefore += quotes;
    return file;
  });
}

describe('rangesOf', () => {
  const files = createFiles([2, 0, 3, 1, 4]);
  const pick = (...indexes: number[]) => indexes.map((index) => files[index] as LoadedFile);

  it('merges the numbers of consecutive files', () => {
    expect(rangesOf(files, 'line')).to.deep.equal([[1, 10]]);
    expect(rangesOf(files, 'quote')).to.deep.equal([[1, 6]]);
    expect(rangesOf(pick(0, 2), 'line')).to.deep.equal([[1, 5]]);
    // File 3 has no quotes.
    expect(rangesOf(pick(2, 4), 'quote')).to.deep.equal([[2, 6]]);
  });

  it('separates those of other files', () => {
    expect(rangesOf(pick(0, 3, 4), 'line')).to.deep.equal([
      [1, 2],
      [6, 10],
    ]);
    expect(rangesOf(pick(0, 2, 4), 'line')).to.deep.equal([
      [1, 5],
      [7, 10],
    ]);
  });

  it('returns no range for files without any', () => {
    expect(rangesOf(pick(1), 'line')).to.deep.equal([]);
    expect(rangesOf(pick(1, 3), 'quote')).to.deep.equal([]);
    expect(rangesOf([], 'line')).to.deep.equal([]);
  });
});

describe('sliceRanges', () => {
  const ranges: [number, number][] = [
    [3, 5],
    [7, 7],
    [10, 14],
  ];
  const all = [3, 4, 5, 7, 10, 11, 12, 13, 14];

  it('returns the numbers at these positions', () => {
    expect(countOf(ranges)).to.equal(all.length);
    for (let start = 0; start <= all.length; start += 1) {
      for (let end = start; end <= all.length + 1; end += 1) {
        const sliced = sliceRanges(ranges, start, end);
        const numbers = sliced.flatMap(([first, last]) => all.filter((number) => first <= number && number <= last));
        expect(numbers, `${start} to ${end}`).to.deep.equal(all.slice(start, end));
        expect(countOf(sliced)).to.equal(numbers.length);
      }
    }
  });
});
