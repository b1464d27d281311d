// Suggestions for searches that find nothing.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { useFakeTimers } from 'sinon';
import { AppError } from '../../../src/errors.js';
import { createActions } from '../../../src/http/api/actions.js';
import type { PageQuery } from '../../../src/http/pages/page-fields.js';
import { tryVariants, VARIANTS_TIMEOUT_MS } from '../../../src/http/pages/try-variants.js';
import { MAX_VARIANTS } from '../../../src/http/pages/variants.js';
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
    [{ term: '1+1', syntax: 'regex' }, ['as exact text: 1']],
    [{ term: 'lov', syntax: 'word' }, ['as exact text: 1']],
    [{ term: 'white whale' }, ['across line ends: 1', 'for the longest word alone: 1']],
    [{ term: 'elsewhere' }, ['in all texts: 2']],
    [{ term: 'hated whatever hate' }, []],
    [{ term: 'hate', none_of: ['e'] }, ['without the other conditions: 2']],
    [{ term: 'hate', files: ['b*'] }, ['without the other conditions: 2']],
    [{ term: '(' }, []],
    [{ term: 'xyzzy' }, []],
    [{ term: 'what loved' }, ['for the longest word alone: 1']],
    [{ any_of: ['HATE', 'xyzzy'] }, ['ignoring case: 2']],
    // Only the combination finds something.
    [{ term: 'CAFE' }, ['ignoring accents, ignoring case: 1']],
    [{ term: 'ELSEWHERE' }, ['in all texts, ignoring case: 2']],
    [{ term: 'LO+VE' }, ['as a regular expression, ignoring case: 3']],
  ] as [Partial<PageQuery>, string[]][]) {
    it(`returns ${JSON.stringify(expected)} for ${JSON.stringify(query)}`, async () => {
      expect(await found(query)).to.deep.equal(expected);
    });
  }

  it('returns what was found in time, and aborts the rest', async () => {
    const clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      let searches = 0;
      let aborted = 0;
      const slow = stubEngine(async function* (_, signal) {
        searches += 1;
        if (searches > 1) await untilAborted(signal).finally(() => (aborted += 1));
        yield [];
        return { nrOfEntries: 7 };
      });
      const trying = tryVariants(slow, actions, pageQuery({ term: 'a b' }), never);
      while (searches < 5) await new Promise(setImmediate);
      await clock.tickAsync(VARIANTS_TIMEOUT_MS);
      expect((await trying).map(({ label }) => label)).to.deep.equal(['ignoring case']);
      expect([searches, aborted]).to.deep.equal([5, 4]);
    } finally {
      clock.restore();
    }
  });

  it('stops when the client leaves', async () => {
    const client = new AbortController();
    let aborted = 0;
    const slow = stubEngine(async function* (_, signal) {
      client.abort(new Error('gone'));
      await untilAborted(signal).finally(() => {
        aborted += 1;
      });
      yield [];
      return { nrOfEntries: 1 };
    });
    expect(await tryVariants(slow, actions, pageQuery({ term: 'a' }), client.signal)).to.deep.equal([]);
    expect(aborted).to.equal(1);
  });

  it('tries at most six, and again ignoring case only if none of them finds anything', async () => {
    const everything = { term: 'a+ b.', all_of: ['c'], files: ['a*'] };
    for (const [nrOfEntries, searches] of [
      [1, MAX_VARIANTS],
      [0, 2 * MAX_VARIANTS],
    ]) {
      let tried = 0;
      const engine = stubEngine(async function* () {
        tried += 1;
        yield [];
        return { nrOfEntries: nrOfEntries ?? 0 };
      });
      const suggestions = await tryVariants(engine, actions, pageQuery(everything), never);
      expect(tried).to.equal(searches);
      expect(suggestions).to.have.length(nrOfEntries === 0 ? 0 : MAX_VARIANTS);
    }
  });

  for (const error of [new AppError('too_busy', 'Busy.'), Object.assign(new Error('spawn'), { code: 'EAGAIN' })]) {
    it(`suggests the others if a search fails: ${error.message}`, async () => {
      let searches = 0;
      const engine = stubEngine(async function* () {
        searches += 1;
        if (searches === 1) throw error;
        yield [];
        return { nrOfEntries: 3 };
      });
      const suggestions = await tryVariants(engine, actions, pageQuery({ term: 'a' }), never);
      expect(suggestions.map(({ label }) => label)).to.deep.equal(['ignoring accents', 'in all texts']);
    });
  }

  it('hides no bug', async () => {
    const broken = stubEngine(() => {
      throw new TypeError('a bug');
    });
    const failure = await tryVariants(broken, actions, pageQuery({ term: 'a' }), never).catch(String);
    expect(failure).to.equal('TypeError: a bug');
  });
});
