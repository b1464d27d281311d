import { expect } from 'chai';
import { TimeSlice } from '../../../src/concurrency/time-slice.js';
import { sortInSlices } from '../../../src/search/queries/sort-in-slices.js';
import { randomNumbers } from '../../bench/words.js';

describe('sortInSlices', () => {
  for (const length of [0, 1, 2, 1023, 1024, 1025, 5000]) {
    it(`sorts ${length} items, and keeps the order of equal ones`, async () => {
      const random = randomNumbers(length);
      const items = Array.from({ length }, (_, index) => ({ key: Math.floor(random() * 500), index }));
      const sorted = await sortInSlices(items, (one, other) => one.key - other.key, new TimeSlice());
      expect(sorted).to.deep.equal(items.toSorted((one, other) => one.key - other.key || one.index - other.index));
    });
  }

  it('lets other work run meanwhile', async () => {
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    });
    const items = Array.from({ length: 200_000 }, (_, index) => (index * 7_919) % 200_003);
    await sortInSlices(items, (one, other) => one - other, new TimeSlice());
    clearInterval(timer);
    expect(turns).to.be.above(1);
  });
});
