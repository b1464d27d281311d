// The engine that the service uses: grep behind its wrappers.
import { join } from 'node:path';
import { expect } from 'chai';
import { collect, type SearchQuery } from '../../src/search/engine.js';
import { openEngine as open } from '../../src/search/open-engine.js';
import { createSearchCounts } from '../../src/search/search-counts.js';
import { closeAfterEach } from '../helpers/close-after-each.js';
import { PROJECT } from '../helpers/project.js';
import { allQuery, engineOptions, searchQuery } from '../helpers/queries.js';
import { differential } from './engines/differential.js';
import { codeOf, engineContract } from './engines/engine-contract.js';

engineContract('openEngine', (dictionariesDir) =>
  open(engineOptions({ dictionariesDir, defaultDictionary: 'plain.txt' })),
);

differential('openEngine', {
  open: (dictionariesDir) => open(engineOptions({ dictionariesDir, searchQueue: 100 })),
  runs: 20,
});

describe('openEngine', () => {
  const openEngine = closeAfterEach(open);

  it('counts searches, batches and greps', async () => {
    const dictionariesDir = join(PROJECT, 'dictionaries');
    const counts = createSearchCounts();
    const engine = await openEngine(engineOptions({ dictionariesDir, searchesPerWorker: 2, searchQueue: 4, counts }));
    const never = new AbortController().signal;
    const search = (more: Partial<SearchQuery>) => codeOf(collect(engine.search(searchQuery(more), never)));
    const unbatchable = { syntax: 'word', ignore_case: true } as const;

    await search({ term: 'love', ...unbatchable });
    await search({ term: 'no such words', ...unbatchable });
    await search({ term: '(', syntax: 'regex' });
    expect(counts.greps).to.include({ found: 1, not_found: 1, cancelled: 0 });
    expect(counts.greps.failed).to.be.at.least(1);

    await Promise.all(Array.from({ length: 5 }, (_, n) => search({ term: `term ${n}` })));
    expect(counts.batched).to.equal(5);
    expect(counts.greps.found + counts.greps.not_found).to.equal(3);

    const many = Array.from({ length: 9 }, (_, n) => search({ term: `term ${n}`, ...unbatchable }));
    await new Promise((resolve) => setImmediate(resolve));
    expect(counts).to.include({ running: 2, waiting: 4, rejected: 3 });
    await Promise.all(many);

    const left = new AbortController();
    const answer = engine.all(allQuery({ dictionary: 'king-james-bible.txt' }), left.signal);
    await answer.next();
    left.abort(new Error('gone'));
    await answer.next().catch(() => {});
    expect(counts).to.include({ running: 0, waiting: 0, rejected: 3 });
    expect(counts.greps.cancelled).to.equal(1);
  });

  it('answers as many searches as there are slots if there is no queue, and rejects the others', async () => {
    const dictionariesDir = join(PROJECT, 'dictionaries');
    const engine = await openEngine(engineOptions({ dictionariesDir, searchesPerWorker: 3, searchQueue: 0 }));
    const outcomes = Array.from({ length: 5 }, (_, n) =>
      codeOf(collect(engine.search(searchQuery({ term: `term ${n}` }), new AbortController().signal))),
    );
    expect(await Promise.all(outcomes)).to.deep.equal(['none', 'none', 'none', 'too_busy', 'too_busy']);
  });
});
