import { expect } from 'chai';
import { defaultActions } from '../../../src/http/api/actions.js';
import { parseRequest } from '../../../src/http/api/parse-request.js';
import { stubEngine } from '../../helpers/stub-engine.js';

const parse = (body: object) => parseRequest(defaultActions, body);

describe('parseRequest', () => {
  it('returns equal cache keys for equal requests', () => {
    const { cacheKey } = parse({ action: 'search', term: 'a', n_after: 1, nresults: 5 });
    expect(cacheKey).to.be.a('string');
    expect(parse({ nresults: 5, n_after: 1, n_before: 0, term: 'a', action: 'search' }).cacheKey).to.equal(cacheKey);
    expect(parse({ action: 'search', term: 'a', n_after: 2, nresults: 5 }).cacheKey).to.not.equal(cacheKey);
    expect(parse({ action: 'all', nresults: 5 }).cacheKey).to.not.equal(cacheKey);
  });

  it('returns no cache key for a listing, or for a random order without a seed', () => {
    expect(parse({ action: 'list' }).cacheKey).to.equal(undefined);
    expect(parse({ action: 'all', order: 'random' }).cacheKey).to.equal(undefined);
    expect(parse({ action: 'all', order: 'random', seed: 1 }).cacheKey).to.be.a('string');
  });

  it('returns different cache keys for different globs', () => {
    const keyFor = (files?: string | string[]) => parse({ action: 'all', ...(files && { files }) }).cacheKey;
    expect(keyFor('*.txt')).to.equal(keyFor(['*.txt']));
    expect(new Set([keyFor(), keyFor('a'), keyFor('b'), keyFor(['a', 'b']), keyFor('a,b')])).to.have.property(
      'size',
      5,
    );
  });

  for (const [files, globs] of [
    ['*.txt', ['*.txt']],
    [
      ['a', '!b'],
      ['a', '!b'],
    ],
    ['愛'.repeat(255), ['愛'.repeat(255)]],
    ['😀'.repeat(255), ['😀'.repeat(255)]],
    [Array(16).fill('a\nb'), Array(16).fill('a\nb')],
  ]) {
    it(`passes the globs ${JSON.stringify(files).slice(0, 40)} to the engine as an array`, async () => {
      const queries: object[] = [];
      const engine = stubEngine(async function* (query) {
        queries.push(query);
        yield [];
        return { nrOfEntries: 0 };
      });
      for (const action of [{ action: 'all' }, { action: 'search', term: 'a' }]) {
        for await (const _ of parse({ ...action, files }).run(engine, new AbortController().signal));
      }
      expect(queries.map((query) => 'files' in query && query.files)).to.deep.equal([globs, globs]);
    });
  }

  it('passes the query to the engine, with defaults and without the escaping', async () => {
    const queries: object[] = [];
    const engine = stubEngine(async function* (query) {
      queries.push(query);
      yield [];
      return { nrOfEntries: 0 };
    });
    const request = parse({ action: 'all', dictionary: 'a', escape: 'html' });
    for await (const _ of request.run(engine, new AbortController().signal));
    expect(request.escaping).to.equal('html');
    expect(queries).to.deep.equal([
      { dictionary: 'a', nresults: 0, offset: 0, unit: 'line', order: 'file', format: 'text' },
    ]);
  });
});
