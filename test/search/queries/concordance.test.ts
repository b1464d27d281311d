// `concordance.slow.ts` asks many more questions.
import { expect } from 'chai';
import { compareWithGrepAndSort } from './concordance-questions.js';

describe('concordance', function () {
  this.timeout(30_000);

  it('has the lines that grep and sort give', async () => {
    const { asked, found, sorted } = await compareWithGrepAndSort({ seed: 21, rounds: 2, questions: 40 });
    expect(asked).to.equal(80);
    // Otherwise the test would prove nothing.
    expect(found).to.be.above(30);
    expect(sorted).to.be.above(20);
  });
});
