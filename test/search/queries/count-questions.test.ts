// The same counts as those of grep and awk. `count-questions.slow.ts` asks many more questions.
import { expect } from 'chai';
import { compareCounts } from './count-questions.js';

describe('count', function () {
  this.timeout(30_000);

  it('answers 80 generated questions like grep and awk', async () => {
    const { asked, found, empty, pruned } = await compareCounts({ seed: 11, rounds: 2, questions: 40 });
    expect(asked).to.be.above(70);
    // Otherwise the test would prove nothing.
    expect(found).to.be.above(25);
    expect(empty).to.be.above(2);
    expect(pruned).to.be.above(3);
  });
});
