// The same answers with and without an index. `indexed-questions.slow.ts` asks many more questions.
import { expect } from 'chai';
import { compareWithIndex } from './indexed-questions.js';

describe('GrepEngine with an index', function () {
  this.timeout(30_000);

  it('answers 150 generated questions as without one', async () => {
    const { asked, pruned, absent, found } = await compareWithIndex({ seed: 20, rounds: 3, questions: 50 });
    expect(asked).to.equal(150);
    // Otherwise the test would prove nothing.
    expect(pruned).to.be.above(20);
    expect(absent).to.be.above(5);
    expect(found).to.be.above(40);
  });
});
