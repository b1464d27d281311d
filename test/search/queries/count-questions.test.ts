// The same counts as those of grep and awk. `count-questions.slow.ts` asks many more questions.
import { expect } from 'chai';
import { compareCounts } from './count-questions.js';

describe('count', function () {
  this.timeout(30_000);

  it('answers 40 generated questions like grep and awk', async () => {
    const { asked, found, empty, pruned } = await compareCounts({ seed: 11, rounds: 1, questions: 40 });
    expect(asked).to.be.above(35);
    // Otherwise the test would prove nothing.
    expect(found).to.be.above(12);
    expect(empty).to.be.above(1);
    expect(pruned).to.be.above(1);
  });
});
