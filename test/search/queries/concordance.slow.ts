// Like `concordance.test.ts`, with many more questions.
import { expect } from 'chai';
import { compareWithGrepAndSort } from './concordance-questions.js';

/** Other questions: `QUERY_SEED=7`. More of them: `QUERY_QUESTIONS=10000`. */
const SEED = Number(process.env.QUERY_SEED ?? 20_261_128);
const QUESTIONS = Number(process.env.QUERY_QUESTIONS ?? 100);

describe('concordance', function () {
  this.timeout(600_000);

  it(`returns the lines that grep and sort produce (seed ${SEED})`, async () => {
    const rounds = Math.ceil(QUESTIONS / 100);
    const { asked, found, sorted } = await compareWithGrepAndSort({ seed: SEED, rounds, questions: 100 });
    expect(asked).to.be.at.least(QUESTIONS);
    // Otherwise the test would prove nothing.
    expect(found).to.be.above(0.4 * QUESTIONS);
    expect(sorted).to.be.above(0.2 * QUESTIONS);
  });
});
