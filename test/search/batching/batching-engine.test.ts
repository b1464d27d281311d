import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { AppError } from '../../../src/errors.js';
import { AdmissionQueue } from '../../../src/search/admission/admission-queue.js';
import { type BatchedAnswer, BatchingEngine, type BatchOutcome } from '../../../src/search/batching/batching-engine.js';
import { type Answer, collect, type SearchQuery } from '../../../src/search/engine.js';
import { searchQuery } from '../../helpers/queries.js';
import { stubEngine } from '../../helpers/stub-engine.js';
import { codeOf } from '../engines/engine-contract.js';

const never = new AbortController().signal;

async function* answer(...entries: string[]): Answer {
  yield entries;
  return { nrOfEntries: entries.length };
}

function* answered(entry: string): BatchedAnswer {
  yield [entry];
  return { nrOfEntries: 1 };
}

describe('BatchingEngine', () => {
  interface Run {
    terms: string[];
    signal: AbortSignal;
    /** Each is answered with its term, unless it is said otherwise. */
    end: (outcomes?: Record<string, BatchOutcome>) => void;
    fail: (error: unknown) => void;
  }

  /** The shared runs so far, and the terms of searches that ran by themselves. */
  function open({ slots = 8, searchQueue = 100 } = {}) {
    const runs: Run[] = [];
    const unbatched: string[] = [];
    const engine = new BatchingEngine({
      unbatched: stubEngine((query) => {
        const term = 'term' in query ? query.term : '';
        unbatched.push(term);
        return answer(`${term}, unbatched`);
      }),
      searcher: {
        batchKeyOf: ({ syntax, dictionary = '' }) => (syntax === 'literal' ? dictionary : undefined),
        searchBatch: (queries, signal) =>
          new Promise<BatchOutcome[]>((resolve, reject) => {
            const terms = queries.map(({ term }) => term);
            const end: Run['end'] = (outcomes = {}) => resolve(terms.map((term) => outcomes[term] ?? answered(term)));
            runs.push({ terms, signal, end, fail: reject });
            signal.addEventListener('abort', () => reject(signal.reason), { once: true });
          }),
      },
      queue: new AdmissionQueue({ searchesPerWorker: slots, searchQueue: 1, answersPerWorker: 1 }),
      maxPending: searchQueue,
    });
    const search = (query: string | Partial<SearchQuery>, signal = new AbortController().signal) => {
      const full = searchQuery(typeof query === 'string' ? { term: query } : query);
      const found = collect(engine.search(full, signal)).then(({ entries }) => entries);
      found.catch(() => {});
      return found;
    };
    const run = async (at: number): Promise<Run> => {
      while (runs[at] === undefined) await sleep(1);
      return runs[at];
    };
    return { engine, search, runs, run, unbatched };
  }

  it('runs at once where nothing runs, and for all who ask in the same turn', async () => {
    const { search, run, runs } = open();
    const found = ['a', 'b', 'a'].map((term) => search(term));
    const first = await run(0);
    expect(first.terms).to.deep.equal(['a', 'b', 'a']);
    first.end();
    expect(await Promise.all(found)).to.deep.equal([['a'], ['b'], ['a']]);
    expect(runs).to.have.length(1);
  });

  it('waits a moment for those whom it has just answered, where others wait too', async () => {
    const { search, run, runs } = open();
    const found = [search('a'), search('b'), search('c')];
    const first = await run(0);
    found.push(search('d'));
    // What a run takes is the measure of that moment.
    await sleep(100);
    first.end();
    await found[0];
    expect(runs).to.have.length(1);
    found.push(search('e'), search('f'));
    const second = await run(1);
    expect(second.terms).to.deep.equal(['d', 'e', 'f']);
    second.end();
    expect(await Promise.all(found)).to.deep.equal(['a', 'b', 'c', 'd', 'e', 'f'].map((term) => [term]));
  });

  it('waits for nobody longer than that moment', async () => {
    const { search, run } = open();
    const found = [search('a'), search('b')];
    const first = await run(0);
    found.push(search('c'));
    first.end();
    const second = await run(1);
    expect(second.terms).to.deep.equal(['c']);
    second.end();
    await Promise.all(found);
  });

  it('does not wait where it has answered one', async () => {
    const { search, run, runs } = open();
    const found = [search('a')];
    const first = await run(0);
    found.push(search('b'));
    await sleep(200);
    first.end();
    await found[0];
    await Promise.resolve();
    expect(runs).to.have.length(2);
    runs[1]?.end();
    await Promise.all(found);
  });

  it('takes all who have come meanwhile into the next run', async () => {
    const { search, run, runs } = open();
    const found = [search('a')];
    const first = await run(0);
    found.push(search('b'), search('c'));
    await sleep(5);
    found.push(search('d'));
    expect(runs).to.have.length(1);
    first.end();
    const second = await run(1);
    expect(second.terms).to.deep.equal(['b', 'c', 'd']);
    second.end();
    expect(await Promise.all(found)).to.deep.equal([['a'], ['b'], ['c'], ['d']]);
  });

  it('keeps groups apart, and runs by itself what has none', async () => {
    const { search, run, unbatched } = open();
    const found = [
      search({ term: 'a', dictionary: 'one' }),
      search({ term: 'b', dictionary: 'two' }),
      search({ term: 'c', syntax: 'word' }),
    ];
    for (const at of [0, 1]) (await run(at)).end();
    expect(await Promise.all(found)).to.deep.equal([['a'], ['b'], ['c, unbatched']]);
    expect([(await run(0)).terms, (await run(1)).terms]).to.deep.equal([['a'], ['b']]);
    expect(unbatched).to.deep.equal(['c']);
  });

  it('passes on what is not a search', async () => {
    const { engine, unbatched } = open();
    await collect(engine.all({ ...searchQuery() }, never));
    await collect(engine.list({ folder: '', options: [] }, never));
    expect(unbatched).to.have.length(2);
    expect(await engine.dictionaries(never)).to.deep.equal({ default: 'stub', dictionaries: [] });
  });

  it('runs by itself what must, and again what is to run again, the first of all', async () => {
    const { search, run, unbatched } = open();
    const found = ['broad', 'b', 'c'].map((term) => search(term));
    const first = await run(0);
    found.push(search('d'));
    first.end({ broad: 'unbatched', b: 'retry', c: 'retry' });
    expect(await found[0]).to.deep.equal(['broad, unbatched']);
    const second = await run(1);
    expect(second.terms).to.deep.equal(['b', 'c', 'd']);
    second.end();
    expect(await Promise.all(found)).to.deep.equal([['broad, unbatched'], ['b'], ['c'], ['d']]);
    expect(unbatched).to.deep.equal(['broad']);
  });

  it('does not let a slow run keep others waiting for long', async () => {
    const { search, run, runs } = open();
    const slow = search('slow');
    await run(0);
    const others = [search('a'), search('b')];
    const second = await run(1);
    expect(second.terms).to.deep.equal(['a', 'b']);
    second.end();
    expect(await Promise.all(others)).to.deep.equal([['a'], ['b']]);
    const later = search('c');
    (await run(2)).end();
    expect(await later).to.deep.equal(['c']);
    // What is to run again does, though nothing else is going on.
    runs[0]?.end({ slow: 'retry' });
    (await run(3)).end();
    expect(await slow).to.deep.equal(['slow']);
    expect(runs).to.have.length(4);
  });

  it('lets who had to run again and again go on alone', async () => {
    const { search, run, unbatched } = open();
    const found = search('a');
    for (const at of [0, 1, 2]) (await run(at)).end({ a: 'retry' });
    expect(await found).to.deep.equal(['a, unbatched']);
    expect(unbatched).to.deep.equal(['a']);
  });

  it('goes on for the others where one leaves, and is ended where all do', async () => {
    const { search, run } = open();
    const [leaver, other] = [new AbortController(), new AbortController()];
    const reason = new Error('left');
    const found = [search('a', leaver.signal), search('b', other.signal)].map((it) => it.catch((error) => error));
    const first = await run(0);
    leaver.abort(reason);
    expect(await found[0]).to.equal(reason);
    expect(first.signal.aborted).to.equal(false);
    other.abort(reason);
    expect(await found[1]).to.equal(reason);
    expect(first.signal.aborted).to.equal(true);
    const later = search('c');
    (await run(1)).end();
    expect(await later).to.deep.equal(['c']);
  });

  it('does not run for who has left before it begins', async () => {
    const { search, run, runs } = open();
    const leaver = new AbortController();
    const left = search('a', leaver.signal).catch(() => 'left');
    leaver.abort();
    expect(await left).to.equal('left');
    expect(await search('b', AbortSignal.abort()).catch(() => 'left')).to.equal('left');
    const later = search('c');
    expect((await run(0)).terms).to.deep.equal(['c']);
    (await run(0)).end();
    await later;
    expect(runs).to.have.length(1);
  });

  it('fails for all with what is wrong for all', async () => {
    const { search, run } = open();
    const found = ['a', 'b'].map((term) => search(term));
    (await run(0)).fail(new AppError('unknown_dictionary', 'There is none.'));
    expect(await Promise.all(found.map(codeOf))).to.deep.equal(['unknown_dictionary', 'unknown_dictionary']);
    const later = search('c');
    (await run(1)).end();
    expect(await later).to.deep.equal(['c']);
  });

  it('runs each by itself where a run fails for a reason that may be that of one', async () => {
    const { search, run } = open();
    const found = ['a', 'b'].map((term) => search(term));
    (await run(0)).fail(new Error('grep failed'));
    expect(await Promise.all(found)).to.deep.equal([['a, unbatched'], ['b, unbatched']]);
  });

  it('refuses those for whom there is no room to wait', async () => {
    const { search, run } = open({ searchQueue: 2 });
    const found = ['a', 'b', 'c'].map((term) => search(term));
    expect(await codeOf(found[2] as Promise<unknown>)).to.equal('too_busy');
    (await run(0)).end();
    expect(await Promise.all(found.slice(0, 2))).to.deep.equal([['a'], ['b']]);
    const later = search('d');
    (await run(1)).end();
    expect(await later).to.deep.equal(['d']);
  });

  it('has one place for a run, and waits for one', async () => {
    const { search, run, runs } = open({ slots: 1 });
    const found = [search({ term: 'a', dictionary: 'one' }), search({ term: 'b', dictionary: 'two' })];
    const first = await run(0);
    await sleep(5);
    expect(runs).to.have.length(1);
    first.end();
    (await run(1)).end();
    expect(await Promise.all(found)).to.deep.equal([['a'], ['b']]);
  });

  it('takes all who have come until it has a place', async () => {
    const { search, run, runs } = open({ slots: 1 });
    const found = [search({ term: 'a', dictionary: 'one' })];
    const first = await run(0);
    for (const term of ['b', 'c']) {
      found.push(search({ term, dictionary: 'two' }));
      await sleep(300);
    }
    first.end();
    const second = await run(1);
    expect(second.terms).to.deep.equal(['b', 'c']);
    second.end();
    expect(await Promise.all(found)).to.deep.equal([['a'], ['b'], ['c']]);
    expect(runs).to.have.length(2);
  });

  it('takes no place for those who have left', async () => {
    const { search, run, runs } = open({ slots: 1 });
    const first = search({ term: 'a', dictionary: 'one' });
    await run(0);
    const leaver = new AbortController();
    const left = search({ term: 'b', dictionary: 'two' }, leaver.signal).catch(() => 'left');
    await sleep(5);
    leaver.abort();
    expect(await left).to.equal('left');
    runs[0]?.end();
    expect(await first).to.deep.equal(['a']);
    const later = search({ term: 'c', dictionary: 'two' });
    (await run(1)).end();
    expect(await later).to.deep.equal(['c']);
    expect(runs.map(({ terms }) => terms)).to.deep.equal([['a'], ['c']]);
  });

  it('takes no more into a run than a command line holds', async () => {
    const { search, run } = open({ searchQueue: 1000 });
    const long = Array.from({ length: 60 }, (_, n) => `${n}`.padEnd(1000, 'x'));
    const many = Array.from({ length: 300 }, (_, n) => `${n}`);
    const found = [...long, ...many].map((term) => search(term));
    const sizes: number[] = [];
    for (let at = 0, answered = 0; answered < 360; at += 1) {
      const { terms, end } = await run(at);
      expect(terms.join('').length).to.be.below(25_000);
      answered += terms.length;
      sizes.push(terms.length);
      end();
    }
    expect(Math.max(...sizes)).to.equal(256);
    expect((await Promise.all(found)).flat()).to.deep.equal([...long, ...many]);
  });
});
