import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { openGrep as open } from '../../../../src/search/engines/grep/grep-engine.js';
import { createSearchCounts } from '../../../../src/search/search-counts.js';
import { engineOptions } from '../../../helpers/queries.js';
import { buildIndexes, usedIndexes } from '../../index/build-indexes.js';
import { engineContract } from '../engine-contract.js';

describe('with an index of every dictionary', () => {
  let clock: SinonFakeTimers;
  before(() => {
    // A folder that has settled would be packed. With this clock, it never settles.
    clock = useFakeTimers({ toFake: ['Date'], now: Date.now() });
  });
  after(() => {
    clock.restore();
    const { pruned, proved_absent } = counts.index.searches;
    expect(pruned).to.be.above(20);
    expect(proved_absent).to.be.above(0);
  });
  const counts = createSearchCounts();

  engineContract('GrepEngine', async (dictionariesDir) => {
    const dir = join(dictionariesDir, '..', 'index');
    if (!existsSync(dir)) await buildIndexes({ dictionariesDir, dir });
    return open(engineOptions({ dictionariesDir, defaultDictionary: 'plain.txt', counts, index: usedIndexes(dir) }));
  });
});
