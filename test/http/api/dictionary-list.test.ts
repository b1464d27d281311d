// Parts of the list of dictionaries: a filter, and pages.
import { expect } from 'chai';
import { createNameFilter } from '../../../src/http/api/name-filter.js';
import type { Dictionary } from '../../../src/search/engine.js';
import { startApp } from '../../helpers/start-app.js';
import { stubEngine } from '../../helpers/stub-engine.js';

const NAMES = ['Moby-Dick.txt', 'a.txt', 'b.txt', 'c.md', 'moby', 'ספר.txt'];

describe('GET /api/v1/dictionaries, in part', () => {
  let url: string;
  let close: () => Promise<void>;
  before(async () => {
    const rest = {
      files: 1,
      bytes: 5,
      modified: '2026-01-01T00:00:00.000Z',
      version: '0',
      index: 'none',
      encoding: 'utf-8',
    } as const;
    const dictionaries = NAMES.map((name): Dictionary => ({ name, ...rest }));
    const engine = stubEngine(() => Promise.reject(new Error('No search was expected')) as never);
    const app = await startApp({
      engine: { ...engine, dictionaries: async () => ({ default: 'a.txt', dictionaries }) },
    });
    ({ url, close } = app);
  });
  after(() => close());

  const get = async (query: string) => {
    const response = await fetch(`${url}/api/v1/dictionaries${query}`);
    const body = (await response.json()) as { dictionaries?: Dictionary[]; message?: string; [name: string]: unknown };
    const names = body.dictionaries?.map(({ name }) => name);
    return { status: response.status, etag: response.headers.get('etag'), body, names };
  };

  for (const [query, total, names] of [
    ['?filter=moby', 2, ['Moby-Dick.txt', 'moby']],
    ['?filter=MOBY', 2, ['Moby-Dick.txt', 'moby']],
    ['?filter=*.TXT', 4, ['Moby-Dick.txt', 'a.txt', 'b.txt', 'ספר.txt']],
    ['?filter=?.txt', 2, ['a.txt', 'b.txt']],
    [`?filter=${encodeURIComponent('ספ')}`, 1, ['ספר.txt']],
    ['?filter=nope', 0, []],
    ['?filter=', 6, NAMES],
    ['?offset=4', 6, ['moby', 'ספר.txt']],
    ['?nresults=2', 6, ['Moby-Dick.txt', 'a.txt']],
    ['?nresults=0', 6, NAMES],
    ['?filter=txt&offset=1&nresults=2', 4, ['a.txt', 'b.txt']],
    ['?offset=99', 6, []],
  ] as const) {
    it(`selects by ${query}`, async () => {
      const { status, body, names: found } = await get(query);
      expect(status).to.equal(200);
      expect(found).to.deep.equal(names);
      expect(body).to.include({ default: 'a.txt', 'nr of dictionaries': total });
      expect(body).to.have.all.keys('default', 'nr of dictionaries', 'dictionaries', 'links');
    });
  }

  it('has no count of dictionaries without parameters', async () => {
    const { body, names } = await get('');
    expect(names).to.deep.equal(NAMES);
    expect(body).to.have.all.keys('default', 'dictionaries', 'links');
  });

  it('has an ETag for each part', async () => {
    const [one, again, other] = [await get('?filter=a'), await get('?filter=a'), await get('?filter=b')];
    expect(one.etag).to.be.a('string').and.equal(again.etag).and.not.equal(other.etag);
  });

  for (const [query, problem] of [
    ['?offset=-1', '"offset" must be an integer, 0 or more, got -1.'],
    ['?offset=x', '"offset" must be an integer, 0 or more, got "x".'],
    ['?nresults=1.5', '"nresults" must be an integer, got 1.5.'],
    [`?filter=${'a'.repeat(256)}`, '"filter" must be a string of at most 255 characters, got'],
    ['?filter=a&filter=b', '"filter" must be a string of at most 255 characters, got ["a","b"].'],
  ] as const) {
    it(`rejects ${query.slice(0, 30)}`, async () => {
      const { status, body } = await get(query);
      expect(status).to.equal(400);
      expect(body.message).to.include(problem);
    });
  }
});

describe('createNameFilter', () => {
  for (const [filter, name, isMatch] of [
    ['oby', 'Moby-Dick', true],
    ['é', 'CAFE\u0301', true],
    ['m*k', 'Moby-Dick', true],
    ['m*c', 'Moby-Dick', false],
    ['oby*', 'Moby-Dick', false],
    ['*/b?.txt', 'a/b1.txt', true],
    ['[ab].txt', 'a.txt', false],
    ['[ab].*', 'a.txt', true],
    ['.', 'a+b', false],
  ] as const) {
    it(`${isMatch ? 'matches' : 'rejects'} "${name}" by "${filter}"`, () => {
      expect(createNameFilter(filter)(name)).to.equal(isMatch);
    });
  }
});
