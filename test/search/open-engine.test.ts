// The engine as the service has it: its wrappers around grep.
import { openEngine } from '../../src/search/open-engine.js';
import { engineOptions } from '../helpers/queries.js';
import { differential } from './differential.js';
import { engineContract } from './engine-contract.js';

engineContract('openEngine', (dictionariesDir) =>
  openEngine(engineOptions({ dictionariesDir, defaultDictionary: 'plain.txt' })),
);

differential('openEngine', (dictionariesDir) => openEngine(engineOptions({ dictionariesDir, searchQueue: 100 })));
