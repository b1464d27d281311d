import { expect } from 'chai';
import { AdmissionQueue } from '../../../src/search/admission/admission-queue.js';
import { LimitedEngine } from '../../../src/search/admission/limited-engine.js';
import type { Answer, DictionaryList, ListedFile } from '../../../src/search/engine.js';
import { collect } from '../../../src/search/engine.js';
import { openGrep } from '../../../src/search/engines/grep/grep-engine.js';
import { ComposingEngine } from '../../../src/search/queries/composing-engine.js';
import { engineOptions, searchQuery } from '../../helpers/queries.js';
import { stubEngine } from '../../helpers/stub-engine.js';
import { codeOf, engineContract } from '../engines/engine-contract.js';

engineContract('LimitedEngine', async (dictionariesDir) => {
  const engine = await openGrep(engineOptions({ dictionariesDir, defaultDictionary: 'plain.txt' }));
  return new LimitedEngine(
    new ComposingEngine(engine),
    new AdmissionQueue({ searchesPerWorker: 1, searchQueue: 10, answersPerWorker: 1 }),
  );
});

describe('LimitedEngine', () => {
  /** Opens an engine whose searches run until the test opens the gate of their term. */
  function openGated(searchesPerWorker: number, searchQueue: number, answersPerWorker = 100) {
    const started: string[] = [];
    const gates = new Map<string, { open: () => void; fail: (error: Error) => void }>();
    const inner = stubEngine(async function* (query): Answer {
      const term = 'term' in query ? query.term : '';
      started.push(term);
      await new Promise<void>((open, fail) => gates.set(term, { open, fail }));
      yield [term];
      return { nrOfEntries: 1 };
    });
    const large = { ...inner, isLarge: (dictionary: string | undefined) => dictionary === 'large' };
    const engine = new LimitedEngine(large, new AdmissionQueue({ searchesPerWorker, searchQueue, answersPerWorker }));
    const search = (term: string, signal = new AbortController().signal) => {
      const answer = collect(engine.search(searchQuery({ term }), signal));
      answer.catch(() => {});
      return answer;
    };
    const gate = (term: string) => gates.get(term) ?? expect.fail(`${term} has not started`);
    return { engine, search, started, gate };
  }

  it('counts lines in a slot of their own', async () => {
    const { engine, search, gate } = openGated(1, 10);
    let isCounted = false;
    const answer = search('a');
    await settled();
    const counts = engine.lineCounts('dictionary', new AbortController().signal).then(() => {
      isCounted = true;
    });
    await settled();
    expect(isCounted).to.equal(false);
    gate('a').open();
    await answer;
    await counts;
    // The slot is free again.
    const other = search('b');
    await settled();
    gate('b').open();
    await other;
  });

  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it('rejects a regular expression with a mistake even if no slot is free', async () => {
    const { engine, search, started, gate } = openGated(1, 0);
    const answer = search('a');
    await settled();
    const mistaken = searchQuery({ term: '\\d', syntax: 'regex' });
    expect(await codeOf(collect(engine.search(mistaken, new AbortController().signal)))).to.equal('invalid_request');
    expect(started).to.deep.equal(['a']);
    gate('a').open();
    await answer;
  });

  it('limits concurrent searches, and runs the others in order of arrival', async () => {
    const { search, started, gate } = openGated(2, 10);
    const answers = ['a', 'b', 'c', 'd'].map((term) => search(term));
    await settled();
    expect(started).to.deep.equal(['a', 'b']);
    gate('b').open();
    await answers[1];
    await settled();
    expect(started).to.deep.equal(['a', 'b', 'c']);
    gate('a').open();
    await answers[0];
    await settled();
    expect(started).to.deep.equal(['a', 'b', 'c', 'd']);
    gate('c').open();
    gate('d').open();
    expect(await Promise.all(answers)).to.deep.equal(
      ['a', 'b', 'c', 'd'].map((term) => ({ nrOfEntries: 1, entries: [term] })),
    );
  });

  it('treats regular expressions, long non-ASCII terms and large dictionaries as expensive', async () => {
    for (const expensive of [
      { syntax: 'regex', term: 'x' },
      { syntax: 'word', term: 'é'.repeat(17) },
      { ignore_case: true, term: 'é'.repeat(17) },
      { dictionary: 'large', term: 'x' },
    ] as const) {
      const { engine, search, started, gate } = openGated(2, 10);
      const signal = new AbortController().signal;
      const answers = [1, 2].map(() => collect(engine.search(searchQuery(expensive), signal)));
      answers.push(search('cheap'));
      await settled();
      expect(started).to.deep.equal([expensive.term, 'cheap']);
      gate('cheap').open();
      gate(expensive.term).open();
      await answers[0];
      await settled();
      gate(expensive.term).open();
      await Promise.all(answers);
    }
  });

  it('evicts an unread answer if another search could not start otherwise', async () => {
    let hasEnded = false;
    const inner = stubEngine(async function* (): Answer {
      try {
        for (;;) yield ['line'];
      } finally {
        hasEnded = true;
      }
    });
    const engine = new LimitedEngine(
      inner,
      new AdmissionQueue({ searchesPerWorker: 2, searchQueue: 1, answersPerWorker: 1 }),
    );
    const signal = () => new AbortController().signal;
    const unread = engine.search(searchQuery(), signal());
    await unread.next();
    const other = engine.search(searchQuery(), signal());
    expect((await other.next()).value).to.deep.equal(['line']);
    expect(hasEnded).to.equal(true);
    expect(await codeOf(unread.next())).to.equal('too_busy');
    await other.return({ nrOfEntries: 0 });
  });

  it('rejects a search when the queue is full', async () => {
    const { search, gate } = openGated(1, 1);
    const first = search('a');
    const second = search('b');
    expect(await codeOf(search('c'))).to.equal('too_busy');
    gate('a').open();
    await first;
    await settled();
    gate('b').open();
    expect((await second).entries).to.deep.equal(['b']);
  });

  it('removes an aborted search from the queue, with the reason', async () => {
    const { search, started, gate } = openGated(1, 1);
    const first = search('a');
    const controller = new AbortController();
    const second = search('b', controller.signal);
    await settled();
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await second.catch((error) => error)).to.equal(reason);
    const third = search('c');
    gate('a').open();
    await first;
    await settled();
    expect(started).to.deep.equal(['a', 'c']);
    gate('c').open();
    await third;
  });

  it('releases the slot of a failed search', async () => {
    const { search, gate } = openGated(1, 0);
    const failed = search('a');
    await settled();
    gate('a').fail(new Error('broken'));
    expect(await failed.catch((error) => error)).to.have.property('message', 'broken');
    const next = search('b');
    await settled();
    gate('b').open();
    expect((await next).entries).to.deep.equal(['b']);
  });

  it('releases the slot when the reader leaves early', async () => {
    const { engine, search, gate } = openGated(1, 0);
    const answer = engine.search(searchQuery({ term: 'a' }), new AbortController().signal);
    const batch = answer.next();
    await settled();
    gate('a').open();
    await batch;
    await answer.return({ nrOfEntries: 0 });
    const next = search('b');
    await settled();
    gate('b').open();
    expect((await next).entries).to.deep.equal(['b']);
  });

  it('acquires no slot for an answer that is never read', async () => {
    const { engine, search, gate } = openGated(1, 0);
    const signal = new AbortController().signal;
    const unread = engine.search(searchQuery({ term: 'a' }), signal);
    await unread.return({ nrOfEntries: 0 });
    const next = search('b');
    await settled();
    gate('b').open();
    expect((await next).entries).to.deep.equal(['b']);
  });

  /** Opens an engine whose listings run until the test settles them. */
  function openListing(limits = { searchesPerWorker: 1, searchQueue: 0, answersPerWorker: 100 }) {
    const calls: { signal: AbortSignal; resolve: (value: unknown) => void; reject: (error: Error) => void }[] = [];
    const start = (signal: AbortSignal) =>
      new Promise<unknown>((resolve, reject) => calls.push({ signal, resolve, reject }));
    const inner = {
      ...stubEngine(async function* (): Answer {
        yield ['line'];
        return { nrOfEntries: 1 };
      }),
      dictionaries: (signal: AbortSignal) => start(signal) as Promise<DictionaryList>,
      files: (_: string | undefined, signal: AbortSignal) => start(signal) as Promise<readonly ListedFile[]>,
    };
    return { calls, engine: new LimitedEngine(inner, new AdmissionQueue(limits)) };
  }

  for (const [title, list] of [
    ['dictionaries', (engine: LimitedEngine, signal: AbortSignal) => engine.dictionaries(signal)],
    ['files', (engine: LimitedEngine, signal: AbortSignal) => engine.files('folder', signal)],
  ] as const) {
    const never = new AbortController().signal;

    it(`runs one listing of ${title}, in one slot, for all callers that arrive before it starts`, async () => {
      const { engine, calls } = openListing();
      const early = list(engine, never);
      await settled();
      const late = Array.from({ length: 100 }, () => list(engine, never));
      await settled();
      expect(calls).to.have.length(1);
      // The only slot is taken.
      expect(await codeOf(collect(engine.search(searchQuery(), never)))).to.equal('too_busy');
      calls[0]?.resolve('early');
      expect(await early).to.equal('early');
      await settled();
      expect(calls).to.have.length(2);
      calls[1]?.resolve('late');
      expect(new Set(await Promise.all(late))).to.deep.equal(new Set(['late']));
      expect((await collect(engine.search(searchQuery(), never))).entries).to.deep.equal(['line']);
    });

    it(`rejects a listing of ${title} when the queue is full`, async () => {
      const { engine, calls } = openListing();
      const counting = engine.files('other', never);
      await settled();
      expect(await codeOf(list(engine, never))).to.equal('too_busy');
      calls[0]?.resolve([]);
      await counting;
    });

    it(`aborts a listing of ${title} when all its callers have left`, async () => {
      const { engine, calls } = openListing();
      const leavers = [new AbortController(), new AbortController()];
      const left = leavers.map(({ signal }) => list(engine, signal).catch((error) => error));
      await settled();
      const reason = new Error('left');
      for (const leaver of leavers) leaver.abort(reason);
      expect(await Promise.all(left)).to.deep.equal([reason, reason]);
      expect(calls).to.have.length(1);
      expect(calls[0]?.signal.aborted).to.equal(true);
      calls[0]?.reject(new Error('aborted'));
      await settled();
      expect((await collect(engine.search(searchQuery(), never))).entries).to.deep.equal(['line']);
    });
  }
});
