import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { pino } from 'pino';
import { ApiKeys, createApiKey } from '../../src/auth/api-keys.js';
import { createClient } from '../../src/client/index.js';
import { startApp } from '../helpers/start-app.js';
import { stubEngine } from '../helpers/stub-engine.js';
import { type TempFolder, tempFolder } from '../helpers/temp-folder.js';
import { collect } from './scripted-client.js';

describe('the client of a server with keys', () => {
  let folder: TempFolder;
  before(async () => {
    folder = await tempFolder();
  });
  after(() => folder.remove());

  it('sends its key with every request', async () => {
    const { key, line } = createApiKey('reader');
    await writeFile(join(folder.path, 'keys'), line);
    const engine = stubEngine(async function* () {
      yield ['love'];
      return { nrOfEntries: 1 };
    });
    const app = await startApp({ engine, keys: new ApiKeys(join(folder.path, 'keys'), pino({ level: 'silent' })) });
    try {
      const client = createClient({ url: app.url, key });
      expect((await client.search({ term: 'love' })).results).to.deep.equal(['love']);
      expect((await collect(client.allStream())).results).to.deep.equal(['love']);
      expect((await client.dictionaries()).default).to.equal('stub');
      const error = await createClient({ url: app.url })
        .list()
        .catch((error) => error);
      expect(error).to.include({ Code: 401, code: 'unauthorized' });
    } finally {
      await app.close();
    }
  });
});
