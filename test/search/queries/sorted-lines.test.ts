import { expect } from 'chai';
import { MAX_SORTED_LENGTH, MAX_SORTED_LINES, SortedLines } from '../../../src/search/queries/sorted-lines.js';

const lineOf = (line: number, right = '') => ({ file: 'a.txt', line, left: '<', match: 'love', right });

async function flush(lines: SortedLines, offset = 0): Promise<number[]> {
  const numbers: number[] = [];
  for await (const batch of lines.flush(offset)) numbers.push(...batch.map(({ line }) => line));
  return numbers;
}

const never = new AbortController().signal;

describe('SortedLines', () => {
  it('returns the lines with the lowest keys, and those with equal keys in the order of adding', async () => {
    const lines = new SortedLines('left', 4, never);
    for (const [line, key] of ['c', 'b', '', 'b', 'a', 'b', 'd'].entries()) lines.add(key, lineOf(line));
    expect(await flush(lines)).to.deep.equal([2, 4, 1, 3]);
    expect(await flush(lines, 3)).to.deep.equal([3]);
  });

  it('orders surrogates in keys, even lone ones', async () => {
    const lines = new SortedLines('left', 9, never);
    for (const [line, key] of ['\ud802', '\ud801', '\ue000'].entries()) lines.add(key, lineOf(line));
    expect(await flush(lines)).to.deep.equal([1, 0, 2]);
  });

  it('returns the parts of each line', async () => {
    const lines = new SortedLines('left', 4, never);
    const line = { file: 'é.txt', line: 7, left: '😀 ', match: 'é', right: ' 日本' };
    lines.add('key', line);
    expect((await lines.flush(0).next()).value).to.deep.equal([line]);
  });

  it('rejects keys that are too high once it is full', async () => {
    const lines = new SortedLines('left', 2, never);
    let added = 0;
    while (!lines.isFull) lines.add(String.fromCharCode(0x100 + added), lineOf(added++));
    expect(added).to.be.below(10_000);
    await lines.sort();
    expect([0x100, 0x101, 0x102].map((code) => lines.mayInclude(String.fromCharCode(code)))).to.deep.equal([
      ...[true, false, false],
    ]);
    expect(lines.isFull).to.equal(false);
  });

  it('is full at its bounds', () => {
    for (const count of [10, MAX_SORTED_LINES + 1, Number.POSITIVE_INFINITY]) {
      const short = new SortedLines('left', count, never);
      let added = 0;
      while (!short.isFull && added <= MAX_SORTED_LINES) short.add('', lineOf(added++));
      expect(short.isFull).to.equal(true);
      const long = new SortedLines('left', count, never);
      const right = 'x'.repeat(MAX_SORTED_LENGTH / 8);
      for (added = 0; !long.isFull && added < 8; added += 1) long.add('', lineOf(added, right));
      expect(long.isFull).to.equal(true);
    }
  });
});
