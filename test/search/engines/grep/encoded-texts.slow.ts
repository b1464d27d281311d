// More of them: `ENCODED_DICTIONARIES=500`, which are about 1,000 texts.
import { openEngine } from '../../../../src/search/open-engine.js';
import { engineOptions } from '../../../helpers/queries.js';
import { encodedTwins } from '../encoded-twins.js';

const RUNS = Number(process.env.ENCODED_DICTIONARIES ?? 40);

encodedTwins('GrepEngine', (dictionariesDir) => openEngine(engineOptions({ dictionariesDir })), RUNS);
