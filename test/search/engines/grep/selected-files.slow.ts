// Like `selected-files.test.ts`, with many more questions, also about folders of many files.
import { expect } from 'chai';
import { compareSelectionsOfGrep, MANY_FILES } from './selected-files.js';

/** Other questions: `QUERY_SEED=$RANDOM`. More of them: `QUERY_QUESTIONS=10000`. */
const SEED = Number(process.env.QUERY_SEED ?? 20_261_128);
const QUESTIONS = Number(process.env.QUERY_QUESTIONS ?? 64);
const FOLDERS = [1, 7, 15, 15, 30, 30, 60, 60];
const MANY_QUESTIONS = 15;

describe('GrepEngine with globs for files', function () {
  this.timeout(1_800_000);

  it(`answers ${QUESTIONS} generated questions as grep does for the selected files`, async () => {
    const questions = Math.ceil(QUESTIONS / FOLDERS.length);
    const { asked, found, partial, pruned } = await compareSelectionsOfGrep({
      seed: SEED,
      folders: FOLDERS,
      questions,
    });
    expect(asked).to.be.at.least(QUESTIONS);
    // Otherwise the test would prove nothing.
    expect(found).to.be.above(0.15 * QUESTIONS);
    expect(partial).to.be.above(0.3 * QUESTIONS);
    expect(pruned).to.be.above(0.05 * QUESTIONS);
  });

  it(`answers ${MANY_QUESTIONS} questions about most of ${MANY_FILES} files, opened by name`, async () => {
    const options = { seed: SEED, folders: [MANY_FILES], questions: MANY_QUESTIONS, onlyExcludes: true };
    const { found, partial } = await compareSelectionsOfGrep(options);
    expect(found).to.be.above(0.3 * MANY_QUESTIONS);
    expect(partial).to.be.above(0.3 * MANY_QUESTIONS);
  });
});
