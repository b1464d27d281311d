// The service answers the examples of docs/queries.md as documented.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { openEngine } from '../src/search/open-engine.js';
import { PROJECT } from './helpers/project.js';
import { engineOptions } from './helpers/queries.js';
import { type RunningApp, startApp } from './helpers/start-app.js';

const document = readFileSync(join(PROJECT, 'docs/queries.md'), 'utf8');
const blocks = [...document.matchAll(/^```json\n(.*?)\n```$/gms)].map(([, block = '']) => block);

describe('docs/queries.md', () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp({
      engine: await openEngine(engineOptions({ dictionariesDir: join(PROJECT, 'dictionaries') })),
    });
  });
  after(() => app.close());

  it('has an answer for each request', () => {
    expect(blocks.length).to.be.above(10);
    expect(blocks.map((block) => block.startsWith('{"action"'))).to.deep.equal(blocks.map((_, at) => at % 2 === 0));
  });

  for (let at = 0; at < blocks.length; at += 2) {
    const [request = '', answer] = blocks.slice(at, at + 2);
    it(`documents the answer to ${request}`, async () => {
      expect(await (await app.post(request)).text()).to.equal(answer);
    });
  }
});
