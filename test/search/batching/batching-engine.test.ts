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
  interface RecordedBatch {
    terms: string[];
    signal: AbortSignal;
    /** Answers each search with its term unless `outcomes` says otherwise. */
    end: (outcomes?: Record<string, BatchOutcome>) => void;
    fail: (error: unknown) => void;
  }

  /** Records the batches so far, and the terms of unbatched searches. */
  function open({ slots = 8, searchQueue = 100 } = {}) {
    const batches: RecordedBatch[] = [];
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
            const end: RecordedBatch['end'] = (outcomes = {}) =>
              resolve(terms.map((term) => outcomes[term] ?? answered(term)));
            batches.push({ terms, signal, end, fail: reject });
            signal.addEventListener('abort', () => reject(signal.reason), { once: true });
          }),
      },
      queue: new AdmissionQueue({ searchesPerWorker: slots, searchQueue: 1, answersPerWorker: 1 }),
      maxPending: searchQueue,
    });
    const search = (query: string | Partial<SearchQuery>, signal = new AbortController().signal) => {
      const full = searchQuery(typeof query === 'string' ? { term: query } : query);
      const answers = collect(engine.search(full, signal)).then(({ entries }) => entries);
      answers.catch(() => {});
      return answers;
    };
    const batch = async (at: number): Promise<RecordedBatch> => {
      while (batches[at] === undefined) await sleep(1);
      return batches[at];
    };
    return { engine, search, batches, batch, unbatched };
  }

  it('starts a batch in the next phase of the event loop, with all searches that arrive in this one', async () => {
    const { search, batch, batches } = open();
    const answers = ['a', 'b', 'a'].map((term) => search(term));
    const first = await batch(0);
    expect(first.terms).to.deep.equal(['a', 'b', 'a']);
    first.end();
    expect(await Promise.all(answers)).to.deep.equal([['a'], ['b'], ['a']]);
    expect(batches).to.have.length(1);
  });

  it('lingers for the clients that it has just answered while other searches wait', async () => {
    const { search, batch, batches } = open();
    const answers = [search('a'), search('b'), search('c')];
    const first = await batch(0);
    answers.push(search('d'));
    // The duration of a batch determines how long it lingers.
    await sleep(100);
    first.end();
    await answers[0];
    expect(batches).to.have.length(1);
    answers.push(search('e'), search('f'));
    const second = await batch(1);
    expect(second.terms).to.deep.equal(['d', 'e', 'f']);
    second.end();
    expect(await Promise.all(answers)).to.deep.equal(['a', 'b', 'c', 'd', 'e', 'f'].map((term) => [term]));
  });

  it('stops lingering when the linger time is over, even if no client returns', async () => {
    const { search, batch } = open();
    const answers = [search('a'), search('b')];
    const first = await batch(0);
    answers.push(search('c'));
    first.end();
    const second = await batch(1);
    expect(second.terms).to.deep.equal(['c']);
    second.end();
    await Promise.all(answers);
  });

  it('does not linger after a batch of one', async () => {
    const { search, batch, batches } = open();
    const answers = [search('a')];
    const first = await batch(0);
    answers.push(search('b'));
    await sleep(200);
    first.end();
    await answers[0];
    await Promise.resolve();
    expect(batches).to.have.length(2);
    batches[1]?.end();
    await Promise.all(answers);
  });

  it('puts all searches that arrive during a batch into the next one', async () => {
    const { search, batch, batches } = open();
    const answers = [search('a')];
    const first = await batch(0);
    answers.push(search('b'), search('c'));
    await sleep(5);
    answers.push(search('d'));
    expect(batches).to.have.length(1);
    first.end();
    const second = await batch(1);
    expect(second.terms).to.deep.equal(['b', 'c', 'd']);
    second.end();
    expect(await Promise.all(answers)).to.deep.equal([['a'], ['b'], ['c'], ['d']]);
  });

  it('keeps groups apart, and runs a search without a key unbatched', async () => {
    const { search, batch, unbatched } = open();
    const answers = [
      search({ term: 'a', dictionary: 'one' }),
      search({ term: 'b', dictionary: 'two' }),
      search({ term: 'c', syntax: 'word' }),
    ];
    for (const at of [0, 1]) (await batch(at)).end();
    expect(await Promise.all(answers)).to.deep.equal([['a'], ['b'], ['c, unbatched']]);
    expect([(await batch(0)).terms, (await batch(1)).terms]).to.deep.equal([['a'], ['b']]);
    expect(unbatched).to.deep.equal(['c']);
  });

  it('passes on everything that is not a search', async () => {
    const { engine, unbatched } = open();
    await collect(engine.all({ ...searchQuery() }, never));
    await collect(engine.list({ folder: '', options: [] }, never));
    expect(unbatched).to.have.length(2);
    expect(await engine.dictionaries(never)).to.deep.equal({ default: 'stub', dictionaries: [] });
  });

  it('runs searches unbatched, or retries them first in the next batch, as their outcome says', async () => {
    const { search, batch, unbatched } = open();
    const answers = ['broad', 'b', 'c'].map((term) => search(term));
    const first = await batch(0);
    answers.push(search('d'));
    first.end({ broad: 'unbatched', b: 'retry', c: 'retry' });
    expect(await answers[0]).to.deep.equal(['broad, unbatched']);
    const second = await batch(1);
    expect(second.terms).to.deep.equal(['b', 'c', 'd']);
    second.end();
    expect(await Promise.all(answers)).to.deep.equal([['broad, unbatched'], ['b'], ['c'], ['d']]);
    expect(unbatched).to.deep.equal(['broad']);
  });

  describe('if a batch has too many common terms', () => {
    const SMALLER = 'retry in a smaller batch';

    /** Ends a batch with the same outcome for all its searches. */
    const endWith = ({ terms, end }: RecordedBatch, outcome: BatchOutcome) =>
      end(Object.fromEntries(terms.map((term) => [term, outcome])));

    /** Starts searches for `0`, `1` and so on, which wait for the batch that runs. */
    const searchMany = ({ search }: ReturnType<typeof open>, count: number) =>
      Array.from({ length: count }, (_, n) => search(`${n}`));

    it('retries them in batches of half the size', async () => {
      const engine = open();
      const first = engine.search('first');
      const answered = await engine.batch(0);
      const answers = searchMany(engine, 8);
      answered.end();
      endWith(await engine.batch(1), SMALLER);
      endWith(await engine.batch(2), SMALLER);
      for (const at of [3, 4, 5, 6]) (await engine.batch(at)).end();
      await first;
      expect(await Promise.all(answers)).to.deep.equal(Array.from({ length: 8 }, (_, n) => [`${n}`]));
      expect(engine.batches.map(({ terms }) => terms.length)).to.deep.equal([1, 8, 4, 2, 2, 2, 2]);
      expect(engine.unbatched).to.deep.equal([]);
    });

    it('doubles the size once 16 batches have answered all their searches', async () => {
      const engine = open({ searchQueue: 1000 });
      const first = engine.search('first');
      const answered = await engine.batch(0);
      const answers = searchMany(engine, 4);
      answered.end();
      const failed = await engine.batch(1);
      for (let n = 4; n < 100; n += 1) answers.push(engine.search(`${n}`));
      endWith(failed, SMALLER);
      for (let at = 2; engine.batches.slice(1).flatMap(({ terms }) => terms).length < 104; at += 1) {
        (await engine.batch(at)).end();
      }
      await Promise.all([first, ...answers]);
      const sizes = engine.batches.map(({ terms }) => terms.length);
      expect(sizes).to.deep.equal([1, 4, ...new Array(16).fill(2), ...new Array(16).fill(4), 4]);
    });

    it('runs a search unbatched if it fails even in a batch of one, and tries large batches again', async () => {
      const engine = open();
      const first = engine.search('first');
      const answered = await engine.batch(0);
      const answers = searchMany(engine, 2);
      answered.end();
      const pair = await engine.batch(1);
      answers.push(engine.search('2'), engine.search('3'));
      endWith(pair, SMALLER);
      endWith(await engine.batch(2), 'unbatched');
      expect(await answers[0]).to.deep.equal(['0, unbatched']);
      (await engine.batch(3)).end();
      await Promise.all([first, ...answers]);
      expect(engine.batches.map(({ terms }) => terms.length)).to.deep.equal([1, 2, 1, 3]);
    });

    it('does not retry them after an unexpected error', async () => {
      const engine = open();
      const first = engine.search('first');
      const answered = await engine.batch(0);
      const answers = searchMany(engine, 2);
      answered.end();
      (await engine.batch(1)).fail(new Error('grep failed'));
      expect(await Promise.all(answers)).to.deep.equal([['0, unbatched'], ['1, unbatched']]);
      await first;
    });
  });

  it('starts the next batch beside a slow one', async () => {
    const { search, batch, batches } = open();
    const slow = search('slow');
    await batch(0);
    const others = [search('a'), search('b')];
    const second = await batch(1);
    expect(second.terms).to.deep.equal(['a', 'b']);
    second.end();
    expect(await Promise.all(others)).to.deep.equal([['a'], ['b']]);
    const later = search('c');
    (await batch(2)).end();
    expect(await later).to.deep.equal(['c']);
    // A retry starts a batch even if no other search waits.
    batches[0]?.end({ slow: 'retry' });
    (await batch(3)).end();
    expect(await slow).to.deep.equal(['slow']);
    expect(batches).to.have.length(4);
  });

  it('runs a search unbatched after several retries', async () => {
    const { search, batch, unbatched } = open();
    const answers = search('a');
    for (const at of [0, 1, 2]) (await batch(at)).end({ a: 'retry' });
    expect(await answers).to.deep.equal(['a, unbatched']);
    expect(unbatched).to.deep.equal(['a']);
  });

  it('completes a batch when one caller leaves, and aborts it when all have left', async () => {
    const { search, batch } = open();
    const [leaver, other] = [new AbortController(), new AbortController()];
    const reason = new Error('left');
    const answers = [search('a', leaver.signal), search('b', other.signal)].map((it) => it.catch((error) => error));
    const first = await batch(0);
    leaver.abort(reason);
    expect(await answers[0]).to.equal(reason);
    expect(first.signal.aborted).to.equal(false);
    other.abort(reason);
    expect(await answers[1]).to.equal(reason);
    expect(first.signal.aborted).to.equal(true);
    const later = search('c');
    (await batch(1)).end();
    expect(await later).to.deep.equal(['c']);
  });

  it('does not run searches whose callers have left', async () => {
    const { search, batch, batches } = open();
    const leaver = new AbortController();
    const left = search('a', leaver.signal).catch(() => 'left');
    leaver.abort();
    expect(await left).to.equal('left');
    expect(await search('b', AbortSignal.abort()).catch(() => 'left')).to.equal('left');
    const later = search('c');
    expect((await batch(0)).terms).to.deep.equal(['c']);
    (await batch(0)).end();
    await later;
    expect(batches).to.have.length(1);
  });

  it('rejects all searches of a batch that fails with an AppError', async () => {
    const { search, batch } = open();
    const answers = ['a', 'b'].map((term) => search(term));
    (await batch(0)).fail(new AppError('unknown_dictionary', 'There is none.'));
    expect(await Promise.all(answers.map(codeOf))).to.deep.equal(['unknown_dictionary', 'unknown_dictionary']);
    const later = search('c');
    (await batch(1)).end();
    expect(await later).to.deep.equal(['c']);
  });

  it('runs each search unbatched if the batch fails unexpectedly', async () => {
    const { search, batch } = open();
    const answers = ['a', 'b'].map((term) => search(term));
    (await batch(0)).fail(new Error('grep failed'));
    expect(await Promise.all(answers)).to.deep.equal([['a, unbatched'], ['b, unbatched']]);
  });

  it('rejects searches beyond the maximum number of pending ones', async () => {
    const { search, batch } = open({ searchQueue: 2 });
    const answers = ['a', 'b', 'c'].map((term) => search(term));
    expect(await codeOf(answers[2] as Promise<unknown>)).to.equal('too_busy');
    (await batch(0)).end();
    expect(await Promise.all(answers.slice(0, 2))).to.deep.equal([['a'], ['b']]);
    const later = search('d');
    (await batch(1)).end();
    expect(await later).to.deep.equal(['d']);
  });

  it('acquires one slot per batch', async () => {
    const { search, batch, batches } = open({ slots: 1 });
    const answers = [search({ term: 'a', dictionary: 'one' }), search({ term: 'b', dictionary: 'two' })];
    const first = await batch(0);
    await sleep(5);
    expect(batches).to.have.length(1);
    first.end();
    (await batch(1)).end();
    expect(await Promise.all(answers)).to.deep.equal([['a'], ['b']]);
  });

  it('includes all searches that arrive until it has a slot', async () => {
    const { search, batch, batches } = open({ slots: 1 });
    const answers = [search({ term: 'a', dictionary: 'one' })];
    const first = await batch(0);
    for (const term of ['b', 'c']) {
      answers.push(search({ term, dictionary: 'two' }));
      await sleep(300);
    }
    first.end();
    const second = await batch(1);
    expect(second.terms).to.deep.equal(['b', 'c']);
    second.end();
    expect(await Promise.all(answers)).to.deep.equal([['a'], ['b'], ['c']]);
    expect(batches).to.have.length(2);
  });

  it('starts no batch for callers that left while it waited for a slot', async () => {
    const { search, batch, batches } = open({ slots: 1 });
    const first = search({ term: 'a', dictionary: 'one' });
    await batch(0);
    const leaver = new AbortController();
    const left = search({ term: 'b', dictionary: 'two' }, leaver.signal).catch(() => 'left');
    await sleep(5);
    leaver.abort();
    expect(await left).to.equal('left');
    batches[0]?.end();
    expect(await first).to.deep.equal(['a']);
    const later = search({ term: 'c', dictionary: 'two' });
    (await batch(1)).end();
    expect(await later).to.deep.equal(['c']);
    expect(batches.map(({ terms }) => terms)).to.deep.equal([['a'], ['c']]);
  });

  it('limits a batch to what fits on a command line', async () => {
    const { search, batch } = open({ searchQueue: 1000 });
    const long = Array.from({ length: 60 }, (_, n) => `${n}`.padEnd(1000, 'x'));
    const many = Array.from({ length: 300 }, (_, n) => `${n}`);
    const answers = [...long, ...many].map((term) => search(term));
    const sizes: number[] = [];
    for (let at = 0, answered = 0; answered < 360; at += 1) {
      const { terms, end } = await batch(at);
      expect(terms.join('').length).to.be.below(25_000);
      answered += terms.length;
      sizes.push(terms.length);
      end();
    }
    expect(Math.max(...sizes)).to.equal(256);
    expect((await Promise.all(answers)).flat()).to.deep.equal([...long, ...many]);
  });
});
