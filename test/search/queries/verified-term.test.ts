// `verified-term.slow.ts` asks many more questions.
import { expect } from 'chai';
import { compareVerified } from './verified-questions.js';

describe('phrases and terms without marks', function () {
  this.timeout(30_000);

  it('match what grep finds in texts whose line ends and marks were replaced', async () => {
    const { asked, found } = await compareVerified({ seed: 21, rounds: 2, questions: 20 });
    expect(asked).to.equal(40);
    expect(found).to.be.above(10);
  });
});
