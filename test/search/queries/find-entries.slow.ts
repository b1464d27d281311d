import { expect } from 'chai';
import { compareWithSets } from './boolean-questions.js';

const SEED = Number(process.env.QUERY_SEED ?? 20_261_128);
const QUESTIONS = Number(process.env.QUERY_QUESTIONS ?? 50);

describe('queries of several conditions', function () {
  this.timeout(600_000);

  it(`find the entries that set operations on the entries of each term produce (seed ${SEED})`, async () => {
    const { asked, truncated } = await compareWithSets({
      seed: SEED,
      rounds: Math.ceil(QUESTIONS / 50),
      questions: 50,
    });
    expect(asked).to.be.at.least(QUESTIONS);
    expect(truncated).to.be.below(asked / 10);
  });
});
