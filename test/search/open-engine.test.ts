// The engine as the service has it: its wrappers around grep.
import { join } from 'node:path';
import { expect } from 'chai';
import { collect } from '../../src/search/engine.js';
import { openEngine } from '../../src/search/open-engine.js';
import { PROJECT } from '../helpers/project.js';
import { engineOptions, searchQuery } from '../helpers/queries.js';
import { differential } from './differential.js';
import { codeOf, engineContract } from './engine-contract.js';

engineContract('openEngine', (dictionariesDir) =>
  openEngine(engineOptions({ dictionariesDir, defaultDictionary: 'plain.txt' })),
);

differential('openEngine', (dictionariesDir) => openEngine(engineOptions({ dictionariesDir, searchQueue: 100 })));

describe('openEngine', () => {
  it('answers as many at once as there are places where there is no queue, and refuses the others', async () => {
    const dictionariesDir = join(PROJECT, 'dictionaries');
    const engine = await openEngine(engineOptions({ dictionariesDir, searchesPerWorker: 3, searchQueue: 0 }));
    const outcomes = Array.from({ length: 5 }, (_, n) =>
      codeOf(collect(engine.search(searchQuery({ term: `term ${n}` }), new AbortController().signal))),
    );
    expect(await Promise.all(outcomes)).to.deep.equal(['none', 'none', 'none', 'too_busy', 'too_busy']);
  });
});
