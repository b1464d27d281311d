// `find-entries.slow.ts` asks many more questions.
import { expect } from 'chai';
import { compareWithSets } from './boolean-questions.js';

describe('queries of several conditions', function () {
  this.timeout(30_000);

  it('find the entries that set operations on the entries of each term produce', async () => {
    const { asked, found, truncated } = await compareWithSets({ seed: 21, rounds: 1, questions: 20 });
    expect(asked).to.equal(20);
    expect(truncated).to.be.below(asked / 10);
    expect(found).to.be.above(5);
  });
});
