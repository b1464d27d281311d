// Cached answers, and concurrent requests that share a search.
import { EventEmitter } from 'node:events';
import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import sinon from 'sinon';
import { AppError } from '../../../src/errors.js';
import { createAnswerCounts } from '../../../src/http/api/answer-cache.js';
import { SharedAnswers } from '../../../src/http/api/shared-answers.js';
import type { Answer } from '../../../src/search/engine.js';
import { openEngine } from '../../../src/search/open-engine.js';
import { engineOptions } from '../../helpers/queries.js';
import { type RunningApp, startApp } from '../../helpers/start-app.js';
import { stubEngine } from '../../helpers/stub-engine.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

describe('AnswerCache', () => {
  let app: RunningApp | undefined;
  /** The terms of the searches that ran. */
  let ranTerms: string[];
  /** The number of searches that have ended. */
  let ended: number;
  let version: string | undefined;
  /** The number of times that the version was looked up. */
  let lookUps: number;
  /** Thrown by a search once it has yielded its term. */
  let failure: Error | undefined;
  /** Runs before a search answers with its term. */
  let before: (signal: AbortSignal) => Promise<unknown>;
  beforeEach(() => {
    ranTerms = [];
    ended = 0;
    version = 'v1';
    lookUps = 0;
    failure = undefined;
    before = async () => {};
  });
  afterEach(() => app?.close());

  async function start(cacheBytes = 1_000_000, counts = createAnswerCounts()): Promise<RunningApp> {
    const engine = stubEngine(async function* (query, signal): Answer {
      const term = 'term' in query ? query.term : '';
      ranTerms.push(term);
      const startVersion = version;
      try {
        await before(signal);
        const length = term.startsWith('large') ? 100_000 : term.startsWith('huge') ? 600_000 : 0;
        yield [length > 0 ? term.padEnd(length, 'x') : `${term} ${ranTerms.length}`];
        if (failure !== undefined) throw failure;
        return { nrOfEntries: 1, version: startVersion };
      } finally {
        ended += 1;
      }
    });
    const lookUp = async () => {
      lookUps += 1;
      return version;
    };
    app = await startApp({ engine: { ...engine, version: lookUp }, cacheBytes, counts });
    return app;
  }

  const search = async (term: string, more: object = {}, headers: Record<string, string> = {}) => {
    const response = await (app as RunningApp).post({ action: 'search', term, ...more }, headers);
    return response.text();
  };

  /** Resolves with `left` if the signal aborts before the answer arrives. */
  const searchUntilAborted = (term: string, signal: AbortSignal) => {
    const body = JSON.stringify({ action: 'search', term });
    const headers = { 'Content-Type': 'application/json' };
    return fetch(`${app?.url}/api/v1/json`, { method: 'POST', headers, body, signal }).catch(() => 'left');
  };

  /** Pauses searches until the returned function is called. */
  const pauseSearches = () => {
    let resume = () => {};
    const gate = new Promise<void>((resolve) => {
      resume = resolve;
    });
    before = () => gate;
    return resume;
  };

  it('caches the answer to equal requests, however they are written', async () => {
    await start();
    const first = await search('a', { nresults: 0, n_after: 1 });
    expect(await search('a', { n_after: 1, offset: 0, dictionary: undefined })).to.equal(first);
    expect(ranTerms).to.deep.equal(['a']);
    await search('b');
    for (const other of [{}, { n_after: 2 }, { dictionary: 'x' }, { ignore_case: true }, { escape: 'html' }]) {
      await search('a', other);
    }
    await search('a', { n_after: 1 }, { Accept: 'application/x-ndjson' });
    expect(ranTerms).to.have.length(8);
  });

  it('sends the same headers with a cached answer', async () => {
    const { post } = await start();
    const [first, second] = [await post({ action: 'search', term: 'a' }), await post({ action: 'search', term: 'a' })];
    expect(ranTerms).to.have.length(1);
    const names = ['content-type', 'content-length', 'vary'];
    expect(names.map((name) => second.headers.get(name))).to.deep.equal(names.map((name) => first.headers.get(name)));
    expect(second.headers.get('content-type')).to.equal('application/json; charset=utf-8');
  });

  it('drops an answer when the version of its dictionary changes', async () => {
    await start();
    expect(await search('a')).to.include('a 1');
    version = 'v2';
    expect(await search('a')).to.include('a 2');
    expect(await search('a')).to.include('a 2');
    version = 'v1';
    expect(await search('a')).to.include('a 3');
  });

  it('does not cache if the engine is not sure of the version', async () => {
    await start();
    version = undefined;
    for (const number of [1, 2]) expect(await search('a')).to.include(`a ${number}`);
  });

  it('does not cache errors', async () => {
    await start();
    before = () => Promise.reject(new AppError('unreadable_dictionary', 'No.'));
    expect(await search('a')).to.include('403');
    before = async () => {};
    expect(await search('a')).to.include('a 2');
  });

  it('does not cache random draws without a seed, or large answers', async () => {
    await start();
    for (const _ of [1, 2]) await search('a', { order: 'random' });
    for (const _ of [1, 2]) await search('a', { order: 'random', seed: 1 });
    expect(ranTerms).to.have.length(3);
    for (const _ of [1, 2]) expect((await search('large')).length).to.be.above(100_000);
    expect(ranTerms).to.have.length(5);
  });

  it('does not cache listings', async () => {
    const { post } = await start();
    for (const _ of [1, 2]) await post({ action: 'list' });
    expect(ranTerms).to.have.length(2);
  });

  it('caches up to CACHE_BYTES, and nothing with 0', async () => {
    await start(10_000);
    for (let n = 0; n < 30; n += 1) await search(`term ${n}`);
    // A one-off request evicts nothing.
    await search('term 0');
    expect(ranTerms).to.have.length(30);
    // A repeated request evicts the least recently used answer.
    await search('term 29');
    expect(ranTerms).to.have.length(31);
    await search('term 29');
    expect(ranTerms).to.have.length(31);
    await search('term 0');
    expect(ranTerms).to.have.length(31);
    await search('term 1');
    expect(ranTerms).to.have.length(32);
    await app?.close();
    await start(0);
    ranTerms = [];
    for (const _ of [1, 2]) await search('a');
    expect(ranTerms).to.have.length(2);
  });

  it('runs one search for concurrent equal requests', async () => {
    await start(0);
    const resume = pauseSearches();
    const answers = Array.from({ length: 10 }, () => search('a'));
    while (ranTerms.length === 0) await sleep(5);
    await sleep(50);
    resume();
    expect(new Set(await Promise.all(answers)).size).to.equal(1);
    expect(ranTerms).to.deep.equal(['a']);
  });

  it('counts hits, misses and joined searches', async () => {
    const counts = createAnswerCounts();
    await start(1_000_000, counts);
    await search('a');
    expect(counts.bytes).to.be.above(0);
    for (const _ of [1, 2]) await search('a');
    expect(counts).to.include({ hits: 2, misses: 1, joined: 0 });
    const resume = pauseSearches();
    const answers = Array.from({ length: 4 }, () => search('b'));
    while (counts.misses < 5) await sleep(5);
    resume();
    await Promise.all(answers);
    expect(counts).to.include({ hits: 2, misses: 5, joined: 3 });
    version = 'v2';
    await search('a');
    expect(counts).to.include({ hits: 2, misses: 6 });
  });

  it('runs a new search for a request after a change', async () => {
    await start(0);
    const resume = pauseSearches();
    const early = search('a');
    while (ranTerms.length === 0) await sleep(5);
    version = 'v2';
    const late = search('a');
    await sleep(50);
    resume();
    expect(await early).to.include('a 1');
    expect(await late).to.include('a 2');
  });

  it('continues a shared search when one client leaves, even the first', async () => {
    await start();
    const resume = pauseSearches();
    const leaver = new AbortController();
    const first = searchUntilAborted('a', leaver.signal);
    while (ranTerms.length === 0) await sleep(5);
    const others = [search('a'), search('a')];
    await sleep(50);
    leaver.abort();
    expect(await first).to.equal('left');
    await sleep(20);
    resume();
    for (const answer of await Promise.all(others)) expect(answer).to.include('a 1');
    expect(ranTerms).to.deep.equal(['a']);
  });

  it('aborts a shared search when all clients have left', async () => {
    await start();
    let reason: unknown;
    before = (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reason = signal.reason;
          reject(signal.reason);
        });
      });
    const leaver = new AbortController();
    const all = [1, 2].map(() => searchUntilAborted('a', leaver.signal));
    while (ranTerms.length === 0) await sleep(5);
    await sleep(20);
    leaver.abort();
    await Promise.all(all);
    while (reason === undefined) await sleep(5);
    expect(ranTerms).to.deep.equal(['a']);
  });

  it('ends a search that is too large to share if its client has left', async () => {
    await start();
    const resume = pauseSearches();
    const leaver = new AbortController();
    const first = searchUntilAborted('huge', leaver.signal);
    while (ranTerms.length === 0) await sleep(5);
    const other = search('huge');
    await sleep(50);
    leaver.abort();
    expect(await first).to.equal('left');
    await sleep(20);
    resume();
    expect(JSON.parse(await other)).to.have.property('nr of entries', 1);
    while (ended < 2) await sleep(5);
    expect(ranTerms).to.have.length(2);
  });

  it('does not make a request wait for an answer that it cannot use', async () => {
    await start();
    await search('huge');
    const resume = pauseSearches();
    const huge = [search('huge'), search('huge')];
    while (ranTerms.length < 3) await sleep(5);
    expect(lookUps).to.equal(0);
    version = undefined;
    const changed = [search('a'), search('a')];
    while (ranTerms.length < 5) await sleep(5);
    resume();
    await Promise.all([...huge, ...changed]);
  });

  it('leaves no timer behind', async () => {
    await start();
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    await search('large 0');
    const before = timers();
    for (let n = 1; n <= 20; n += 1) await search(`large ${n}`);
    while (timers() > before + 5) await sleep(5);
  });

  it('runs a search for each request if the answer is too large to share', async () => {
    await start();
    const answers = await Promise.all([1, 2, 3].map(() => search('huge')));
    for (const answer of answers) expect(JSON.parse(answer)).to.have.property('nr of entries', 1);
    expect(ranTerms).to.have.length(3);
  });

  /** Sends equal requests that are answered together. */
  const searchTogether = async (term: string, headers?: Record<string, string>, nrOfRequests = 3) => {
    const { post } = app as RunningApp;
    const [ran, resume] = [ranTerms.length, pauseSearches()];
    const responses = Array.from({ length: nrOfRequests }, () => post({ action: 'search', term }, headers));
    while (ranTerms.length === ran) await sleep(5);
    await sleep(50);
    resume();
    return Promise.all(responses);
  };

  it('sends a large answer whole to all requests that wait for it', async () => {
    await start();
    const responses = await searchTogether('large', { 'Accept-Encoding': 'gzip' });
    for (const { headers } of responses) {
      expect(headers.get('content-length')).to.equal('100034');
      expect(headers.get('content-encoding')).to.equal(null);
      expect(headers.get('vary')).to.equal('Accept, Accept-Encoding');
    }
    const answers = await Promise.all(responses.map((response) => response.json()));
    const whole = { 'nr of entries': 1, results: ['large'.padEnd(100_000, 'x')] };
    expect(answers).to.deep.equal([whole, whole, whole]);
    expect(ranTerms).to.have.length(1);
  });

  it('streams a large answer that only one request waits for', async () => {
    await start();
    const [response] = await searchTogether('large', {}, 1);
    expect(response?.headers.get('content-length')).to.equal(null);
    expect(await response?.text()).to.match(/^\{"results":/);
  });

  it('streams a large answer if other requests are too new for it', async () => {
    await start();
    version = undefined;
    for (const response of await searchTogether('large')) {
      expect(response.headers.get('content-length')).to.equal(null);
      await response.text();
    }
    expect(ranTerms).to.have.length(3);
  });

  it('does not cache a large answer that requests share', async () => {
    await start();
    await Promise.all((await searchTogether('large')).map((response) => response.text()));
    await search('large');
    expect(ranTerms).to.have.length(2);
  });

  it('sends what it has of a large answer if the search fails before the answer is whole', async () => {
    await start();
    failure = new AppError('search_timeout', 'Too slow.');
    const responses = await searchTogether('large');
    for (const response of responses) {
      expect(response.status).to.equal(200);
      expect(await response.json()).to.include({ 'nr of entries': 1, truncated: 'time' });
    }
    expect(ended).to.equal(ranTerms.length);
  });
});

describe('SharedAnswers', () => {
  /** Stands in for a response that closes when told to. */
  const createResponse = () => Object.assign(new EventEmitter(), { closed: false }) as unknown as ServerResponse;

  it('shares an answer of up to 512 KiB that several clients wait for', () => {
    const users = new SharedAnswers().createUsers();
    users.add(createResponse());
    expect(users.mayShare(1)).to.equal(false);
    const leave = users.add(createResponse());
    leave();
    leave();
    expect(users.mayShare(1)).to.equal(false);
    users.add(createResponse());
    expect(users.mayShare(512 * 1024)).to.equal(true);
    expect(users.mayShare(512 * 1024 + 1)).to.equal(false);
  });

  it('shares 16 answers at a time, each until its last client has read it', () => {
    const answers = new SharedAnswers();
    const share = () => {
      const responses = [createResponse(), createResponse()];
      const users = answers.createUsers();
      for (const response of responses) users.add(response);
      return { users, responses };
    };
    const shared = Array.from({ length: 16 }, share);
    for (const { users } of shared) expect(users.mayShare(1)).to.equal(true);
    const { users } = share();
    expect(users.mayShare(1)).to.equal(false);
    expect(shared[3]?.users.mayShare(2)).to.equal(true);
    shared[3]?.responses[0]?.emit('close');
    expect(users.mayShare(1)).to.equal(false);
    shared[3]?.responses[1]?.emit('close');
    expect(users.mayShare(1)).to.equal(true);
    expect(share().users.mayShare(1)).to.equal(false);
  });
});

describe('AnswerCache over files', () => {
  let folder: TempFolder;
  let app: RunningApp;
  let clock: sinon.SinonFakeTimers;
  beforeEach(async () => {
    folder = await tempFolder();
    app = await startApp({
      engine: await openEngine(engineOptions({ dictionariesDir: folder.path })),
      cacheBytes: 1e6,
    });
    // Answers aren't cached just after a change: make the changes in these tests look old.
    clock = sinon.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
  });
  afterEach(async () => {
    clock.restore();
    await app.close();
    await folder.remove();
  });

  const write = (name: string, text: string) => writeFile(join(folder.path, name), text);
  const results = async (dictionary: string) => {
    const response = await app.post({ action: 'search', term: 'o', dictionary });
    return ((await response.json()) as { results: string[] }).results;
  };

  it('detects every change of a file', async () => {
    await write('a.txt', 'one\n');
    for (const _ of [1, 2]) expect(await results('a.txt')).to.deep.equal(['one']);
    // Rewritten in place, with the same size and mtime.
    await utimes(join(folder.path, 'a.txt'), 1, 1);
    expect(await results('a.txt')).to.deep.equal(['one']);
    await write('a.txt', 'two\n');
    await utimes(join(folder.path, 'a.txt'), 1, 1);
    expect(await results('a.txt')).to.deep.equal(['two']);
    // Another file with the same size and mtime.
    await write('b.txt', 'who\n');
    await utimes(join(folder.path, 'b.txt'), 1, 1);
    await rename(join(folder.path, 'b.txt'), join(folder.path, 'a.txt'));
    expect(await results('a.txt')).to.deep.equal(['who']);
  });

  it('detects every change of a folder', async () => {
    await mkdir(join(folder.path, 'f'));
    await write('f/a.txt', 'one\n');
    for (const _ of [1, 2]) expect(await results('f')).to.deep.equal(['one']);
    await write('f/b.txt', 'two\n');
    for (const _ of [1, 2]) expect(await results('f')).to.deep.equal(['one', 'two']);
    await rm(join(folder.path, 'f/a.txt'));
    expect(await results('f')).to.deep.equal(['two']);
    await rm(join(folder.path, 'f'), { recursive: true });
    const response = await app.post({ action: 'search', term: 'o', dictionary: 'f' });
    expect(response.status).to.equal(404);
  });

  it('does not cache just after a change, as timestamps may be too coarse to show another one', async () => {
    clock.restore();
    const engine = await openEngine(engineOptions({ dictionariesDir: folder.path }));
    await write('a.txt', 'one\n');
    expect(await engine.version('a.txt')).to.equal(undefined);
    clock = sinon.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
    expect(await engine.version('a.txt'))
      .to.be.a('string')
      .that.includes('a.txt');
    await engine.close();
  });
});
