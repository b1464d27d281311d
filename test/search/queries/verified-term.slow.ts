import { expect } from 'chai';
import { compareVerified } from './verified-questions.js';

const SEED = Number(process.env.QUERY_SEED ?? 20_261_128);
const QUESTIONS = Number(process.env.QUERY_QUESTIONS ?? 50);

describe('phrases and terms without marks', function () {
  this.timeout(600_000);

  it(`match what grep finds in texts whose line ends and marks were replaced (seed ${SEED})`, async () => {
    const { asked } = await compareVerified({ seed: SEED, rounds: Math.ceil(QUESTIONS / 50), questions: 50 });
    expect(asked).to.be.at.least(QUESTIONS);
  });
});
