import { openEngine } from '../../../../src/search/open-engine.js';
import { engineOptions } from '../../../helpers/queries.js';
import { encodedTwins } from '../encoded-twins.js';

encodedTwins('GrepEngine', (dictionariesDir) => openEngine(engineOptions({ dictionariesDir })), 500);
