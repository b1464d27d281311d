// Searches of some files, compared with grep. `selected-files.slow.ts` asks many more questions.
import { expect } from 'chai';
import { compareSelectionsOfGrep } from './selected-files.js';

describe('GrepEngine with globs for files', function () {
  this.timeout(60_000);

  it('answers 40 generated questions as grep does for the selected files', async () => {
    const { asked, found, partial, pruned } = await compareSelectionsOfGrep({
      seed: 21,
      folders: [15],
      questions: 40,
    });
    expect(asked).to.equal(40);
    // Otherwise the test would prove nothing.
    expect(found).to.be.above(7);
    expect(partial).to.be.above(12);
    expect(pruned).to.be.above(2);
  });
});
