// Like the generated requests of `search-route.test.ts`, but many more.
import { expect } from 'chai';
import { useFixtureApp } from '../../helpers/use-app.js';
import { compareWithPost, generatedFields, searchFields } from './search-questions.js';

/** Other requests: `SEARCH_SEED=$RANDOM`. More of them: `SEARCH_QUESTIONS=10000`. */
const SEED = Number(process.env.SEARCH_SEED ?? 20_261_128);
const QUESTIONS = Number(process.env.SEARCH_QUESTIONS ?? 200);

describe('GET /api/v1/search', function () {
  this.timeout(600_000);
  const suite = useFixtureApp();

  it(`answers ${QUESTIONS} generated requests as a POST`, async () => {
    const { succeeded, failed } = await compareWithPost(suite.app, { seed: SEED, questions: QUESTIONS });
    // Otherwise the test would prove nothing.
    expect(succeeded).to.be.above(0.4 * QUESTIONS);
    expect(failed).to.be.above(0.1 * QUESTIONS);
  });

  it('is tested with every field', () => {
    expect([...generatedFields]).to.include.members([...searchFields]);
  });
});
