// Like the questions of `frequencies.test.ts`, but many more.
import { expect } from 'chai';
import { compareWithSort } from './frequency-questions.js';

/** Other questions: `QUERY_SEED=$RANDOM`. More of them: `QUERY_QUESTIONS=10000`. */
const SEED = Number(process.env.QUERY_SEED ?? 20_261_128);
const QUESTIONS = Number(process.env.QUERY_QUESTIONS ?? 100);
const QUESTIONS_PER_ROUND = 50;

describe('countTexts', function () {
  this.timeout(1_800_000);

  it(`answers ${QUESTIONS} generated questions as grep, sort and uniq do`, async () => {
    const { asked, found, weighed, failed } = await compareWithSort({
      seed: SEED,
      rounds: Math.ceil(QUESTIONS / QUESTIONS_PER_ROUND),
      questions: QUESTIONS_PER_ROUND,
    });
    expect(asked).to.be.at.least(QUESTIONS);
    // Otherwise the test would prove nothing.
    expect(found).to.be.above(0.15 * QUESTIONS);
    expect(weighed).to.be.above(0.15 * QUESTIONS);
    expect(failed).to.be.above(0.005 * QUESTIONS);
  });
});
