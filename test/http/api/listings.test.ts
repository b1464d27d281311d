// Listings of dictionaries and files: limits, cancellation and shared rendering.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { AppError } from '../../../src/errors.js';
import { renderOnce } from '../../../src/http/render-once.js';
import type { DictionaryList, IndexState } from '../../../src/search/engine.js';
import type { QueryEngine } from '../../../src/search/query.js';
import { type RunningApp, startApp } from '../../helpers/start-app.js';
import { stubEngine, untilAborted } from '../../helpers/stub-engine.js';

const ADDRESSES = ['/api/v1/dictionaries', '/d', '/d/folder', '/d/folder/file.txt', '/'];

describe('a listing', () => {
  let app: RunningApp | undefined;
  afterEach(() => app?.close());

  function listing(list: (signal: AbortSignal) => Promise<never>): QueryEngine {
    const engine = stubEngine(() => Promise.reject(new Error('No search was expected')) as never);
    return { ...engine, dictionaries: list, files: (_, signal) => list(signal) };
  }

  for (const address of ADDRESSES) {
    it(`times out like a search: ${address}`, async () => {
      app = await startApp({ engine: listing(untilAborted), searchTimeoutMs: 100 });
      const response = await fetch(app.url + address);
      expect(response.status).to.equal(504);
      expect(await response.json())
        .to.have.property('message')
        .that.includes('took longer than 100 ms');
    });

    it(`is rejected when the queue is full: ${address}`, async () => {
      const refuse = async () => {
        throw new AppError('too_busy', 'Too many are waiting.');
      };
      app = await startApp({ engine: listing(refuse) });
      const response = await fetch(app.url + address);
      expect(response.status).to.equal(503);
      expect(response.headers.get('retry-after')).to.equal('1');
    });

    it(`stops when the client disconnects: ${address}`, async () => {
      let signal: AbortSignal | undefined;
      const wait = (callSignal: AbortSignal) => {
        signal = callSignal;
        return untilAborted(callSignal);
      };
      app = await startApp({ engine: listing(wait) });
      const leaver = new AbortController();
      const left = fetch(app.url + address, { signal: leaver.signal }).catch(() => 'left');
      while (signal === undefined) await sleep(5);
      leaver.abort();
      expect(await left).to.equal('left');
      while (!signal.aborted) await sleep(5);
    });
  }

  it('is rendered once for concurrent requests', async () => {
    const modified = '2026-01-01T00:00:00.000Z';
    const dictionary = {
      name: 'a',
      files: 1,
      bytes: 1,
      modified,
      version: '1',
      index: 'none' as const,
      encoding: null,
    };
    let list: DictionaryList = { default: 'a', dictionaries: [dictionary] };
    let rendered = 0;
    const counted = { ...dictionary, toJSON: () => ({ ...dictionary, rendered: ++rendered }) };
    list = { default: 'a', dictionaries: [counted] };
    const engine = { ...listing(untilAborted), dictionaries: async () => list };
    app = await startApp({ engine });
    const get = async () => {
      const response = await fetch(`${app?.url}/api/v1/dictionaries`);
      expect(response.headers.get('content-type')).to.equal('application/json; charset=utf-8');
      return response.text();
    };
    const texts = await Promise.all([get(), get(), get()]);
    expect(rendered).to.equal(1);
    expect(new Set(texts)).to.have.property('size', 1);
    list = { ...list };
    expect(await get()).to.include('"rendered":2');
  });
});

describe('GET /api/v1/dictionaries', () => {
  let app: RunningApp | undefined;
  afterEach(() => app?.close());

  it('has another ETag when only the state of an index has changed', async () => {
    let index: IndexState = 'building';
    const modified = '2026-01-01T00:00:00.000Z';
    const dictionary = { name: 'a', files: 1, bytes: 1, modified, version: '1', encoding: null };
    const engine: QueryEngine = {
      ...stubEngine(() => Promise.reject(new Error('No search was expected')) as never),
      dictionaries: async () => ({ dictionaries: [{ ...dictionary, index }] }),
    };
    app = await startApp({ engine });
    const url = `${app.url}/api/v1/dictionaries`;
    const etag = (await fetch(url)).headers.get('etag');
    expect((await fetch(url)).headers.get('etag')).to.equal(etag);
    index = 'current';
    const response = await fetch(url);
    expect(response.headers.get('etag')).to.not.equal(etag);
    expect(await response.json()).to.have.nested.property('dictionaries[0].index', 'current');
  });
});

describe('renderOnce', () => {
  it('returns the same bytes for the same listing, and the same hash for the same text', () => {
    let calls = 0;
    const render = renderOnce(({ text }: { text: string }) => {
      calls += 1;
      return text;
    });
    const listing = { text: 'é' };
    expect(render(listing)).to.equal(render(listing));
    expect(calls).to.equal(1);
    expect(render(listing).body.toString()).to.equal('é');
    expect(render({ text: 'é' }).etagSeed).to.equal(render(listing).etagSeed);
    expect(render({ text: 'e' }).etagSeed).to.not.equal(render(listing).etagSeed);
  });
});
