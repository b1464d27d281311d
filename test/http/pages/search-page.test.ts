import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { useFakeTimers } from 'sinon';
import { request } from 'undici';
import { AppError } from '../../../src/errors.js';
import { collect, type SearchQuery } from '../../../src/search/engine.js';
import { openEngine } from '../../../src/search/open-engine.js';
import { allQuery, engineOptions } from '../../helpers/queries.js';
import { startApp } from '../../helpers/start-app.js';
import { stubEngine, untilAborted } from '../../helpers/stub-engine.js';
import { useFixtureApp } from '../../helpers/use-app.js';

/** Returns the shown entries, with matches in brackets. */
function entriesOn(text: string): string[] {
  return [...text.matchAll(/<blockquote dir="auto">(.*?)<\/blockquote>/gs)].map(([, entry = '']) =>
    entry
      .replaceAll('<mark>', '[')
      .replaceAll('</mark>', ']')
      .replace(/<[^>]*>/g, ''),
  );
}

/** Returns the line with the count, without the duration. */
function countOn(text: string): string | undefined {
  const [, count] = /<p id="count" role="status" tabindex="-1">(.*?)<\/p>/s.exec(text) ?? [];
  return count?.replace(/<[^>]*>/g, '').replace(/ in [\d.]+ m?s$/, '');
}

describe('the search page', () => {
  const suite = useFixtureApp();
  before(async () => {
    const lines = Array.from({ length: 45 }, (_, at) => `line ${at + 1}\n`);
    await writeFile(join(suite.dictionaries, 'many.txt'), lines.join(''));
  });

  async function get(path: string): Promise<{ status: number; text: string }> {
    const response = await fetch(suite.url + path);
    expect(response.headers.get('content-type')).to.equal('text/html; charset=utf-8');
    return { status: response.status, text: await response.text() };
  }

  it('has a form with the texts, all of them selected, and searches nothing without a term', async () => {
    const { status, text } = await get('/');
    expect(status).to.equal(200);
    expect(text)
      .to.include('<option value="*" dir="auto" selected>All texts</option>')
      .and.include('<option value="grün und blau.txt" dir="auto">grün und blau.txt</option>');
    expect(countOn(text)).to.equal('');
    expect(entriesOn(text)).to.deep.equal([]);
  });

  it('lists dictionaries in byte order, including numeric names', async () => {
    for (const name of ['9', '10']) await writeFile(join(suite.dictionaries, name), 'number\n');
    // The cached list may be one second old.
    let options: (string | undefined)[] = [];
    while (!options.includes('10')) {
      const { text } = await get('/?dictionary=10');
      options = [...text.matchAll(/<option value="(\d+)"[^>]*>/g)].map(([, name]) => name);
      expect(text).to.include('<option value="10" dir="auto" selected>10</option>');
      if (!options.includes('9')) options = [];
    }
    expect(options).to.deep.equal(['10', '9']);
    for (const name of ['9', '10']) await rm(join(suite.dictionaries, name));
  });

  it('shows the matches with their location and context, and keeps the query', async () => {
    const { status, text } = await get('/?term=love&dictionary=folder&n_before=1&n_after=0');
    expect(status).to.equal(200);
    expect(countOn(text)).to.equal('7 lines of folder');
    expect(text).to.match(/in <?[\w\s="]*>?\d+ ms/);
    expect(entriesOn(text)[0]).to.equal('a1\na2 [love]');
    expect(text).to.include(
      '<a href="/d/folder/a.txt?line=2&amp;term=love&amp;n_before=1&amp;dictionary=folder#L2"><bdi>a.txt</bdi>, line 2</a>',
    );
    expect(text).to.include('value="love"').and.include('<option value="folder" dir="auto" selected>folder</option>');
    expect(text).to.match(/name="n_before"[^>]* value="1"/);
  });

  it('supports every option of its form', async () => {
    const found = async (query: string) => entriesOn((await get(`/?${query}`)).text);
    expect(await found('term=love&dictionary=words.txt&syntax=word')).to.deep.equal(['[love]', '[love]-in']);
    expect(await found('term=^l.v.!$&dictionary=words.txt&syntax=regex&ignore_case=true')).to.deep.equal(['[Love!]']);
    expect(await found('term=of&dictionary=fortunes&unit=quote')).to.deep.equal(['a poem\n\n[of] love']);
    const { text } = await get('/?term=of&dictionary=fortunes&unit=quote&syntax=word&ignore_case=true');
    for (const option of [
      'value="quote" data-view="" data-unit="quote" data-order="" selected',
      'value="word" selected',
      'value="true" checked',
    ]) {
      expect(text).to.include(option);
    }
  });

  it('suggests the variants that find something, with their counts, if nothing matches', async () => {
    const { status, text } = await get('/?term=LOVE&syntax=word&dictionary=plain.txt');
    expect(status).to.equal(200);
    expect(countOn(text)).to.equal('No results: no line of plain.txt contains the word LOVE');
    const address = '/?term=LOVE&amp;syntax=word&amp;ignore_case=true&amp;dictionary=plain.txt';
    expect(text).to.include(`<li><a href="${address}">ignoring case</a>: 4 lines</li>`);
    // It finds nothing, either.
    expect(text).to.not.include('as literal text');
    expect(text).to.not.include('class="strip"');
    expect(countOn((await get('/?term=two')).text)).to.equal('1 line of plain.txt');
  });

  it('shows twenty entries per page, with links to the previous and next ones', async () => {
    const first = (await get('/?term=line&dictionary=many.txt')).text;
    expect(entriesOn(first)).to.have.length(20);
    expect(first).to.include('rel="next" href="/?term=line&amp;dictionary=many.txt&amp;offset=20">Next 20</a>');
    expect(first).to.not.include('rel="prev"');
    const last = (await get('/?term=line&dictionary=many.txt&offset=40')).text;
    expect(entriesOn(last)).to.deep.equal(['41', '42', '43', '44', '45'].map((number) => `[line] ${number}`));
    expect(last).to.include('<ol class="entries" start="41">').and.include('41 to 45 of 45');
    expect(last).to.include('rel="prev" href="/?term=line&amp;dictionary=many.txt&amp;offset=20">Previous</a>');
    expect(last).to.not.include('rel="next"');
    const middle = (await get('/?term=line&dictionary=many.txt&offset=20')).text;
    expect(middle).to.include('Next 5').and.include('rel="prev" href="/?term=line&amp;dictionary=many.txt">');
    const beyond = (await get('/?term=line&dictionary=many.txt&offset=1000')).text;
    expect(beyond).to.include('beyond the last of 45').and.include('offset=25">Previous</a>');
    expect(entriesOn((await get('/?term=line&dictionary=many.txt&nresults=3')).text)).to.have.length(3);
  });

  it('keeps the globs for files in its links', async () => {
    const { text } = await get('/?term=line&dictionary=many.txt&files=*.txt&files=!a,b');
    expect(entriesOn(text)).to.have.length(20);
    expect(text).to.include('files=*.txt&amp;files=%21a%2Cb&amp;offset=20">Next 20</a>');
    const one = (await get('/?term=line&dictionary=many.txt&files=!many*')).text;
    expect(entriesOn(one)).to.deep.equal([]);
  });

  it('shows the equivalent curl command', async () => {
    const { text } = await get("/?term=it's&dictionary=hostile.txt&syntax=word&n_after=1");
    const [, command = ''] = /<code>(curl.*?)<\/code>/.exec(text) ?? [];
    const [, body = ''] = /-d &#39;(.*?)&#39; &#39;http/.exec(command.replaceAll('&#39;\\&#39;&#39;', "'")) ?? [];
    const payload = JSON.parse(body.replaceAll('&quot;', '"'));
    expect(payload).to.deep.equal({
      action: 'search',
      term: "it's",
      syntax: 'word',
      n_after: 1,
      dictionary: 'hostile.txt',
      nresults: 20,
      format: 'object',
    });
    const answer = (await (await suite.app.post(payload)).json()) as { results: { text: string }[] };
    expect(answer.results.map((entry) => entry.text)).to.deep.equal(['it\'s "quoted"']);
    expect(command).to.match(new RegExp(`${suite.url}/api/v1/json&#39;$`));
  });

  it('plots the positions of the matches in a file, each with a link', async () => {
    const { text } = await get('/?term=love');
    expect(text.match(/<svg class="strip"/g)).to.have.length(1);
    const marks = [
      ...text.matchAll(
        /<a href="([^"]*)" tabindex="-1"><title>(.*?)<\/title><rect class="d\d" x="(\d+)" width="(\d+)"/g,
      ),
    ];
    const search = 'amp;term=love&amp;dictionary=plain.txt';
    // 9 lines, 960 units.
    expect(marks.map(([, ...mark]) => mark)).to.deep.equal([
      [`/d/plain.txt?line=2&${search}#L2`, 'line 2', '154', '12'],
      [`/d/plain.txt?line=4&${search}#L4`, 'line 4', '367', '12'],
      [`/d/plain.txt?line=5&${search}#L5`, 'line 5', '474', '12'],
      [`/d/plain.txt?line=9&${search}#L9`, 'line 9', '901', '12'],
    ]);
  });

  it('plots one strip per file with matches in a folder', async () => {
    const { text } = await get('/?term=love&dictionary=folder');
    expect(text.match(/<svg class="strip"/g)).to.have.length(4);
    expect(text).to.include('Matches are in 4 of 4 files.');
    expect(text).to.include(
      '<a href="/d/folder/a/z.txt?line=1&amp;term=love&amp;dictionary=folder#L1" dir="auto">a/z.txt</a>',
    );
    expect((await get('/?term=a2&dictionary=folder')).text).to.include('Matches are in 1 of 4 files.');
  });

  it('escapes the query and the results', async () => {
    const hostile = '<script>alert(1)</script>';
    const name = `"><script>.txt`;
    await writeFile(join(suite.dictionaries, name), `${hostile}\n<b>love</b> & "'\n`);
    for (const query of [
      { term: '"><script>alert(1)</script>' },
      { term: '<', dictionary: name, n_before: '1' },
    ] as Record<string, string>[]) {
      const { text } = await get(`/?${new URLSearchParams(query)}`);
      expect(text).to.not.include('<script>').and.not.include('<b>love');
    }
    const { text } = await get(`/?${new URLSearchParams({ term: 'love', dictionary: name })}`);
    expect(entriesOn(text)).to.deep.equal(['&lt;b&gt;[love]&lt;/b&gt; &amp; &quot;&#39;']);
    await rm(join(suite.dictionaries, name));
  });

  for (const [query, status, problem] of [
    ['term=a&n_before=101', 400, '&quot;n_before&quot; must be an integer from 0 to 100, got 101.'],
    ['term=a&n_before=x', 400, '&quot;n_before&quot; must be an integer from 0 to 100, got &quot;x&quot;.'],
    ['term=a&nresults=101', 400, '&quot;nresults&quot; must be an integer from 1 to 100, got 101.'],
    ['term=a&term=b', 400, '&quot;term&quot; must be a string'],
    ['term=(&syntax=regex', 400, 'grep reports: Unmatched ( or \\('],
    ['term=a&dictionary=nope', 404, 'There is no dictionary named &quot;nope&quot;.'],
    ['term=a&dictionary=shut.txt', 403, 'The dictionary &quot;shut.txt&quot; is not readable.'],
    ['order=random&seed=x', 400, '&quot;seed&quot; must be an integer'],
  ] as const) {
    it(`shows the error in ${query}`, async () => {
      const page = await get(`/?${query}`);
      expect(page.status).to.equal(status);
      expect(page.text).to.include('role="alert"').and.include(problem);
    });
  }

  it('shortens long entries, and reports truncated ones', async () => {
    await writeFile(
      join(suite.dictionaries, 'long.txt'),
      `love ${'é'.repeat(2_000_000)}\nlove ${'x'.repeat(9_995)}\n${'y'.repeat(900_000)} love z\n`,
    );
    const { text } = await get('/?term=love&dictionary=long.txt');
    expect(entriesOn(text)).to.deep.equal([
      `[love] ${'é'.repeat(199)} …`,
      `[love] ${'x'.repeat(199)} …`,
      `… ${'y'.repeat(199)} [love] z`,
    ]);
    expect(text).to.include('The whole line</a>').and.include('Some lines are longer than grepd reads them');
    expect(text).to.not.include('role="alert"');
    expect((await get('/?term=two')).text)
      .to.not.include('class="note"')
      .and.not.include('The whole line');
    await rm(join(suite.dictionaries, 'long.txt'));
  });

  it('ignores empty and unknown fields', async () => {
    expect((await get('/?term=&dictionary=')).status).to.equal(200);
    expect(countOn((await get('/?term=two&n_before=&n_after=&from=mail')).text)).to.equal('1 line of plain.txt');
  });

  it('names the default dictionary in its links, so that they stay valid', async () => {
    const dictionary = 'dictionary=plain.txt';
    const { text } = await get('/?term=love&nresults=1&offset=1');
    for (const rel of ['prev', 'next']) expect(text).to.match(new RegExp(`rel="${rel}" href="/\\?[^"]*${dictionary}`));
    expect(text).to.include('&quot;dictionary&quot;:&quot;plain.txt&quot;');
    expect(text).to.include(`id="random" href="/random?${dictionary}"`);
    const { text: nothing } = await get('/?term=LOVE');
    expect(nothing).to.include(`<a href="/?term=LOVE&amp;ignore_case=true&amp;${dictionary}">ignoring case</a>`);
  });

  describe('with a random quote', () => {
    /** Returns the Location. */
    async function draw(query: string): Promise<string> {
      const response = await request(`${suite.url}/random${query}`);
      await response.body.dump();
      expect(response.statusCode).to.equal(303);
      return String(response.headers.location);
    }

    it('redirects to a stable URL, to another quote each time', async () => {
      const engine = await openEngine(engineOptions({ dictionariesDir: suite.dictionaries }));
      const quotes = allQuery({ dictionary: 'quotes.txt', unit: 'quote' });
      const all = await collect(engine.all(quotes, new AbortController().signal));
      await engine.close();
      const drawn = new Set<string>();
      for (let times = 0; drawn.size < all.nrOfEntries && times < 200; times += 1) {
        const address = await draw('?dictionary=quotes.txt');
        const { text } = await get(address);
        const [entry] = entriesOn(text);
        expect(entriesOn((await get(address)).text)).to.deep.equal([entry]);
        expect(countOn(text)).to.equal('One of 4 paragraphs of quotes.txt');
        drawn.add(String(entry));
      }
      expect([...drawn].sort()).to.deep.equal([...all.entries].sort());
    });

    it('shows a line instead of a long quote, and never a blank one', async () => {
      await writeFile(join(suite.dictionaries, 'book.txt'), `${'a line\n'.repeat(1_000)}`);
      expect(entriesOn((await get(await draw('?dictionary=book.txt'))).text)).to.deep.equal(['a line']);
      await rm(join(suite.dictionaries, 'book.txt'));
      // Blank lines are part of a quote in the fortune format: here a quarter of all lines.
      await writeFile(join(suite.dictionaries, 'poems.txt'), `${'love\nlove\nlove\n \n'.repeat(1_000)}%\n`);
      for (let times = 0; times < 10; times += 1) {
        expect(entriesOn((await get(await draw('?dictionary=poems.txt'))).text)[0]).to.be.oneOf(['love', '%']);
      }
      await rm(join(suite.dictionaries, 'poems.txt'));
    });

    it('names the default dictionary in the URL', async () => {
      expect(await draw('')).to.match(/^\/\?dictionary=plain\.txt&/);
      expect(await draw('?dictionary=quotes.txt')).to.match(/^\/\?dictionary=quotes\.txt&/);
    });

    it('works with an empty dictionary', async () => {
      const { status, text } = await get(await draw('?dictionary=empty.txt'));
      expect(status).to.equal(200);
      expect(entriesOn(text)).to.deep.equal([]);
      expect((await fetch(`${suite.url}/random?dictionary=nope`)).status).to.equal(404);
    });
  });
});

describe('the search page if a search fails', () => {
  it('reports missing dictionaries as a page, or as JSON to programs', async () => {
    const engine = stubEngine(() => expect.fail('no search'));
    const none = new AppError('no_dictionaries', 'The dictionaries folder is not readable.');
    const app = await startApp({ engine: { ...engine, dictionaries: () => Promise.reject(none) } });
    try {
      const page = await fetch(app.url, { headers: { Accept: 'text/html' } });
      expect(page.status).to.equal(503);
      expect(page.headers.get('retry-after')).to.equal('5');
      expect(page.headers.get('content-type')).to.equal('text/html; charset=utf-8');
      expect(await page.text()).to.include('role="alert">The dictionaries folder is not readable.');
      expect(await (await fetch(app.url)).json()).to.include({ Code: 503 });
    } finally {
      await app.close();
    }
  });

  it('stops plotting', async () => {
    let end: (reason: unknown) => void = () => {};
    const ended = new Promise((resolve) => {
      end = resolve;
    });
    const engine = stubEngine(() => {
      throw new AppError('too_busy', 'Too many.');
    });
    const lineCounts = (_: unknown, signal: AbortSignal) => untilAborted(signal).catch(end) as Promise<never>;
    const app = await startApp({ engine: { ...engine, lineCounts } });
    try {
      const { status, headers } = await fetch(`${app.url}/?term=love`);
      expect(status).to.equal(503);
      expect(headers.get('retry-after')).to.equal('1');
      expect(String(await ended)).to.include('AbortError');
    } finally {
      await app.close();
    }
  });

  it('shows the error, with its status', async () => {
    const app = await startApp({
      engine: stubEngine(() => {
        throw new AppError('search_timeout', 'The search took longer than 5 ms.');
      }),
    });
    try {
      const response = await fetch(`${app.url}/?term=a`);
      expect(response.status).to.equal(504);
      expect(await response.text()).to.include('The search took longer than 5 ms.');
      expect(app.log.find(({ msg }) => msg === 'request')).to.include({ reason: 'The search took longer than 5 ms.' });
    } finally {
      await app.close();
    }
  });

  it('shows an incomplete plot and the right count if the matches take long to locate', async () => {
    const engine = stubEngine(async function* (query) {
      const { observer } = query as SearchQuery;
      observer?.observe('stub', 1);
      yield [{ file: 'stub', line: 1, text: 'love', before: [], after: [], matches: [[0, 4]] }];
      // Like grep's engine, which then counts the other matches.
      await untilAborted(observer?.signal ?? expect.fail('no observer')).catch(() => {});
      return { nrOfEntries: 12_345 };
    });
    const app = await startApp({ engine: { ...engine, lineCounts: async () => new Map([['stub', 20_000]]) } });
    try {
      const text = await (await fetch(`${app.url}/?term=love&nresults=1`)).text();
      expect(countOn(text)).to.equal('12,345 lines of stub');
      expect(entriesOn(text)).to.deep.equal(['[love]']);
      expect(text.match(/<svg class="strip"/g)).to.have.length(1);
      expect(text).to.include('The plot is incomplete');
    } finally {
      await app.close();
    }
  });

  it("stops locating matches if the lines can't be counted", async () => {
    const engine = stubEngine(async function* (query) {
      const { observer } = query as SearchQuery;
      await untilAborted(observer?.signal ?? expect.fail('no observer')).catch(() => {});
      yield [{ file: 'stub', line: 1, text: 'love', before: [], after: [], matches: [[0, 4]] }];
      return { nrOfEntries: 1 };
    });
    const lineCounts = async () => Promise.reject(new AppError('too_busy', 'Too many.'));
    const app = await startApp({ engine: { ...engine, lineCounts }, searchTimeoutMs: 5_000 });
    try {
      const response = await fetch(`${app.url}/?term=love`);
      expect(response.status).to.equal(200);
      expect(entriesOn(await response.text())).to.deep.equal(['[love]']);
    } finally {
      await app.close();
    }
  });

  for (const view of ['list', 'count']) {
    it(`waits for no plot if nothing is found: ${view}`, async () => {
      const clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      const nothing = async function* () {
        yield [];
        return { nrOfEntries: 0 };
      };
      // Without a timer, the page would wait until the search times out.
      const lineCounts = (_: unknown, signal: AbortSignal) => untilAborted(signal);
      const app = await startApp({ engine: { ...stubEngine(nothing), lineCounts, count: nothing } });
      try {
        const text = await (await fetch(`${app.url}/?term=love&view=${view}`)).text();
        expect(countOn(text)).to.include('No results');
      } finally {
        await app.close();
        clock.restore();
      }
    });
  }

  it('shows the results if the plot is late or fails', async () => {
    for (const [lineCounts, isTooSlow] of [
      [async () => Promise.reject(new AppError('too_busy', 'Too many.')), false],
      [(_: unknown, signal: AbortSignal) => untilAborted(signal), true],
    ] as const) {
      const engine = stubEngine(async function* () {
        yield [{ file: 'stub', line: 1, text: 'love', before: [], after: [], matches: [[0, 4]] }];
        return { nrOfEntries: 1 };
      });
      const app = await startApp({ engine: { ...engine, lineCounts } });
      try {
        const response = await fetch(`${app.url}/?term=love`);
        expect(response.status).to.equal(200);
        const text = await response.text();
        expect(entriesOn(text)).to.deep.equal(['[love]']);
        expect(text, `${isTooSlow}`).to.not.include('class="strip"');
      } finally {
        await app.close();
      }
    }
  });
});
