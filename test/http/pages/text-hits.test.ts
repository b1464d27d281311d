// The searches behind a text page: what they read, and what happens if they fail.
import { expect } from 'chai';
import { findHits } from '../../../src/http/pages/text-hits.js';
import type { EntryObject, Match } from '../../../src/search/engine.js';
import type { Conditions, FindQuery, QueryEngine } from '../../../src/search/query.js';
import { type RunningApp, startApp } from '../../helpers/start-app.js';
import { stubEngine, untilAborted } from '../../helpers/stub-engine.js';

const CONDITIONS: Conditions = {
  ...{ dictionary: 'shelf', files: ['*.md'], unit: 'line', join_hyphens: false, ignore_marks: false },
  all_of: [{ term: 'a', syntax: 'literal', ignore_case: false }],
  any_of: [],
  none_of: [],
};

const MATCHES: Match[] = [[0, 1]];

type StubEntry = Pick<EntryObject, 'line' | 'text'> & Partial<EntryObject>;

/** An engine with the given entries in each text. */
function engineWith(entries: StubEntry[], queries: FindQuery[], nrObserved = entries.length) {
  const objects = entries.map((entry) => ({ file: 'a.txt', before: [], after: [], matches: MATCHES, ...entry }));
  async function* find(query: FindQuery) {
    queries.push(query);
    for (const { file, line } of objects.slice(0, nrObserved)) query.observer?.observe(file, line);
    yield objects.slice(query.offset, query.offset + query.nresults);
    return { nrOfEntries: entries.length };
  }
  const engine = stubEngine(() => Promise.reject(new Error('No search was expected')) as never);
  return { ...engine, find: find as unknown as QueryEngine['find'] };
}

const { signal } = new AbortController();

describe('findHits', () => {
  const lines = Array.from({ length: 10_000 }, (_, at) => ({ line: (at + 1) * 10, text: 'a' }));

  it('reads only the entries on the page, and one before it', async () => {
    const queries: FindQuery[] = [];
    const window = { first: 488, last: 547, line: 500 };
    const hits = await findHits(engineWith(lines, queries), 'a.txt', CONDITIONS, window, signal);
    expect(queries.map(({ offset, nresults, format }) => ({ offset, nresults, format }))).to.deep.equal([
      { offset: 0, nresults: 1, format: 'location' },
      { offset: 47, nresults: 7, format: 'object' },
    ]);
    for (const query of queries) expect(query).to.include({ dictionary: 'a.txt', files: undefined, order: 'file' });
    expect([...hits.matches.keys()]).to.deep.equal([490, 500, 510, 520, 530, 540]);
    expect(hits).to.deep.include({ count: 10_000, current: { number: 50, line: 500 } });
    expect([hits.previous?.line, hits.next?.line]).to.deep.equal([490, 510]);
  });

  it('reads no entries if the page has none', async () => {
    const queries: FindQuery[] = [];
    const window = { first: 1, last: 9, line: undefined };
    const hits = await findHits(engineWith(lines, queries), 'a.txt', CONDITIONS, window, signal);
    expect(queries).to.have.length(1);
    expect(hits.next?.line).to.equal(10);
    expect(hits.previous).to.equal(undefined);
  });

  it('marks the lines of an entry that are on the page', async () => {
    const text = 'ab\n\nabc\nb';
    const matches: Match[] = [
      [1, 5],
      [6, 9],
    ];
    const engine = engineWith([{ line: 3, text, matches }], []);
    const all = await findHits(engine, 'a.txt', CONDITIONS, { first: 1, last: 60, line: 6 }, signal);
    expect([...all.matches]).to.deep.equal([
      [3, [[1, 2]]],
      [
        5,
        [
          [0, 1],
          [2, 3],
        ],
      ],
      [6, [[0, 1]]],
    ]);
    expect(all.current).to.deep.equal({ number: 1, line: 3 });
    const part = await findHits(engine, 'a.txt', CONDITIONS, { first: 5, last: 5, line: 7 }, signal);
    expect([...part.matches.keys()]).to.deep.equal([5]);
    expect(part.current).to.equal(undefined);
  });

  it('fails if the engine locates only some of the matches', async () => {
    const hits = findHits(engineWith(lines, [], 9), 'a.txt', CONDITIONS, { first: 1, last: 60, line: 20 }, signal);
    const error = await hits.catch((error) => error);
    expect(error).to.include({ code: 'engine_unavailable', message: 'The matches could not be located.' });
  });
});

describe('a text page whose search fails', () => {
  let app: RunningApp | undefined;
  afterEach(() => app?.close());

  async function start(find: (signal: AbortSignal) => AsyncGenerator<never>): Promise<string> {
    const text = { nrOfEntries: 1 };
    const engine = stubEngine(async function* () {
      yield ['the text'];
      return text;
    } as never);
    const stub = {
      ...engine,
      files: async () => [{ file: 'a.txt', bytes: 9 }],
      lineCounts: async () => new Map([['a.txt', 1]]),
      find: ((_: FindQuery, signal: AbortSignal) => find(signal)) as unknown as QueryEngine['find'],
    };
    app = await startApp({ engine: stub, searchTimeoutMs: 600 });
    return `${app.url}/d/a.txt?term=love&line=1`;
  }

  it('shows the text when the search takes too long', async () => {
    // biome-ignore lint/correctness/useYield: It never gets that far.
    const url = await start(async function* (signal) {
      await untilAborted(signal);
    });
    const response = await fetch(url);
    expect(response.status).to.equal(200);
    const text = await response.text();
    expect(text).to.include('The matches are not marked. The search took longer than 300 ms.');
    expect(text).to.include('>the text</span>').and.include('Back to results');
  });

  it('reports a bug as a bug', async () => {
    // biome-ignore lint/correctness/useYield: It never gets that far.
    const url = await start(async function* () {
      throw new TypeError('A bug.');
    });
    expect((await fetch(url)).status).to.equal(500);
  });
});
