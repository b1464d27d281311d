// More generated questions than `open-engine.test.ts` asks: their answers are compared with grep's.
import { openEngine } from '../../src/search/open-engine.js';
import { engineOptions } from '../helpers/queries.js';
import { differential } from './engines/differential.js';

differential('openEngine', {
  open: (dictionariesDir) => openEngine(engineOptions({ dictionariesDir, searchQueue: 100 })),
  runs: 300,
});
