// Like `indexed-questions.test.ts`, with many more questions.
import { expect } from 'chai';
import { compareWithIndex } from './indexed-questions.js';

/** Other questions: `INDEX_SEED=$RANDOM`. */
const SEED = Number(process.env.INDEX_SEED ?? 20_261_128);

describe('GrepEngine with an index', function () {
  this.timeout(1_800_000);

  it('answers 10,000 generated questions as without one', async () => {
    const { asked, pruned, absent, found, failed } = await compareWithIndex({
      seed: SEED,
      rounds: 100,
      questions: 100,
    });
    expect(asked).to.equal(10_000);
    // Otherwise the test would prove nothing.
    expect(pruned).to.be.above(2_000);
    expect(absent).to.be.above(1_000);
    expect(found).to.be.above(4_000);
    expect(failed).to.be.above(50);
  });
});
