// Keys with equal limits share cached answers. Texts are cached once they are two seconds old.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { pino } from 'pino';
import { ApiKeys, createApiKey } from '../../src/auth/api-keys.js';
import { createAnswerCounts } from '../../src/http/api/answer-cache.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { startUploadApp } from '../helpers/upload-app.js';

describe('the answer cache, with limited keys', function () {
  this.timeout(30_000);

  it('shares answers between keys of the same view only, and follows changes of the file', async () => {
    const folder = await tempFolder();
    const file = join(folder.path, 'keys');
    const [one, other] = [createApiKey('one'), createApiKey('other')];
    await writeFile(file, `${one.line} dictionary=folder action=search,all\n${other.line} dictionary=folder,folder\n`);
    const counts = createAnswerCounts();
    const keys = new ApiKeys(file, pino({ level: 'silent' }));
    const app = await startUploadApp({ keys, counts, cacheBytes: 1_000_000 });
    const request = { action: 'all', dictionary: '*', format: 'object' };
    const ask = async ({ key }: { key: string }) =>
      (await app.post(request, { Authorization: `Bearer ${key}` })).text();
    try {
      await sleep(2_100);
      const first = await ask(one);
      expect(first).to.include('folder/inner.txt').and.not.include('old.txt');
      expect(await ask(other)).to.equal(first);
      expect([counts.misses, counts.hits]).to.deep.equal([1, 1]);
      await writeFile(file, `${one.line} dictionary=folder\n${other.line}\n`);
      await sleep(1_050);
      expect(await ask(other))
        .to.include('folder/inner.txt')
        .and.include('old.txt');
      expect(await ask(one)).to.equal(first);
      expect([counts.misses, counts.hits]).to.deep.equal([2, 2]);
    } finally {
      await app.close();
      await folder.remove();
    }
  });
});
