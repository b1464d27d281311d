// "Did you mean …?" in answers and on pages.
import { expect } from 'chai';
import { unknownDictionaryError } from '../../../src/search/corpus/default-dictionary.js';
import type { DictionaryList } from '../../../src/search/engine.js';
import { type RunningApp, startApp } from '../../helpers/start-app.js';
import { stubEngine, untilAborted } from '../../helpers/stub-engine.js';
import { useApp } from '../../helpers/use-app.js';
import { warmSuggestions } from '../../helpers/warm-suggestions.js';

const HTML = { headers: { Accept: 'text/html' } };

describe('a spelling suggestion', () => {
  const suite = useApp();
  before(() => warmSuggestions(suite.url));
  const messageOf = async (response: Response) => ((await response.json()) as { message: string }).message;
  const alertOf = (page: string) => /role="alert">(.*?)<\/p>/.exec(page)?.[1];

  it('names the dictionary with a similar name in the message of the API', async () => {
    const response = await suite.app.post({ action: 'search', term: 'love', dictionary: 'Devils-Dictionary' });
    expect(response.status).to.equal(404);
    expect(await response.json()).to.deep.equal({
      Code: 404,
      message:
        'There is no dictionary named "Devils-Dictionary". Did you mean "devils-dictionary.txt"? See /api/v1/web for instructions.',
    });
  });

  it('names the folder with a similar name, but none for a file that a folder lacks', async () => {
    const search = { action: 'search', term: 'love' };
    const misspelled = await suite.app.post({ ...search, dictionary: 'moby-dik/chapter-001.txt' });
    expect(await messageOf(misspelled)).to.include('Did you mean "moby-dick"?');
    const missing = await suite.app.post({ ...search, dictionary: 'moby-dick/chapter-999.txt' });
    expect(await messageOf(missing)).to.not.include('Did you mean');
  });

  it('names the route with a similar path', async () => {
    for (const [path, expected] of [
      ['/api/v1/dictionary', '/api/v1/dictionaries'],
      ['/API/v1/Jsn', '/api/v1/json'],
      ['/statsu/', '/status'],
      ['/openapi', '/openapi.json'],
    ] as const) {
      const message = `There is no route ${path}. Did you mean ${expected}? See /api/v1/web for instructions.`;
      expect(await messageOf(await fetch(suite.url + path))).to.equal(message);
    }
    // A route that isn't served.
    expect(await messageOf(await fetch(`${suite.url}/wiat`))).to.not.include('Did you mean');
  });

  it('is absent if no name is similar', async () => {
    const response = await suite.app.post({ action: 'search', term: 'love', dictionary: 'nope.txt' });
    expect(await messageOf(response)).to.equal(
      'There is no dictionary named "nope.txt". See /api/v1/web for instructions.',
    );
    expect(await messageOf(await fetch(`${suite.url}/nope`))).to.not.include('Did you mean');
  });

  it('is a link on pages', async () => {
    const text = await (await fetch(`${suite.url}/d/moby-dik`, HTML)).text();
    expect(alertOf(text)).to.equal(
      'There is no dictionary named &quot;moby-dik&quot;. Did you mean <a href="/d/moby-dick">moby-dick</a>?',
    );
    const route = await (await fetch(`${suite.url}/doc`, HTML)).text();
    expect(alertOf(route)).to.equal('There is no page at this address. Did you mean <a href="/docs">/docs</a>?');
  });

  it('links to the same search on the search page', async () => {
    const page = await (await fetch(`${suite.url}/?term=a+whale&dictionary=moby-dik&n_before=2`, HTML)).text();
    expect(alertOf(page)).to.include('Did you mean <a href="/?');
    const [, url = ''] = /href="([^"]+)">moby-dick<\/a>\?/.exec(page) ?? [];
    const { searchParams } = new URL(url.replaceAll('&amp;', '&'), suite.url);
    expect(Object.fromEntries(searchParams)).to.deep.equal({
      term: 'a whale',
      dictionary: 'moby-dick',
      n_before: '2',
    });
  });

  it('is not part of the reason in the log', async () => {
    suite.app.log.length = 0;
    await messageOf(await fetch(`${suite.url}/d/moby-dik`));
    while (suite.app.log.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(suite.app.log.find(({ msg }) => msg === 'request')).to.include({
      reason: 'There is no dictionary named "moby-dik".',
    });
  });
});

describe('a spelling suggestion without a current list', () => {
  let app: RunningApp;
  let calls = 0;
  let list: (signal: AbortSignal) => Promise<DictionaryList>;
  const engine = {
    ...stubEngine(() => {
      throw unknownDictionaryError('alce.txt');
    }),
    dictionaries: (signal: AbortSignal) => {
      calls += 1;
      return list(signal);
    },
  };
  beforeEach(async () => {
    calls = 0;
    app = await startApp({ engine });
  });
  afterEach(() => app.close());

  const search = async () => {
    const response = await app.post({ action: 'search', term: 'love', dictionary: 'alce.txt' });
    return [response.status, ((await response.json()) as { message: string }).message.includes('"alice.txt"')];
  };
  const dictionary = {
    name: 'alice.txt',
    files: 1,
    bytes: 1,
    modified: '',
    version: '',
    index: 'none',
    encoding: 'utf-8',
  } as const;

  it('is absent if the list fails', async () => {
    list = () => Promise.reject(new Error('no list'));
    expect(await search()).to.deep.equal([404, false]);
    expect(app.log.filter(({ msg }) => msg === 'bug')).to.deep.equal([]);
  });

  it('is absent if the list takes too long', async () => {
    list = untilAborted;
    expect(await search()).to.deep.equal([404, false]);
  });

  it('comes from one listing for many failed requests', async () => {
    list = async () => ({ dictionaries: [dictionary] });
    const answers = await Promise.all([search(), search(), search()]);
    answers.push(await search());
    expect(answers).to.deep.equal(answers.map(() => [404, true]));
    expect(calls).to.equal(1);
  });
});
