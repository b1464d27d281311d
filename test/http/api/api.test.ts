import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { AppError } from '../../../src/errors.js';
import { defaultActions as actions } from '../../../src/http/api/actions.js';
import type { EntryObject } from '../../../src/search/engine.js';
import { openEngine } from '../../../src/search/open-engine.js';
import { type Fixtures, makeFixtures } from '../../helpers/fixtures.js';
import { PROJECT } from '../../helpers/project.js';
import { engineOptions } from '../../helpers/queries.js';
import { type RunningApp, startApp } from '../../helpers/start-app.js';
import { stubEngine, untilAborted } from '../../helpers/stub-engine.js';

describe('POST /api/v1/json over the bundled dictionaries', () => {
  let app: RunningApp;
  before(async () => {
    const dictionariesDir = join(PROJECT, 'dictionaries');
    app = await startApp({
      engine: await openEngine(engineOptions({ dictionariesDir, defaultDictionary: 'devils-dictionary.txt' })),
      total: { get: async () => '5', close: async () => {} },
    });
  });
  after(() => app.close());

  for (const [name, { example }] of Object.entries(actions)) {
    it(`answers the documented example of ${name}`, async () => {
      const response = await app.post(example.request);
      expect(response.status).to.equal(200);
      expect(await response.json()).to.deep.equal(example.answer);
    });
  }

  it('is linked from the list of dictionaries, and every link works', async () => {
    const { links } = (await (await fetch(`${app.url}/api/v1/dictionaries`)).json()) as {
      links: Record<string, { method: string; path: string; means: string; body?: object }>;
    };
    expect(links).to.have.keys(...Object.keys(actions), 'total', 'instructions');
    expect(links.total).to.include({ method: 'GET', path: '/total' });
    for (const [name, { method, path, means, body }] of Object.entries(links)) {
      expect(means, name).to.match(/\w/);
      const headers = { 'Content-Type': 'application/json' };
      const request = body === undefined ? { method } : { method, headers, body: JSON.stringify(body) };
      expect((await fetch(app.url + path, request)).status, name).to.equal(200);
    }
  });

  it('answers with exactly two fields, as JSON', async () => {
    const response = await app.post({ action: 'search', term: 'no such words' });
    expect(response.headers.get('content-type')).to.equal('application/json; charset=utf-8');
    expect(await response.text()).to.equal('{"nr of entries":0,"results":[]}');
  });

  it('streams a large answer completely', async () => {
    const response = await app.post({ action: 'all', dictionary: 'king-james-bible.txt' });
    expect(response.headers.get('content-length')).to.equal(null);
    const answer = (await response.json()) as { results: string[] };
    expect(answer).to.have.keys('nr of entries', 'results').and.include({ 'nr of entries': 31_102 });
    expect(answer.results).to.have.length(31_102);
    expect(answer.results[31_101]).to.match(/^Rev22:21 /);
  });
});

describe('POST /api/v1/json', () => {
  let fixtures: Fixtures;
  let app: RunningApp;
  before(async () => {
    fixtures = await makeFixtures();
    const engine = await openEngine(
      engineOptions({ dictionariesDir: fixtures.dictionaries, defaultDictionary: 'plain.txt' }),
    );
    app = await startApp({ engine });
  });
  after(async () => {
    await app.close();
    await fixtures.remove();
  });

  const anyFields = 'dictionary, files, unit, nresults, offset, order, seed, format';
  const termFields = 'term, syntax, ignore_case, all_of, any_of, none_of, join_hyphens, ignore_marks';
  const fields = `action, ${termFields}, n_before, n_after, ${anyFields}, width, width_unit, escape`;
  const context = 'an integer from 0 to 100';
  const seed = `an integer from ${-(2 ** 53 - 1)} to ${2 ** 53 - 1}`;
  const terms =
    'an array of 1 to 16 terms: strings, or objects with "term" and, where they differ, "syntax" and "ignore_case"';
  const term = 'a string of 1 to 1000 characters without NUL, line break or lone surrogate';
  const dictionary = 'the name of a dictionary, an array of 1 to 1,000 of them, or "*"';
  const files = 'a string of 1 to 255 characters, or an array of 1 to 16 of them';
  const options = 'an array of at most 16 of "-l", "-a", "-t", "-S", "-r", "-R", "-h", "-1"';
  const filter = 'a string of 1 to 255 characters without /';
  const invalid: [body: unknown, message: string][] = [
    [[], 'The body must be a JSON object, got [].'],
    ['"search"', 'The body must be a JSON object, got "search".'],
    ['null', 'The body must be a JSON object, got null.'],
    ['5', 'The body must be a JSON object, got 5.'],
    ['', 'The body must be a JSON object, got nothing.'],
    [{}, '"action" is required: one of "search", "count", "frequencies", "all", "list".'],
    [{ action: 'find' }, '"action" must be one of "search", "count", "frequencies", "all", "list", got "find".'],
    [
      { action: 'constructor' },
      '"action" must be one of "search", "count", "frequencies", "all", "list", got "constructor".',
    ],
    [
      { action: ['search'] },
      '"action" must be one of "search", "count", "frequencies", "all", "list", got ["search"].',
    ],
    [{ action: 'search' }, `"term" is required: ${term}, unless "all_of", "any_of" or "none_of" is given.`],
    [
      { action: 'search', none_of: ['one two'], syntax: 'phrase' },
      '"none_of" with "syntax": "phrase" requires "unit": "quote".',
    ],
    [
      { action: 'count', none_of: [{ term: 'one two', syntax: 'phrase' }] },
      '"none_of" with "syntax": "phrase" requires "unit": "quote".',
    ],
    [
      { action: 'search', term: 'one', all_of: [{ term: 'two', syntax: 'phrase' }] },
      '"unit" must be "quote" if one of several terms is a phrase.',
    ],
    [{ action: 'search', term: '' }, `"term" must be ${term}, got "".`],
    [{ action: 'search', term: 5 }, `"term" must be ${term}, got 5.`],
    [{ action: 'search', term: null }, `"term" must be ${term}, got null.`],
    [{ action: 'search', term: 'a\nb' }, `"term" must be ${term}, got "a\\nb".`],
    [{ action: 'search', term: 'a\rb' }, `"term" must be ${term}, got "a\\rb".`],
    [{ action: 'search', term: 'a\0b' }, `"term" must be ${term}, got "a\\u0000b".`],
    ['{"action":"search","term":"\\ud800"}', `"term" must be ${term}, got "\\ud800".`],
    [{ action: 'search', term: 'x'.repeat(1001) }, `"term" must be ${term}, got "${'x'.repeat(59)}….`],
    [{ action: 'search', term: 'a', dictionary: 5 }, `"dictionary" must be ${dictionary}, got 5.`],
    [{ action: 'search', term: 'a', dictionary: '' }, `"dictionary" must be ${dictionary}, got "".`],
    [{ action: 'search', term: 'a', dictionary: [] }, `"dictionary" must be ${dictionary}, got [].`],
    [{ action: 'search', term: 'a', dictionary: ['a', 5] }, `"dictionary" must be ${dictionary}, got 5.`],
    [
      { action: 'search', term: 'a', dictionary: Array(1_001).fill('a') },
      `"dictionary" must be ${dictionary}, got [${'"a",'.repeat(14)}"a"…`,
    ],
    [{ action: 'all', files: 5 }, `"files" must be ${files}, got 5.`],
    [{ action: 'all', files: '' }, `"files" must be ${files}, got "".`],
    [{ action: 'all', files: [] }, `"files" must be ${files}, got [].`],
    [{ action: 'all', files: null }, `"files" must be ${files}, got null.`],
    [{ action: 'all', files: ['a', ''] }, `"files" must be ${files}, got "".`],
    [{ action: 'all', files: ['a', ['b']] }, `"files" must be ${files}, got ["b"].`],
    [{ action: 'all', files: 'x'.repeat(256) }, `"files" must be ${files}, got "${'x'.repeat(59)}….`],
    [{ action: 'search', term: 'a', nresults: '5' }, '"nresults" must be an integer, got "5".'],
    [{ action: 'search', term: 'a', nresults: 1.5 }, '"nresults" must be an integer, got 1.5.'],
    [{ action: 'search', term: 'a', nresults: null }, '"nresults" must be an integer, got null.'],
    ['{"action":"all","nresults":1e999}', '"nresults" must be an integer, got Infinity.'],
    [{ action: 'all', nresults: true }, '"nresults" must be an integer, got true.'],
    [{ action: 'search', term: 'a', n_before: -1 }, '"n_before" must be an integer from 0 to 100, got -1.'],
    [{ action: 'search', term: 'a', n_before: 101 }, '"n_before" must be an integer from 0 to 100, got 101.'],
    [{ action: 'search', term: 'a', n_after: 101 }, '"n_after" must be an integer from 0 to 100, got 101.'],
    [{ action: 'search', term: 'a', n_after: '1' }, '"n_after" must be an integer from 0 to 100, got "1".'],
    [{ action: 'search', term: 'a', regex: true }, `"regex" is not a field of action "search". Fields: ${fields}.`],
    [{ action: 'search', any_of: [] }, `"any_of" must be ${terms}, got [].`],
    [{ action: 'search', any_of: ['a', 5] }, `"any_of" must be ${terms}, got 5.`],
    [{ action: 'search', any_of: ['a', { syntax: 'word' }] }, `"any_of" must be ${terms}, got {"syntax":"word"}.`],
    [{ action: 'search', any_of: [{ term: 'a', case: 1 }] }, `"any_of" must be ${terms}, got {"term":"a","case":1}.`],
    [{ action: 'all', term: 'a' }, `"term" is not a field of action "all". Fields: action, ${anyFields}, escape.`],
    [
      { action: 'search', nresults: 'x', n_after: 'y', filter: '*' },
      `"n_after" must be ${context}, got "y"; "nresults" must be an integer, got "x"; ` +
        `"filter" is not a field of action "search". Fields: ${fields}.`,
    ],
    [
      { action: 'search', term: 'a', syntax: 'perl' },
      '"syntax" must be one of "literal", "word", "regex", "phrase", got "perl".',
    ],
    [
      { action: 'search', term: 'a', syntax: null },
      '"syntax" must be one of "literal", "word", "regex", "phrase", got null.',
    ],
    [{ action: 'search', term: 'a', ignore_case: 1 }, '"ignore_case" must be true or false, got 1.'],
    [{ action: 'search', term: 'a', ignore_case: 'true' }, '"ignore_case" must be true or false, got "true".'],
    [{ action: 'all', offset: -1 }, '"offset" must be an integer, 0 or more, got -1.'],
    [{ action: 'all', offset: '1' }, '"offset" must be an integer, 0 or more, got "1".'],
    [{ action: 'all', unit: 'page' }, '"unit" must be "line" or "quote", got "page".'],
    [{ action: 'all', order: 'size' }, '"order" must be "file" or "random", got "size".'],
    [{ action: 'all', seed: 1.5 }, `"seed" must be ${seed}, got 1.5.`],
    [{ action: 'all', seed: 2 ** 53 }, `"seed" must be ${seed}, got ${2 ** 53}.`],
    [{ action: 'all', seed: 'x' }, `"seed" must be ${seed}, got "x".`],
    [{ action: 'all', format: 'csv' }, '"format" must be "text" or "object", got "csv".'],
    [{ action: 'all', escape: 'xml' }, '"escape" must be "json" or "html", got "xml".'],
    [{ action: 'list', options: ['-l', '--hyperlink'] }, `"options" must be ${options}, got "--hyperlink".`],
    [{ action: 'list', options: ['-la'] }, `"options" must be ${options}, got "-la".`],
    [{ action: 'list', options: ['-L'] }, `"options" must be ${options}, got "-L".`],
    [{ action: 'list', options: ['--'] }, `"options" must be ${options}, got "--".`],
    [{ action: 'list', options: [['-l']] }, `"options" must be ${options}, got ["-l"].`],
    [{ action: 'list', options: [null] }, `"options" must be ${options}, got null.`],
    [{ action: 'list', options: '-l' }, `"options" must be ${options}, got "-l".`],
    [{ action: 'list', options: { 0: '-l', length: 1 } }, `"options" must be ${options}, got {"0":"-l","length":1}.`],
    [{ action: 'list', folder: 5 }, '"folder" must be the name of a folder, got 5.'],
    [{ action: 'list', folder: null }, '"folder" must be the name of a folder, got null.'],
    [{ action: 'list', filter: '' }, `"filter" must be ${filter}, got "".`],
    [{ action: 'list', filter: 'sub/*.txt' }, `"filter" must be ${filter}, got "sub/*.txt".`],
    [{ action: 'list', filter: 'x'.repeat(256) }, `"filter" must be ${filter}, got "${'x'.repeat(59)}….`],
    [{ action: 'list', term: 'a' }, '"term" is not a field of action "list". Fields: action, folder, filter, options.'],
    [{ action: 'list', folder: 'plain.txt' }, '"plain.txt" is a file, not a folder.'],
    ['{"action":"search",', 'The body must be JSON: '],
    ['{"action":"search","term":"a","__proto__":{"nresults":1}}', 'The body must be JSON without the key "__proto__".'],
    ['['.repeat(60_000), 'The body must be JSON: '],
    [Buffer.from('{"action":"search","term":"caf\xe9"}', 'latin1'), 'The body must be valid UTF-8.'],
    [Buffer.from('{"action":"search","term":"\xe2\x82', 'latin1'), 'The body must be '],
  ];
  for (const [body, message] of invalid) {
    const title =
      typeof body === 'string'
        ? body
        : body instanceof Uint8Array
          ? Buffer.from(body).toString('latin1')
          : JSON.stringify(body);
    it(`rejects ${title.slice(0, 100)}`, async () => {
      const response = await app.post(body);
      const answer = (await response.json()) as { Code: number; message: string };
      expect(answer).to.have.keys('Code', 'message');
      expect([response.status, answer.Code]).to.deep.equal([400, 400]);
      expect(answer.message.slice(0, message.length)).to.equal(message);
      expect(answer.message.endsWith(' See /api/v1/web for instructions.')).to.equal(true);
    });
  }

  const valid: [body: object, results: string[]][] = [
    [{ action: 'search', term: 'two' }, ['two love']],
    [
      { action: 'search', term: 'two', dictionary: 'plain.txt', nresults: 0, n_before: 1, n_after: 0 },
      ['one\ntwo love'],
    ],
    [
      { action: 'search', term: 'love', nresults: -5, n_after: 100, dictionary: 'no-last-newline.txt' },
      ['first love\nlast love', 'last love'],
    ],
    [{ action: 'search', term: 'two', nresults: 2 ** 70 }, ['two love']],
    [{ action: 'search', term: 'two', nresults: -(2 ** 70) }, ['two love']],
    [{ action: 'search', term: 'x'.repeat(1000) }, []],
    [{ action: 'search', term: '😀'.repeat(1000) }, []],
    [{ action: 'search', term: '\u2028' }, []],
    [{ action: 'all', dictionary: 'grün und blau.txt' }, ['green love']],
    [{ action: 'list', folder: 'folder', filter: '*.txt' }, ['a.txt', 'b.txt', 'link-in.txt']],
    [{ action: 'list', folder: 'mixed', options: ['-r', '-1'], filter: '[b-c]*' }, ['c\nd.txt', 'b.txt.gz']],
    [{ action: 'list', filter: 'nothing' }, []],
  ];
  for (const [body, results] of valid) {
    it(`answers ${JSON.stringify(body).slice(0, 100)}`, async () => {
      const response = await app.post(body);
      expect(response.status).to.equal(200);
      expect(await response.json()).to.deep.equal({ 'nr of entries': results.length, results });
    });
  }

  it('accepts JSON after a byte order mark', async () => {
    const response = await app.post('\ufeff{"action":"search","term":"two"}');
    expect(await response.json()).to.deep.equal({ 'nr of entries': 1, results: ['two love'] });
  });

  it('rejects an unknown dictionary, with its name', async () => {
    const response = await app.post({ action: 'search', term: 'a', dictionary: 'nope.txt' });
    expect(response.status).to.equal(404);
    expect(await response.text()).to.equal(
      '{"Code":404,"message":"There is no dictionary named \\"nope.txt\\". See /api/v1/web for instructions."}',
    );
  });

  it('rejects an unreadable dictionary', async () => {
    const response = await app.post({ action: 'all', dictionary: 'shut.txt' });
    expect(response.status).to.equal(403);
    expect(await response.json()).to.deep.equal({
      Code: 403,
      message: 'The dictionary "shut.txt" is not readable. See /api/v1/web for instructions.',
    });
  });

  for (const [folder, status, message] of [
    ['nope', 404, 'There is no folder named "nope".'],
    ['../outside', 404, 'There is no folder named "../outside".'],
    ['link-out-folder', 404, 'There is no folder named "link-out-folder".'],
    ['shut', 403, 'The folder "shut" is not readable.'],
  ] as const) {
    it(`rejects listing the folder ${folder}, and logs the reason`, async () => {
      const response = await app.post({ action: 'list', folder });
      expect(response.status).to.equal(status);
      expect(await response.json()).to.deep.equal({
        Code: status,
        message: `${message} See /api/v1/web for instructions.`,
      });
      const id = response.headers.get('x-request-id');
      const logged = () => app.log.find((event) => event.id === id);
      while (logged() === undefined) await sleep(5);
      expect(logged()).to.include({ msg: 'request', status, reason: message });
    });
  }

  it('lists a folder as NDJSON', async () => {
    const response = await app.post({ action: 'list', folder: 'folder/a' }, { Accept: 'application/x-ndjson' });
    expect(await response.text()).to.equal('"z.txt"\n{"nr of entries":1}\n');
  });

  it('lists the dictionaries', async () => {
    const list = (await (await fetch(`${app.url}/api/v1/dictionaries`)).json()) as Record<string, unknown>;
    expect(list.default).to.equal('plain.txt');
    expect(list.dictionaries).to.have.length(23);
    const [first] = list.dictionaries as Record<string, unknown>[];
    expect(first).to.include({ name: '-rf.txt', files: 1, bytes: 10 });
    expect(Date.parse(String(first?.modified))).to.be.closeTo(Date.now(), 60_000);
    expect(first?.version).to.match(/^[0-9a-f]{12}$/);
    expect(first?.index).to.equal('none');
  });
});

describe('POST /api/v1/json with formats', () => {
  let fixtures: Fixtures;
  let app: RunningApp;
  before(async () => {
    fixtures = await makeFixtures();
    await writeFile(join(fixtures.dictionaries, 'page.txt'), `<b>\n& <a href="x">love's</a> & love\n</b>\n`);
    const dictionariesDir = fixtures.dictionaries;
    const options = engineOptions({ dictionariesDir, defaultDictionary: 'plain.txt', lineLength: 1000 });
    app = await startApp({ engine: await openEngine(options) });
  });
  after(async () => {
    await app.close();
    await fixtures.remove();
  });

  const search = { action: 'search', term: 'love' };
  const send = async (body: object) => (await app.post(body)).json();
  const ndjson = { Accept: 'application/x-ndjson' };

  it('returns objects', async () => {
    expect(await send({ ...search, nresults: 1, format: 'object', n_before: 1 })).to.deep.equal({
      'nr of entries': 4,
      results: [{ file: 'plain.txt', line: 2, text: 'two love', before: ['one'], after: [], matches: [[4, 8]] }],
    });
  });

  it('escapes every text for HTML, and shifts the matches accordingly', async () => {
    const dictionary = 'page.txt';
    expect(await send({ ...search, dictionary, escape: 'html' })).to.deep.equal({
      'nr of entries': 1,
      results: ['&amp; &lt;a href=&quot;x&quot;&gt;love&#39;s&lt;/a&gt; &amp; love'],
    });
    const answer = await send({ ...search, dictionary, escape: 'html', format: 'object', n_before: 1, n_after: 1 });
    const [{ text, matches, ...rest }] = (answer as { results: [EntryObject] }).results;
    expect(rest).to.deep.equal({
      file: 'page.txt',
      line: 2,
      before: ['&lt;b&gt;'],
      after: ['&lt;/b&gt;'],
    });
    expect(text).to.equal('&amp; &lt;a href=&quot;x&quot;&gt;love&#39;s&lt;/a&gt; &amp; love');
    expect(matches.map(([start, end]) => text.slice(start, end))).to.deep.equal(['love', 'love']);
    expect(await send({ action: 'all', dictionary, escape: 'html', nresults: 1 })).to.deep.include({
      results: ['&lt;b&gt;'],
    });
  });

  it('escapes matches, too', async () => {
    const answer = await send({ ...search, term: '<', dictionary: 'page.txt', escape: 'html', format: 'object' });
    const [first, second] = (answer as { results: EntryObject[] }).results;
    expect(first).to.deep.include({ text: '&lt;b&gt;', matches: [[0, 4]] });
    expect(second?.matches.map(([start, end]) => second.text.slice(start, end))).to.deep.equal(['&lt;', '&lt;']);
  });

  it('returns one entry per line as NDJSON, and the count last', async () => {
    const response = await app.post({ ...search, n_after: 1, nresults: 2 }, ndjson);
    expect(response.headers.get('content-type')).to.match(/^application\/x-ndjson/);
    expect(response.headers.get('vary')).to.include('Accept');
    expect(await response.text()).to.equal('"two love\\nthree"\n"four love\\nfive love"\n{"nr of entries":4}\n');
    expect(await (await app.post({ ...search, term: 'hate' }, ndjson)).text()).to.equal('{"nr of entries":0}\n');
    const objects = await (await app.post({ ...search, format: 'object', nresults: 1 }, ndjson)).text();
    expect(
      objects
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line)),
    ).to.deep.equal([
      { file: 'plain.txt', line: 2, text: 'two love', before: [], after: [], matches: [[4, 8]] },
      { 'nr of entries': 4 },
    ]);
  });

  for (const [accept, type] of [
    ['*/*', 'application/json'],
    ['application/json, application/x-ndjson', 'application/json'],
    ['application/x-ndjson;q=0.5, application/json;q=0.4', 'application/x-ndjson'],
    ['application/x-ndjson, */*;q=0.1', 'application/x-ndjson'],
    ['application/x-ndjson; charset=utf-8', 'application/x-ndjson'],
    ['text/html', 'application/json'],
    ['nonsense', 'application/json'],
  ] as const) {
    it(`answers ${type} to Accept: ${accept}`, async () => {
      const response = await app.post(search, { Accept: accept });
      expect(response.status).to.equal(200);
      expect(response.headers.get('content-type')?.split(';')[0]).to.equal(type);
    });
  }

  it('returns errors as JSON even if NDJSON is accepted', async () => {
    const response = await app.post({ ...search, dictionary: 'nope.txt' }, ndjson);
    expect(response.status).to.equal(404);
    expect(response.headers.get('content-type')).to.equal('application/json; charset=utf-8');
    expect(await response.json()).to.have.keys('Code', 'message');
  });

  it('reports truncated lines in either format', async () => {
    await writeFile(join(fixtures.dictionaries, 'long.txt'), `love ${'x'.repeat(2000)}\n`);
    const body = { ...search, dictionary: 'long.txt' };
    const text = `love ${'x'.repeat(995)}`;
    expect(await send(body)).to.deep.equal({ 'nr of entries': 1, results: [text], truncated: 'line_length' });
    expect(await (await app.post(body, ndjson)).text()).to.equal(
      `"${text}"\n{"nr of entries":1,"truncated":"line_length"}\n`,
    );
  });

  it("rejects an invalid regular expression with grep's reason", async () => {
    const response = await app.post({ ...search, term: 'a(', syntax: 'regex' });
    expect(response.status).to.equal(400);
    expect(await response.json()).to.deep.equal({
      Code: 400,
      message:
        '"term" must be a regular expression that grep accepts; grep reports: Unmatched ( or \\(. Try "a\\(". See /api/v1/web for instructions.',
    });
  });

  it('draws a quote at random', async () => {
    const drawn = await send({ action: 'all', dictionary: 'quotes.txt', unit: 'quote', order: 'random', nresults: 1 });
    expect(drawn).to.include({ 'nr of entries': 4 }).and.property('results').with.length(1);
  });
});

describe('POST /api/v1/json with a slow search', () => {
  let app: RunningApp | undefined;
  afterEach(() => app?.close());

  const search = { action: 'search', term: 'a' };

  it('answers 504 if the time limit passes before the response begins', async () => {
    app = await startApp({
      engine: stubEngine(async function* (_query, signal) {
        yield ['buffered'];
        return untilAborted(signal);
      }),
      searchTimeoutMs: 20,
    });
    const response = await app.post(search);
    expect(response.status).to.equal(504);
    expect(await response.json()).to.deep.equal({
      Code: 504,
      message: 'The search took longer than 20 ms. See /api/v1/web for instructions.',
    });
  });

  it('marks an answer as truncated if the time limit passes later', async () => {
    app = await startApp({
      engine: stubEngine(async function* (_query, signal) {
        yield ['x'.repeat(100_000), 'y'];
        return untilAborted(signal);
      }),
      searchTimeoutMs: 50,
    });
    const response = await app.post(search);
    expect(response.status).to.equal(200);
    expect(await response.json()).to.deep.equal({
      results: ['x'.repeat(100_000), 'y'],
      'nr of entries': 2,
      truncated: 'time',
    });
  });

  it('marks it as truncated in the last line of NDJSON', async () => {
    app = await startApp({
      engine: stubEngine(async function* (_query, signal) {
        yield ['x'.repeat(100_000), 'y'];
        return untilAborted(signal);
      }),
      searchTimeoutMs: 50,
    });
    const text = await (await app.post(search, { Accept: 'application/x-ndjson' })).text();
    expect(text).to.equal(`"${'x'.repeat(100_000)}"\n"y"\n{"nr of entries":2,"truncated":"time"}\n`);
  });

  it('yields to the event loop if an engine never waits', async () => {
    let ticks = 0;
    app = await startApp({
      engine: stubEngine(async function* () {
        const timer = setInterval(() => {
          ticks += 1;
        }, 1);
        for (const end = performance.now() + 5_000; ticks <= 3 && performance.now() < end; ) yield [];
        clearInterval(timer);
        return { nrOfEntries: 0 };
      }),
    });
    expect((await app.post(search)).status).to.equal(200);
    expect(ticks).to.be.above(3);
  });

  it('marks an answer as truncated by a bug, which it logs', async () => {
    app = await startApp({
      engine: stubEngine(async function* () {
        yield ['x'.repeat(100_000)];
        throw new Error('secret');
      }),
    });
    expect(await (await app.post(search)).json()).to.include({ 'nr of entries': 1, truncated: 'internal' });
    const bug = app.log.find(({ msg }) => msg === 'bug');
    expect(bug).to.have.property('err').that.has.property('stack').that.includes('secret');
  });

  it('aborts the search when the client disconnects', async () => {
    let ended: (reason: unknown) => void = () => {};
    const end = new Promise((resolve) => {
      ended = resolve;
    });
    let begun: () => void = () => {};
    const begin = new Promise<void>((resolve) => {
      begun = resolve;
    });
    app = await startApp({
      engine: stubEngine(async function* (_query, signal) {
        begun();
        return untilAborted(signal).catch((reason) => {
          ended(reason);
          throw reason;
        });
      }),
    });
    const client = request(`${app.url}/api/v1/json`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
    });
    client.on('error', () => {});
    client.end(JSON.stringify(search));
    await begin;
    client.destroy();
    expect(await end).to.have.property('name', 'AbortError');
    while (app.log.length === 0) await sleep(5);
    expect(app.log).to.have.length(1);
    expect(app.log[0]).to.include({ msg: 'request', status: 499, aborted: true });
  });

  it('aborts the search when the client disconnects during the answer', async () => {
    let ended: () => void = () => {};
    const end = new Promise<void>((resolve) => {
      ended = resolve;
    });
    app = await startApp({
      engine: stubEngine(async function* () {
        try {
          for (;;) yield ['x'.repeat(100_000)];
        } finally {
          ended();
        }
      }),
    });
    const client = request(`${app.url}/api/v1/json`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
    });
    client.on('error', () => {});
    client.end(JSON.stringify(search));
    const [response] = await once(client, 'response');
    await once(response, 'readable');
    client.destroy();
    await end;
  });

  it('answers other requests at the same time', async () => {
    app = await startApp({
      engine: stubEngine(async function* (query, signal) {
        if ('term' in query && query.term === 'slow') return untilAborted(signal);
        yield ['quick'];
        return { nrOfEntries: 1 };
      }),
      searchTimeoutMs: 200,
    });
    const slow = app.post({ action: 'search', term: 'slow' });
    for (let n = 0; n < 20; n += 1) expect((await app.post(search)).status).to.equal(200);
    expect((await slow).status).to.equal(504);
  });

  it('answers 503 with Retry-After if the queue is full', async () => {
    app = await startApp({
      engine: stubEngine(() => {
        throw new AppError('too_busy', '8 searches are running and 8 are waiting.');
      }),
    });
    const response = await app.post(search);
    expect(response.status).to.equal(503);
    expect(response.headers.get('retry-after')).to.equal('1');
    expect(await response.json())
      .to.have.property('message')
      .that.includes('8 are waiting');
  });
});
