// Like `open-engine.test.ts`, with more generated queries.
import { openEngine } from '../../src/search/open-engine.js';
import { engineOptions } from '../helpers/queries.js';
import { differential } from './engines/differential.js';

differential('openEngine', {
  open: (dictionariesDir) => openEngine(engineOptions({ dictionariesDir, searchQueue: 100 })),
  runs: 75,
});
