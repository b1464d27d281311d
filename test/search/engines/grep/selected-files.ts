// Searches of some files of a dictionary, in each way that grepd reads them, with and without an
// index. Not a test file itself.
import { join } from 'node:path';
import { restore, useFakeTimers } from 'sinon';
import type { SearchEngine } from '../../../../src/search/engine.js';
import { maxFilesPerGrep } from '../../../../src/search/engines/grep/open-files.js';
import { openEngine } from '../../../../src/search/open-engine.js';
import { createSearchCounts } from '../../../../src/search/search-counts.js';
import { engineOptions } from '../../../helpers/queries.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import { buildIndexes, usedIndexes } from '../../index/build-indexes.js';
import { compareSelections, type Tally, writeDictionaries } from '../selected-files.js';

export interface SelectionOptions {
  seed: number;
  /** The number of files of each folder. */
  folders: readonly number[];
  /** The number of questions about each folder. */
  questions: number;
  /** As in `compareSelections`. */
  onlyExcludes?: boolean;
}

/** So many that grep opens most of a part of them by their names. */
export const MANY_FILES = 2 * maxFilesPerGrep;

export async function compareSelectionsOfGrep({
  folders,
  ...options
}: SelectionOptions): Promise<Tally & { pruned: number }> {
  const tally = { asked: 0, found: 0, partial: 0, pruned: 0 };
  for (const [number, count] of folders.entries()) {
    const folder = await tempFolder();
    // A folder is settled if its last change is long enough ago.
    useFakeTimers({ toFake: ['Date'], now: Date.now() + (number % 2 === 0 ? 60_000 : -60_000) });
    const engines: SearchEngine[] = [];
    try {
      const dictionariesDir = join(folder.path, 'dictionaries');
      const seed = options.seed + number;
      const dictionaries = writeDictionaries(dictionariesDir, count, seed);
      const settings = { dictionariesDir, dir: join(folder.path, 'index'), blockBytes: seed % 3 === 0 ? 1 : 16 };
      await buildIndexes({ ...settings, isLeftOut: (path) => path === 'some/d/b-1' });
      const counts = createSearchCounts();
      const plain = engineOptions({ dictionariesDir, searchQueue: 100 });
      engines.push(await openEngine(plain));
      engines.push(await openEngine({ ...plain, counts, index: usedIndexes(settings.dir) }));
      await compareSelections(engines, dictionaries, { ...options, seed }, tally);
      const { pruned, proved_absent: absent } = counts.index.searches;
      tally.pruned += pruned + absent;
    } finally {
      restore();
      for (const engine of engines) await engine.close();
      await folder.remove();
    }
  }
  return tally;
}
