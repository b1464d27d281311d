import { setImmediate as nextPhase } from 'node:timers/promises';
import { expect } from 'chai';
import { inOrder, type Start } from '../../src/concurrency/in-order.js';

describe('inOrder', () => {
  /** What the sources did, in order: `+` starts, `-` ends. */
  let events: string[];
  let running: number;
  let maxRunning: number;
  beforeEach(() => {
    events = [];
    running = 0;
    maxRunning = 0;
  });

  /** A source that yields chunks, each in a later phase of the event loop, and may then fail. */
  function source(name: string, chunks: string[], error?: Error): Start {
    return async function* (signal) {
      events.push(`+${name}`);
      running += 1;
      maxRunning = Math.max(maxRunning, running);
      try {
        for (const chunk of chunks) {
          await nextPhase();
          signal.throwIfAborted();
          events.push(chunk);
          yield Buffer.from(chunk);
        }
        if (error !== undefined) throw error;
      } finally {
        running -= 1;
        events.push(`-${name}`);
      }
    };
  }

  /** Never ends by itself. */
  function endless(name: string): Start {
    return async function* (signal) {
      events.push(`+${name}`);
      try {
        await new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        });
        yield Buffer.from('never');
      } finally {
        events.push(`-${name}`);
      }
    };
  }

  const runWithSources = (starts: Start[], { width = 2, maxBytes = 1_000 } = {}) =>
    inOrder(starts, { width, maxBytes });

  async function* run(...options: Parameters<typeof runWithSources>): AsyncGenerator<Buffer, void, void> {
    for await (const { chunk } of runWithSources(...options)) yield chunk;
  }

  async function read(chunks: AsyncIterable<Buffer>): Promise<string[]> {
    const all: string[] = [];
    for await (const chunk of chunks) all.push(chunk.toString());
    return all;
  }

  /** Lets all sources run as far as they can. */
  async function settle(): Promise<void> {
    for (let phase = 0; phase < 20; phase += 1) await nextPhase();
  }

  it('yields the chunks of all sources in the order of the sources, although a later one is quicker', async () => {
    const starts = [source('a', ['a1', 'a2', 'a3']), source('b', ['b1']), source('c', []), source('d', ['d1', 'd2'])];
    for (const width of [1, 2, 3, 10]) {
      expect(await read(run(starts, { width }))).to.deep.equal(['a1', 'a2', 'a3', 'b1', 'd1', 'd2']);
    }
    expect(await read(run([]))).to.deep.equal([]);
  });

  it('runs as many at once as its width', async () => {
    const starts = ['a', 'b', 'c', 'd', 'e'].map((name) => source(name, [`${name}1`, `${name}2`]));
    for (const width of [1, 2, 3]) {
      maxRunning = 0;
      await read(run(starts, { width }));
      expect(maxRunning).to.equal(width);
    }
  });

  it('runs the next sources ahead while the first is read', async () => {
    const chunks = run([source('a', ['a1']), source('b', ['b1', 'b2']), source('c', ['c1'])]);
    expect((await chunks.next()).value?.toString()).to.equal('a1');
    await settle();
    expect(events).to.include.members(['+b', 'b1', 'b2', '-b']).and.not.include('+c');
    expect(await read(chunks)).to.deep.equal(['b1', 'b2', 'c1']);
  });

  it('buffers no more of a source than the limit and one chunk', async () => {
    const names = Array.from({ length: 9 }, (_, n) => `b${n}`);
    const chunks = run([source('a', ['a1', 'a2']), source('b', names)], { maxBytes: 5 });
    await chunks.next();
    await settle();
    expect(events.filter((event) => event.startsWith('b'))).to.deep.equal(['b0', 'b1', 'b2']);
    await chunks.next();
    expect((await chunks.next()).value?.toString()).to.equal('b0');
    await settle();
    expect(events.filter((event) => event.startsWith('b'))).to.deep.equal(['b0', 'b1', 'b2', 'b3']);
    expect(await read(chunks)).to.deep.equal(names.slice(1));
  });

  it('limits the first source, too', async () => {
    const chunks = run([source('a', ['a1', 'a2', 'a3', 'a4'])], { maxBytes: 2 });
    await chunks.next();
    await settle();
    expect(events).to.deep.equal(['+a', 'a1', 'a2']);
    expect(await read(chunks)).to.deep.equal(['a2', 'a3', 'a4']);
  });

  it('throws the error of a source after the chunks before it, and stops the others', async () => {
    const starts = [source('a', ['a1', 'a2', 'a3']), source('b', ['b1'], new Error('no')), endless('c'), endless('d')];
    const chunks = run(starts, { width: 3 });
    const all: string[] = [];
    const error = await (async () => {
      for await (const chunk of chunks) all.push(chunk.toString());
    })().catch((error) => error);
    expect(error).to.have.property('message', 'no');
    expect(all).to.deep.equal(['a1', 'a2', 'a3', 'b1']);
    expect(events).to.include.members(['-c', '-d']);
  });

  it('throws only the first error, in the order of the sources', async () => {
    const starts = [source('a', ['a1', 'a2'], new Error('first')), source('b', [], new Error('second'))];
    expect(await read(run(starts)).catch((error) => error)).to.have.property('message', 'first');
  });

  it('ends all sources when its reader leaves early', async () => {
    const many = Array.from({ length: 9 }, (_, n) => `b${n}`);
    const starts = [source('a', ['a1', 'a2']), source('b', many), endless('c'), source('d', ['d1'])];
    const chunks = run(starts, { width: 3, maxBytes: 2 });
    await chunks.next();
    await settle();
    await chunks.return();
    expect(events).to.include.members(['-a', '-b', '-c']).and.not.include('+d');
    expect(await chunks.next()).to.have.property('done', true);
  });

  it('starts nothing if its reader leaves before it begins', async () => {
    const chunks = run([source('a', ['a1'])]);
    await chunks.return();
    await settle();
    expect(events).to.deep.equal([]);
  });

  it('throws the reason when the signal of the sources aborts, and ends them all', async () => {
    const controller = new AbortController();
    const bySignal = (start: Start): Start => {
      return (stop) => start(AbortSignal.any([controller.signal, stop]));
    };
    const chunks = run([bySignal(endless('a')), bySignal(endless('b'))]);
    const first = chunks.next().catch((error) => error);
    await settle();
    const reason = new Error('time is up');
    controller.abort(reason);
    expect(await first).to.equal(reason);
    expect(events).to.include.members(['-a', '-b']);
  });
});
