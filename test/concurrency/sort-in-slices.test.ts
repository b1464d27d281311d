import { expect } from 'chai';
import { sortInSlices } from '../../src/concurrency/sort-in-slices.js';
import { randomNumbers } from '../bench/words.js';

const never = new AbortController().signal;

describe('sortInSlices', () => {
  for (const length of [0, 1, 2, 1_023, 1_024, 1_025, 2_048, 3_000, 5_121, 40_000]) {
    it(`sorts ${length} values as Array.prototype.sort does`, async () => {
      const random = randomNumbers(length);
      // Equal keys show whether the order of equal values is kept.
      const values = Array.from({ length }, (_, index) => ({ key: Math.floor(random() * 500), index }));
      const byKey = (one: { key: number }, other: { key: number }) => one.key - other.key;
      const expected = [...values].sort(byKey);
      const sorted = await sortInSlices(values, byKey, never);
      expect(sorted).to.equal(values);
      expect(sorted.every((value, index) => value === expected[index])).to.equal(true);
    });
  }

  it('yields to the event loop', async () => {
    let immediates = 0;
    let isSorting = true;
    const count = () => {
      immediates += 1;
      if (isSorting) setImmediate(count);
    };
    setImmediate(count);
    // Each comparison takes long enough that slices expire.
    const values = Array.from({ length: 5_000 }, (_, index) => -index);
    await sortInSlices(values, slowly, never);
    isSorting = false;
    expect(immediates).to.be.above(3);
  });

  it('rejects with the reason of its signal', async () => {
    const controller = new AbortController();
    const sorting = sortInSlices(
      Array.from({ length: 5_000 }, (_, index) => -index),
      slowly,
      controller.signal,
    );
    controller.abort(new Error('gone'));
    const failure = await sorting.then(
      () => undefined,
      (error) => error.message,
    );
    expect(failure).to.equal('gone');
  });
});

function slowly(one: number, other: number): number {
  const end = performance.now() + 0.005;
  while (performance.now() < end);
  return one - other;
}
