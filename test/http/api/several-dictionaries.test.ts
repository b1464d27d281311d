// Requests about several dictionaries, or all.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { openEngine } from '../../../src/search/open-engine.js';
import { engineOptions } from '../../helpers/queries.js';
import { type RunningApp, startApp } from '../../helpers/start-app.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

const TEXTS = {
  'a.txt': 'one love\nhate\n',
  'b/1.txt': 'love, love\n',
  'b/2.txt': 'nothing\n',
  'c.txt': 'a glove\n',
};

describe('requests about several dictionaries', () => {
  let folder: TempFolder;
  let app: RunningApp;
  before(async () => {
    folder = await tempFolder();
    mkdirSync(join(folder.path, 'b'));
    for (const [path, text] of Object.entries(TEXTS)) writeFileSync(join(folder.path, path), text);
    const options = engineOptions({ dictionariesDir: folder.path });
    app = await startApp({ engine: await openEngine(options), cacheBytes: 1_000_000 });
  });
  after(async () => {
    await app.close();
    await folder.remove();
  });

  const post = async (body: object) => {
    const response = await fetch(`${app.url}/api/v1/json`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    return response.json();
  };
  const get = async (query: string) => (await fetch(`${app.url}/api/v1/search?${query}`)).json();

  it('searches all dictionaries', async () => {
    const all = { 'nr of entries': 3, results: ['one love', 'love, love', 'a glove'] };
    expect(await post({ action: 'search', term: 'love', dictionary: '*' })).to.deep.equal(all);
    expect(await post({ action: 'search', term: 'love', dictionary: ['c.txt', '*'] })).to.deep.equal(all);
    expect(await get('term=love&dictionary=*')).to.deep.equal(all);
  });

  it('searches several dictionaries, in byte order of their paths', async () => {
    const some = { 'nr of entries': 2, results: ['love, love', 'a glove'] };
    for (const dictionary of [
      ['c.txt', 'b'],
      ['b/2.txt', 'c.txt', 'b'],
    ]) {
      expect(await post({ action: 'search', term: 'love', dictionary })).to.deep.equal(some);
    }
    expect(await get('term=love&dictionary=c.txt&dictionary=b')).to.deep.equal(some);
  });

  it('treats an array of one name like the name', async () => {
    const one = { 'nr of entries': 1, results: ['a glove'] };
    expect(await post({ action: 'search', term: 'love', dictionary: ['c.txt'] })).to.deep.equal(one);
    expect(await get('term=love&dictionary=c.txt')).to.deep.equal(one);
  });

  it('pages through them', async () => {
    const page = { action: 'search', term: 'love', dictionary: '*', nresults: 1, offset: 1 };
    expect(await post(page)).to.deep.equal({ 'nr of entries': 3, results: ['love, love'] });
  });

  it('names the files in objects, in a concordance and in counts', async () => {
    const files = async (body: object) => (await post(body)).results.map(({ file }: { file: string }) => file);
    const search = { action: 'search', term: 'love', dictionary: '*' };
    expect(await files({ ...search, format: 'object' })).to.deep.equal(['a.txt', 'b/1.txt', 'c.txt']);
    expect(await files({ ...search, format: 'kwic' })).to.deep.equal(['a.txt', 'b/1.txt', 'b/1.txt', 'c.txt']);
    expect(await post({ ...search, action: 'count' })).to.deep.equal({
      'nr of entries': 3,
      results: [
        { file: 'a.txt', entries: 1, matches: 1, per_million_words: 333_333.33 },
        { file: 'b/1.txt', entries: 1, matches: 2, per_million_words: 1_000_000 },
        { file: 'c.txt', entries: 1, matches: 1, per_million_words: 500_000 },
      ],
    });
  });

  it('counts the matches of all of them together', async () => {
    const answer = await post({ action: 'frequencies', term: '[a-z]*love', syntax: 'regex', dictionary: '*' });
    expect(answer).to.deep.equal({
      'nr of entries': 2,
      results: [
        { text: 'love', count: 3 },
        { text: 'glove', count: 1 },
      ],
    });
  });

  it('combines conditions', async () => {
    const search = { action: 'search', dictionary: '*', any_of: ['love', 'nothing'], none_of: ['glove'] };
    expect((await post(search)).results).to.deep.equal(['one love', 'love, love', 'nothing']);
    const phrase = { action: 'search', dictionary: '*', term: 'love, love', syntax: 'phrase' };
    expect((await post(phrase)).results).to.deep.equal(['love, love']);
  });

  it('compares globs for files with the paths in each dictionary', async () => {
    const search = { action: 'search', term: 'o', dictionary: '*' };
    expect((await post({ ...search, files: ['1*', 'a*'] })).results).to.deep.equal(['one love', 'love, love']);
  });

  it('returns all lines, and draws from all of them', async () => {
    expect((await post({ action: 'all', dictionary: ['c.txt', 'a.txt'] })).results).to.deep.equal([
      'one love',
      'hate',
      'a glove',
    ]);
    const draw = { action: 'all', dictionary: '*', order: 'random', seed: 5 };
    expect((await post(draw)).results).to.have.members(['one love', 'hate', 'love, love', 'nothing', 'a glove']);
  });

  it('reads again after a change', async () => {
    const search = { action: 'search', term: 'new', dictionary: '*' };
    for (let times = 0; times < 3; times += 1) expect((await post(search)).results).to.deep.equal([]);
    writeFileSync(join(folder.path, 'd.txt'), 'a new line\n');
    expect((await post(search)).results).to.deep.equal(['a new line']);
  });

  it('names the one that is unknown', async () => {
    const answer = await post({ action: 'search', term: 'love', dictionary: ['a.txt', 'nope.txt'] });
    expect(answer.Code).to.equal(404);
    expect(answer.message).to.include('There is no dictionary named "nope.txt".');
    const hostile = await post({ action: 'search', term: 'love', dictionary: 'a.txt\0c.txt' });
    expect(hostile.Code).to.equal(404);
  });
});
