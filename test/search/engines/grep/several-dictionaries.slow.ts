// Many generated searches of several dictionaries.
import { expect } from 'chai';
import { compareSeveral } from './several-dictionaries.js';

const QUESTIONS = Number(process.env.QUERY_QUESTIONS ?? 20);

describe('GrepEngine with several dictionaries, at length', function () {
  this.timeout(300_000);

  it(`answers ${QUESTIONS} generated questions like one folder with the same files`, async () => {
    const { found } = await compareSeveral({ seed: Number(process.env.QUERY_SEED ?? 2_022), questions: QUESTIONS });
    expect(found).to.be.above(QUESTIONS / 4);
  });
});
