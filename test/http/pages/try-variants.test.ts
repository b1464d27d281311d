// Suggestions for searches that find nothing.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { useFakeTimers } from 'sinon';
import { createActions } from '../../../src/http/api/actions.js';
import type { PageQuery } from '../../../src/http/pages/page-fields.js';
import { tryVariants, VARIANTS_TIMEOUT_MS } from '../../../src/http/pages/try-variants.js';
import { openEngine } from '../../../src/search/open-engine.js';
import type { QueryEngine } from '../../../src/search/query.js';
import { engineOptions } from '../../helpers/queries.js';
import { stubEngine, untilAborted } from '../../helpers/stub-engine.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

const TEXT = 'Love and hate\nI hate what I loved\ncafé\na white\nwhale\n1+1=2\nlooove\n';
const actions = createActions({ termLength: 1_000 });
const never = new AbortController().signal;

describe('tryVariants', () => {
  let folder: TempFolder;
  let engine: QueryEngine;
  before(async () => {
    folder = await tempFolder();
    writeFileSync(join(folder.path, 'a.txt'), TEXT);
    writeFileSync(join(folder.path, 'b.txt'), 'elsewhere\nelsewhere\n');
    engine = await openEngine(engineOptions({ dictionariesDir: folder.path }));
  });
  after(async () => {
    await engine.close();
    await folder.remove();
  });

  const pageQuery = (query: Partial<PageQuery>): PageQuery => ({
    dictionary: 'a.txt',
    syntax: 'literal',
    ignore_case: false,
    ignore_marks: false,
    join_hyphens: false,
    unit: 'line',
    offset: 0,
    nresults: 20,
    ...query,
  });
  const found = async (query: Partial<PageQuery>) =>
    (await tryVariants(engine, actions, pageQuery(query), never)).map(
      ({ label, nrOfEntries }) => `${label}: ${nrOfEntries}`,
    );

  for (const [query, expected] of [
    [{ term: 'HATE' }, ['ignoring case: 2']],
    [{ term: 'cafe' }, ['ignoring accents: 1']],
    [{ term: 'lo+ve' }, ['as a regular expression: 2']],
    [{ term: '1+1', syntax: 'regex' }, ['as literal text: 1']],
    [{ term: 'lov', syntax: 'word' }, ['as literal text: 1']],
    [{ term: 'white whale' }, ['across line ends: 1', 'with the longest word alone: 1']],
    [{ term: 'elsewhere' }, ['in all texts: 2']],
    [{ term: 'hated whatever hate' }, []],
    [{ term: 'hate', none_of: ['e'] }, ['without the further conditions: 2']],
    [{ term: 'hate', files: ['b*'] }, ['without the further conditions: 2']],
    [{ term: '(' }, []],
    [{ term: 'xyzzy' }, []],
    [{ term: 'what loved' }, ['with the longest word alone: 1']],
    [{ any_of: ['HATE', 'xyzzy'] }, ['ignoring case: 2']],
  ] as [Partial<PageQuery>, string[]][]) {
    it(`returns ${JSON.stringify(expected)} for ${JSON.stringify(query)}`, async () => {
      expect(await found(query)).to.deep.equal(expected);
    });
  }

  it('returns what was found in time, and aborts the rest', async () => {
    const clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      let searches = 0;
      const slow = stubEngine(async function* (_, signal) {
        searches += 1;
        if (searches > 1) await untilAborted(signal);
        yield [];
        return { nrOfEntries: 7 };
      });
      const trying = tryVariants(slow, actions, pageQuery({ term: 'a b' }), never);
      while (searches < 2) await new Promise(setImmediate);
      await clock.tickAsync(VARIANTS_TIMEOUT_MS);
      expect((await trying).map(({ label }) => label)).to.deep.equal(['ignoring case']);
    } finally {
      clock.restore();
    }
  });

  it('throws when the client leaves', async () => {
    const client = new AbortController();
    const slow = stubEngine(async function* (_, signal) {
      client.abort(new Error('gone'));
      await untilAborted(signal);
      yield [];
      return { nrOfEntries: 0 };
    });
    const failure = await tryVariants(slow, actions, pageQuery({ term: 'a' }), client.signal).catch(String);
    expect(failure).to.equal('Error: gone');
  });
});
