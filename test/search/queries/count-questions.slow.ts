// Like `count-questions.test.ts`, with many more questions.
import { expect } from 'chai';
import { compareCounts } from './count-questions.js';

/** Other questions: `QUERY_SEED=$RANDOM`. More of them: `QUERY_QUESTIONS=10000`. */
const SEED = Number(process.env.QUERY_SEED ?? 20_261_128);
const QUESTIONS = Number(process.env.QUERY_QUESTIONS ?? 100);
const QUESTIONS_PER_ROUND = 100;

describe('count', function () {
  this.timeout(1_800_000);

  it(`answers ${QUESTIONS} generated questions like grep and awk`, async () => {
    const { asked, found, failed, empty, pruned } = await compareCounts({
      seed: SEED,
      rounds: Math.ceil(QUESTIONS / QUESTIONS_PER_ROUND),
      questions: QUESTIONS_PER_ROUND,
    });
    expect(asked).to.be.above(0.9 * QUESTIONS);
    // Otherwise the test would prove nothing.
    expect(found).to.be.above(0.3 * QUESTIONS);
    expect(failed).to.be.above(0.001 * QUESTIONS);
    expect(empty).to.be.above(0.02 * QUESTIONS);
    expect(pruned).to.be.above(0.05 * QUESTIONS);
  });
});
