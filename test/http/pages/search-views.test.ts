// The views of the search page, with an engine whose answers are known.
import { expect } from 'chai';
import { AppError } from '../../../src/errors.js';
import type { Answer, SearchQuery } from '../../../src/search/engine.js';
import type {
  ConcordanceQuery,
  Conditions,
  FindQuery,
  FrequencyQuery,
  QueryEngine,
  Result,
} from '../../../src/search/query.js';
import { type RunningApp, startApp } from '../../helpers/start-app.js';
import { stubEngine, untilAborted } from '../../helpers/stub-engine.js';

async function* answer<Some extends Result>(results: Some[], nrOfEntries = results.length): Answer<Some> {
  yield results;
  return { nrOfEntries };
}

function textOf(html: string): string {
  return html.replace(/<[^>]*>/g, '');
}

/** Returns the texts of the cells in each row of the table. */
function rowsOn(page: string): string[][] {
  const rows = page.split('<tbody>')[1]?.split('</tbody>')[0]?.split('<tr>').slice(1) ?? [];
  return rows.map((row) => [...row.matchAll(/<t([dh])[^>]*>(.*?)<\/t\1>/gs)].map(([, , cell = '']) => textOf(cell)));
}

/** Returns the queries of links with a text. */
function linksOn(page: string, text: string): string[] {
  return [...page.matchAll(/<a [^>]*?href="([^"]*)"[^>]*>(.*?)<\/a>/gs)]
    .filter(([, , content = '']) => textOf(content) === text)
    .map(([, address = '']) => address.replaceAll('&amp;', '&'));
}

function countOn(page: string): string {
  const [, count = ''] = /<p id="count"[^>]*>(.*?)<\/p>/s.exec(page) ?? [];
  return textOf(count).replace(/ in [\d.]+ m?s$/, '');
}

function curlOn(page: string): object {
  const [, body = ''] = /-d &#39;(.*?)&#39; &#39;http/.exec(page) ?? [];
  return JSON.parse(body.replaceAll('&quot;', '"'));
}

describe('the views of the search page', () => {
  let app: RunningApp;
  let engine: QueryEngine;
  let queries: Conditions[];

  beforeEach(async () => {
    queries = [];
    engine = stubEngine((query) => {
      const { observer } = query as SearchQuery;
      observer?.observe('stub/a.txt', 3);
      return answer([{ file: 'stub/a.txt', line: 3, text: 'a whale', before: [], after: [], matches: [[2, 7]] }]);
    });
    // The parts of the engine may be replaced by a test.
    const current = new Proxy(engine, { get: (_, name: keyof QueryEngine) => engine[name] });
    app = await startApp({ engine: current });
  });
  afterEach(() => app.close());

  async function get(query: string, status = 200): Promise<string> {
    const response = await fetch(`${app.url}/?${query}`);
    expect(response.status).to.equal(status);
    return response.text();
  }

  /** Records the query, and answers it. */
  function respond<Query extends Conditions, Some extends Result>(results: Some[], nrOfEntries?: number) {
    return (query: Query) => {
      queries.push(query);
      return answer(results, nrOfEntries);
    };
  }

  it('are linked from each other, with the fields of all of them', async () => {
    engine = { ...engine, concordance: respond([]) };
    const page = await get('term=whale&all_of=a&all_of=b&n_before=2&n_after=0&offset=20&view=kwic&order=left');
    expect(page).to.match(/<a href="[^"]*" aria-current="page">In context<\/a>/);
    const query = 'term=whale&all_of=a&all_of=b&n_before=2&dictionary=stub';
    expect(linksOn(page, 'List')).to.deep.equal([`/?${query}`]);
    expect(linksOn(page, 'In context')).to.deep.equal([`/?${query}&view=kwic`]);
    expect(linksOn(page, 'Counts')).to.deep.equal([`/?${query}&view=count`]);
  });

  it('are linked from an error, too', async () => {
    const page = await get('term=whale&view=frequencies&distance=3', 400);
    expect(page).to.include('role="alert">&quot;distance&quot; requires &quot;by&quot;.');
    expect(linksOn(page, 'List')).to.deep.equal(['/?term=whale&dictionary=stub&distance=3']);
    expect(await get('term=whale&view=cloud', 400)).to.include('&quot;view&quot; must be one of');
    expect(await get('none_of=whale&view=kwic', 400)).to.include(
      '&quot;format&quot;: &quot;kwic&quot; requires &quot;term&quot;, &quot;all_of&quot; or &quot;any_of&quot;.',
    );
  });

  it('are not linked without a search', async () => {
    expect(await get('view=kwic'))
      .to.not.include('class="views"')
      .and.include('Type a word');
    expect(await get('order=random')).to.not.include('class="views"');
  });

  it('have downloads of all results', async () => {
    const count = respond([{ file: 'stub/a.txt', entries: 1, matches: 1, per_million_words: 1 }]);
    const concordance = respond([{ file: 'stub/a.txt', line: 3, left: '', match: 'whale', right: '' }], 120);
    engine = { ...engine, count, concordance };
    const where = 'term=whale&dictionary=stub';
    for (const [query, downloaded] of [
      ['n_after=1&nresults=1&offset=0&order=random&seed=1', 'term=whale&n_after=1&dictionary=stub&format=object'],
      ['view=kwic&order=left&offset=50', `${where}&order=left&format=kwic`],
      ['view=count&files=a*&files=b', `action=count&${where}&files=a*&files=b`],
    ]) {
      const page = await get(`term=whale&${query}`);
      expect(linksOn(page, 'Download CSV')).to.deep.equal([`/api/v1/search?${downloaded}&download=csv`]);
      expect(linksOn(page, 'Download JSON lines')).to.deep.equal([`/api/v1/search?${downloaded}&download=ndjson`]);
    }
    expect(await get('order=random')).to.not.include('Download');
  });

  describe('concordance', () => {
    const line = { file: 'stub/a.txt', line: 3, left: 'to be a ', match: 'whale', right: '<man>' };

    it('shows each match between the text on both sides, with a link to its line', async () => {
      engine = { ...engine, concordance: respond([line], 120) };
      const page = await get('term=whale&view=kwic&n_before=1');
      expect(countOn(page)).to.equal('120 occurrences in stub');
      expect(rowsOn(page)).to.deep.equal([['a.txt, line 3', 'to be a ', 'whale', '&lt;man&gt;']]);
      expect(page).to.include(
        '<a href="/d/stub/a.txt?line=3&amp;term=whale&amp;dictionary=stub&amp;view=kwic#L3"><bdi>a.txt</bdi>, line 3</a>',
      );
      const [query] = queries as ConcordanceQuery[];
      expect(query).to.include({
        dictionary: 'stub',
        order: 'file',
        width: 40,
        width_unit: 'characters',
        nresults: 50,
      });
      expect(curlOn(page)).to.deep.equal({
        action: 'search',
        term: 'whale',
        dictionary: 'stub',
        nresults: 50,
        format: 'kwic',
      });
    });

    it('is sorted by its column headers, and paged', async () => {
      engine = { ...engine, concordance: respond(Array(2).fill(line), 5) };
      const page = await get('term=whale&view=kwic&order=left&width=5&width_unit=words&nresults=2&offset=2');
      expect(queries[0]).to.include({ order: 'left', width: 5, width_unit: 'words', nresults: 2, offset: 2 });
      const query = 'term=whale&dictionary=stub&nresults=2';
      const rest = 'width=5&width_unit=words&view=kwic';
      expect(linksOn(page, 'Right')).to.deep.equal([`/?${query}&order=right&${rest}`]);
      expect(linksOn(page, 'Match')).to.deep.equal([`/?${query}&order=match&${rest}`]);
      expect(linksOn(page, 'Source')).to.deep.equal([`/?${query}&${rest}`]);
      expect(linksOn(page, 'Next 1')).to.deep.equal([`/?${query}&offset=4&order=left&${rest}`]);
      expect(page).to.include('class="left" aria-sort="ascending"').and.include('3 to 4 of 5');
      expect(page).to.include('<input type="hidden" name="order" value="left">');
      expect(countOn(page)).to.equal('5 occurrences in stub, from 3 on');
    });

    it('suggests the variants that find something if nothing matches', async () => {
      const isPhrase = ({ all_of: [term] }: FindQuery) => term?.syntax === 'phrase';
      engine = {
        ...engine,
        concordance: respond([]),
        find: (query: FindQuery) => answer<never>([], isPhrase(query) ? 3 : 0),
      };
      const page = await get('term=white+whale&view=kwic');
      expect(countOn(page)).to.equal('No results: no such matches in stub');
      expect(linksOn(page, 'ignoring case')).to.deep.equal([]);
      expect(linksOn(page, 'across line ends')).to.deep.equal([
        '/?term=white+whale&syntax=phrase&dictionary=stub&unit=quote&view=kwic',
      ]);
      expect(page).to.include(': 3 paragraphs').and.not.include('<table');
    });

    it('shortens long matches', async () => {
      engine = { ...engine, concordance: respond([{ ...line, match: 'x'.repeat(1_000) }]) };
      expect(rowsOn(await get('term=x&view=kwic'))[0]?.[2]).to.equal(`${'x'.repeat(500)}…`);
    });
  });

  describe('frequencies', () => {
    it('shows how often each text matched, with a bar and a link to its occurrences', async () => {
      const frequencies = [
        { text: 'whale', count: 1_200 },
        { text: 'whales', count: 300 },
        { text: 'x'.repeat(1_001), count: 1 },
      ];
      engine = { ...engine, frequencies: respond(frequencies) };
      const page = await get('term=whal[a-z]*&syntax=regex&view=frequencies&files=a*&distance=1&by=');
      expect(countOn(page)).to.equal('3 distinct matches in stub');
      const long = `${'x'.repeat(200)}…`;
      expect(rowsOn(page)).to.deep.equal([
        ['whale', '1,200', ''],
        ['whales', '300', ''],
        [long, '1', ''],
      ]);
      expect([...page.matchAll(/<rect width="([\d.]+)"/g)].map(([, width]) => width)).to.deep.equal([
        '100',
        '25',
        '0.1',
      ]);
      expect(linksOn(page, 'whales')).to.deep.equal(['/?term=whales&dictionary=stub&files=a*']);
      // It is too long for a term.
      expect(linksOn(page, long)).to.deep.equal([]);
      expect(queries[0]).to.include({ fold_case: false, by: undefined, distance: 1, nresults: 50 });
      expect(curlOn(page)).to.deep.equal({
        action: 'frequencies',
        term: 'whal[a-z]*',
        syntax: 'regex',
        dictionary: 'stub',
        files: ['a*'],
        nresults: 50,
      });
    });

    it('shows the words beside the matches', async () => {
      engine = { ...engine, frequencies: respond([{ text: 'white', count: 32, log_likelihood: 137.66 }]) };
      const page = await get('term=whale&view=frequencies&by=left&distance=2&fold_case=true');
      expect(countOn(page)).to.equal('1 distinct word to the left of the matches in stub');
      expect(rowsOn(page)).to.deep.equal([['white', '32', '137.7', '']]);
      expect(linksOn(page, 'white')).to.deep.equal(['/?term=white&syntax=word&ignore_case=true&dictionary=stub']);
      expect(queries[0] as FrequencyQuery).to.include({ by: 'left', distance: 2, fold_case: true });
    });

    it('links to phrases', async () => {
      engine = { ...engine, frequencies: respond([{ text: 'white\nwhale', count: 2 }]) };
      const page = await get('term=white+whale&syntax=phrase&unit=quote&view=frequencies');
      expect(linksOn(page, 'white\nwhale')).to.deep.equal([
        '/?term=white+whale&syntax=phrase&dictionary=stub&unit=quote',
      ]);
    });
  });

  describe('counts', () => {
    const counts = Array.from({ length: 5 }, (_, at) => ({
      file: `stub/${at}.txt`,
      entries: at + 1,
      matches: 2 * (at + 1),
      per_million_words: 1_000.4 * (at + 1),
    }));

    it('shows the counts of each file below the plot, with bars and links', async () => {
      const lineCounts = async () => new Map([['stub/a.txt', 10]]);
      engine = { ...engine, lineCounts, count: respond(counts, 15) };
      const page = await get('term=whale&view=count&nresults=2&offset=2');
      expect(countOn(page)).to.equal('15 lines of stub with 30 occurrences in 5 files, from 3 on');
      expect(rowsOn(page)).to.deep.equal([
        ['2.txt', '3', '6', '3,001', ''],
        ['3.txt', '4', '8', '4,002', ''],
      ]);
      // Compared with all files.
      expect(page).to.include('<rect width="60"').and.include('<rect width="80"');
      expect(page.indexOf('class="strip"')).to.be.within(1, page.indexOf('<table'));
      expect(linksOn(page, '3.txt')).to.deep.equal(['/?term=whale&dictionary=stub%2F3.txt']);
      expect(linksOn(page, 'Next 1')).to.deep.equal(['/?term=whale&dictionary=stub&nresults=2&offset=4&view=count']);
      expect(curlOn(page)).to.deep.equal({ action: 'count', term: 'whale', dictionary: 'stub' });
    });

    it('shows the counts without a plot if the search fails or takes long', async () => {
      for (const find of [
        () => {
          throw new AppError('too_busy', 'Too many.');
        },
        async function* (_: unknown, signal: AbortSignal) {
          yield await untilAborted(signal);
        },
      ] as unknown as QueryEngine['find'][]) {
        engine = { ...engine, find, count: respond(counts) };
        const page = await get('term=whale&view=count');
        expect(rowsOn(page)).to.have.length(5);
        expect(page).to.include('could not be computed in time').and.not.include('class="strip"');
      }
    });

    it('shows the error if counting fails, and stops the plot', async () => {
      let isStopped = false;
      const find = async function* (_: unknown, signal: AbortSignal) {
        yield await untilAborted(signal).finally(() => {
          isStopped = true;
        });
      } as unknown as QueryEngine['find'];
      const count = () => {
        throw new AppError('search_memory', 'Too much memory.');
      };
      engine = { ...engine, find, count };
      expect(await get('term=whale&view=count', 503)).to.include('Too much memory.');
      expect(isStopped).to.equal(true);
    });
  });
});
