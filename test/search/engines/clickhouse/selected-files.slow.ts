// Searches of some files in a cluster, compared with grep.
import { join } from 'node:path';
import { expect } from 'chai';
import type { SearchEngine } from '../../../../src/search/engine.js';
import { MAX_RANGES_PER_QUERY } from '../../../../src/search/engines/clickhouse/query/line-reader.js';
import { openEngine } from '../../../../src/search/open-engine.js';
import { describeWithClickHouse, type Nodes, startNodes } from '../../../helpers/clickhouse.js';
import { loadFolder } from '../../../helpers/load-folder.js';
import { engineOptions, searchQuery } from '../../../helpers/queries.js';
import type { ReferenceFile } from '../../../helpers/reference.js';
import { type TempFolder, tempFolder } from '../../../helpers/temp-folder.js';
import { compareAll, compareSearch } from '../differential.js';
import { compareSelections, writeDictionaries } from '../selected-files.js';

/** Other questions: `QUERY_SEED=$RANDOM`. More of them: `QUERY_QUESTIONS=1000`. */
const SEED = Number(process.env.QUERY_SEED ?? 20_261_128);
const QUESTIONS = Number(process.env.QUERY_QUESTIONS ?? 50);
/** The lines of every second file take more than one query. */
const MANY_FILES = 3 * MAX_RANGES_PER_QUERY;

describeWithClickHouse('A cluster of three shards, with globs for files', function () {
  this.timeout(600_000);
  let nodes: Nodes;
  let folder: TempFolder;
  before(async () => {
    nodes = await startNodes([1, 1, 1]);
    folder = await tempFolder();
  });
  after(async () => {
    await nodes.leave();
    await folder.remove();
  });

  for (const count of [40, MANY_FILES]) {
    it(`answers ${QUESTIONS} questions about ${count} files as grep does for the selected files`, async () => {
      const dictionariesDir = join(folder.path, String(count));
      const dictionaries = writeDictionaries(dictionariesDir, count, SEED);
      await loadFolder(dictionariesDir, nodes);
      const options = engineOptions({ dictionariesDir, searchTimeoutMs: 60_000, searchQueue: 100 });
      const engine: SearchEngine = await openEngine({ ...options, engine: 'clickhouse', urls: nodes.urls });
      const tally = { asked: 0, found: 0, partial: 0 };
      try {
        await compareSelections([engine], dictionaries, { seed: SEED, questions: QUESTIONS }, tally);
        await compareEverySecond(engine, dictionaries[0]?.files ?? []);
      } finally {
        await engine.close();
      }
      expect(tally.found).to.be.above(0.15 * QUESTIONS);
      expect(tally.partial).to.be.above(0.3 * QUESTIONS);
    });
  }
});

async function compareEverySecond(engine: SearchEngine, files: ReferenceFile[]): Promise<void> {
  const even = files.filter(({ path }) => /\/b-\d*[02468]$/.test(path));
  const globs = { dictionary: 'some', files: ['b-*[02468]'], format: 'object' } as const;
  for (const unit of ['line', 'quote'] as const) {
    for (const page of [{}, { nresults: 100, offset: 200 }]) {
      const query = { ...globs, ...page, unit, n_before: 1, n_after: 1 };
      await compareSearch(engine, even, searchQuery({ ...query, term: 'a' }));
      await compareSearch(engine, even, searchQuery({ ...query, term: 'a|^$', syntax: 'regex' }));
      await compareSearch(engine, even, searchQuery({ ...query, term: 'x|y|.', syntax: 'regex' }));
      await compareAll(engine, even, searchQuery({ ...query }));
    }
  }
}
