// Like `damage.test.ts`, with many more damaged copies.
import { expect } from 'chai';
import { damagedCopies, makeDamagedFixture, searchDamaged } from './damage.js';

const SEED = Number(process.env.INDEX_SEED ?? 20_261_128);

describe('a damaged index', function () {
  this.timeout(900_000);

  it('changes no answer, whichever bit is wrong', async () => {
    const fixture = await makeDamagedFixture();
    try {
      const { copies, rejected } = await searchDamaged(fixture, damagedCopies(fixture.bytes, 250, SEED));
      expect(copies).to.equal(250);
      expect(rejected).to.be.above(170);
    } finally {
      await fixture.folder.remove();
    }
  });
});
