// The same answers with and without an index. `indexed-questions.slow.ts` asks many more questions.
import { expect } from 'chai';
import { compareWithIndex } from './indexed-questions.js';

describe('GrepEngine with an index', function () {
  this.timeout(30_000);

  it('answers 40 generated questions as without one', async () => {
    const { asked, pruned, absent, found } = await compareWithIndex({ seed: 20, rounds: 1, questions: 40 });
    expect(asked).to.equal(40);
    // Otherwise the test would prove nothing.
    expect(pruned).to.be.above(4);
    expect(absent).to.be.above(1);
    expect(found).to.be.above(10);
  });
});
