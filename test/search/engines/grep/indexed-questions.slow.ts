// Like `indexed-questions.test.ts`, with many more questions.
import { expect } from 'chai';
import { compareWithIndex } from './indexed-questions.js';

/** Other questions: `INDEX_SEED=$RANDOM`. More of them: `INDEX_QUESTIONS=10000`. */
const SEED = Number(process.env.INDEX_SEED ?? 20_261_128);
const QUESTIONS = Number(process.env.INDEX_QUESTIONS ?? 300);
const QUESTIONS_PER_ROUND = 100;

describe('GrepEngine with an index', function () {
  this.timeout(1_800_000);

  it(`answers ${QUESTIONS} generated questions as without one`, async () => {
    const { asked, pruned, absent, found, failed } = await compareWithIndex({
      seed: SEED,
      rounds: Math.ceil(QUESTIONS / QUESTIONS_PER_ROUND),
      questions: QUESTIONS_PER_ROUND,
    });
    expect(asked).to.be.at.least(QUESTIONS);
    // Otherwise the test would prove nothing.
    expect(pruned).to.be.above(0.2 * QUESTIONS);
    expect(absent).to.be.above(0.1 * QUESTIONS);
    expect(found).to.be.above(0.4 * QUESTIONS);
    expect(failed).to.be.above(0.005 * QUESTIONS);
  });
});
