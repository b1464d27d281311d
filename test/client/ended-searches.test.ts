// Searches that end before their answer is complete.
import { expect } from 'chai';
import { createClient } from '../../src/client/index.js';
import { startApp } from '../helpers/start-app.js';
import { stubEngine } from '../helpers/stub-engine.js';
import { collect } from './scripted-client.js';

describe('the client of a search that fails or is cancelled', () => {
  it('ends it when the reader breaks out of it, and when the signal aborts', async () => {
    let searches = 0;
    const aborted: boolean[] = [];
    const engine = stubEngine(async function* (_, signal) {
      searches += 1;
      try {
        // grepd notices that a client has disconnected when it sends the next part.
        for (;;) {
          yield Array(100).fill('x'.repeat(1_000));
          await new Promise((resolve) => setTimeout(resolve, 5));
          signal.throwIfAborted();
        }
      } finally {
        aborted.push(signal.aborted);
      }
    });
    const app = await startApp({ engine });
    try {
      const client = createClient({ url: app.url });
      for await (const _ of client.searchStream({ term: 'x' })) break;
      while (aborted.length < 1) await new Promise((resolve) => setTimeout(resolve, 5));
      const controller = new AbortController();
      const call = client.search({ term: 'x' }, { signal: controller.signal }).catch((error) => error);
      while (searches < 2) await new Promise((resolve) => setTimeout(resolve, 5));
      controller.abort('enough');
      expect(await call).to.equal('enough');
      while (aborted.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
      expect(aborted).to.deep.equal([true, true]);
    } finally {
      await app.close();
    }
  });

  it('says why an answer is incomplete', async () => {
    const engine = stubEngine(async function* () {
      yield Array(2_000).fill('x'.repeat(100));
      throw new Error('a bug');
    });
    const app = await startApp({ engine });
    try {
      const client = createClient({ url: app.url });
      const answer = await client.search({ term: 'x' });
      expect(answer).to.include({ nrOfEntries: 2_000, truncated: 'internal' });
      const streamed = await collect(client.searchStream({ term: 'x' }));
      expect(streamed).to.deep.equal(answer);
    } finally {
      await app.close();
    }
  });
});
