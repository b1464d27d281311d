// With a real worker thread and real servers.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import threads, { type Worker } from 'node:worker_threads';
import { expect } from 'chai';
import sinon from 'sinon';
import { AppError } from '../../src/errors.js';
import { openTotal, type Total } from '../../src/total/total.js';
import { type NumbersServer, numbersServer } from '../helpers/numbers-server.js';
import { codeOf } from '../search/engines/engine-contract.js';

const never = new AbortController().signal;

describe('openTotal', () => {
  let server: NumbersServer | undefined;
  let total: Total | undefined;
  afterEach(async () => {
    await total?.close();
    await server?.close();
    total = undefined;
    server = undefined;
  });

  async function open(answer: Parameters<typeof numbersServer>[0], timeoutMs = 10_000): Promise<Total> {
    server = await numbersServer(answer);
    total = openTotal({ api: { url: server.url, connectTimeoutMs: 1_000, maxBytes: 100_000_000 }, timeoutMs });
    return total;
  }

  it('sums the integers from 0 to 1,000,000 without an API', async () => {
    total = openTotal({ api: undefined, timeoutMs: 10_000 });
    expect(await total.get(never)).to.equal('500000500000');
  });

  it('returns all digits of the sum', async () => {
    const { get } = await open((_, response) => {
      response.end('[9007199254740993, 9007199254740993,\n 0]');
    });
    expect(await get(never)).to.equal('18014398509481986');
  });

  it('sums a response of many chunks', async () => {
    const { get } = await open(async (_, response) => {
      response.write('[0');
      for (let from = 1; from <= 1_000_000; from += 1000) {
        const chunk = Array.from({ length: 1000 }, (_, at) => from + at).join();
        if (!response.write(`,${chunk}`)) await new Promise((resolve) => response.once('drain', resolve));
      }
      response.end(']');
    });
    expect(await get(never)).to.equal('500000500000');
  });

  it('rejects only the current callers when the system is out of threads', async () => {
    total = openTotal({ api: undefined, timeoutMs: 10_000 });
    const failure = Object.assign(new Error('no thread'), { code: 'ERR_WORKER_INIT_FAILED' });
    const thread = sinon.stub(threads, 'Worker').throws(failure);
    const unhandled: unknown[] = [];
    const listener = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', listener);
    try {
      for (let times = 0; times < 2; times += 1) {
        expect(await total.get(never).catch((error) => error)).to.equal(failure);
        await sleep(0);
      }
    } finally {
      process.off('unhandledRejection', listener);
      thread.restore();
    }
    expect(unhandled).to.deep.equal([]);
    expect(await total.get(never)).to.equal('500000500000');
  });

  it('reports what is wrong with the response', async () => {
    const { get } = await open((_, response) => {
      response.end('[1,true]');
    });
    const failure = await get(never).catch((error) => error);
    expect(failure).to.include({
      code: 'numbers_failed',
      message: 'The numbers API must return a JSON array of numbers, but element 1 is not a number: "true]".',
    });
  });

  it('tries again after a failure', async () => {
    const { get } = await open((_, response) => {
      response.end(server?.requests() === 1 ? 'no' : '[5]');
    });
    expect(await codeOf(get(never))).to.equal('numbers_failed');
    expect(await get(never)).to.equal('5');
  });

  it('sends one request for concurrent callers, and another for later ones', async () => {
    let answer = () => {};
    const { get } = await open((_, response) => {
      answer = () => response.end('[5]');
    });
    const totals = Array.from({ length: 20 }, () => get(new AbortController().signal));
    while (server?.requests() !== 1) await sleep(5);
    totals.push(get(never));
    answer();
    expect(await Promise.all(totals)).to.deep.equal(totals.map(() => '5'));
    expect(server.requests()).to.equal(1);
    const later = get(never);
    while (server.requests() !== 2) await sleep(5);
    answer();
    expect(await later).to.equal('5');
  });

  for (const [title, begin] of [
    ['does not respond', undefined],
    ['never ends its response', '[1,'],
  ] as const) {
    it(`times out on an API that ${title}, and tries again later`, async () => {
      const { get } = await open((_, response) => {
        if (server?.requests() !== 1) response.end('[5]');
        else if (begin !== undefined) response.write(begin);
      }, 2_000);
      expect(await codeOf(get(never))).to.equal('numbers_timeout');
      while ((await server?.connections()) !== 0) await sleep(5);
      expect(await get(never)).to.equal('5');
    });
  }

  it('closes the connection when all callers leave', async () => {
    const { get } = await open((_, response) => {
      if (server?.requests() !== 1) response.end('[5]');
    });
    const leaver = new AbortController();
    const reason = new Error('left');
    const left = get(leaver.signal).catch((error) => error);
    while (server?.requests() !== 1) await sleep(5);
    leaver.abort(reason);
    expect(await left).to.equal(reason);
    while ((await server?.connections()) !== 0) await sleep(5);
    expect(await get(never)).to.equal('5');
  });

  it('starts one thread on demand and terminates it when closed', async () => {
    const threads: Worker[] = [];
    const onWorker = (thread: Worker) => threads.push(thread);
    process.on('worker', onWorker);
    try {
      const { get, close } = await open((_, response) => {
        response.end('[5]');
      });
      expect(threads).to.have.length(0);
      await Promise.all([get(never), get(never)]);
      await get(never);
      expect(threads).to.have.length(1);
      expect(threads[0]?.threadId).to.be.above(0);
      const ended = once(threads[0] as Worker, 'exit');
      await close();
      await ended;
    } finally {
      process.off('worker', onWorker);
    }
  });

  for (const [title, text] of [
    ['while loading', 'throw new Error("broken");'],
    ['while working', 'export default () => { throw new Error("broken"); };'],
    [
      'in a callback while working',
      'export default () => new Promise(() => setTimeout(() => { throw new Error("broken"); }, 20));',
    ],
    ['with process.exit, which in a thread ends only the thread', 'export default () => { process.exit(3); };'],
  ] as const) {
    it(`rejects immediately when its thread fails ${title}, and can be used again`, async () => {
      const program = new URL(`data:text/javascript,${encodeURIComponent(text)}`);
      total = openTotal({ api: undefined, timeoutMs: 60_000, program });
      for (let times = 0; times < 2; times += 1) {
        const failure = await total.get(new AbortController().signal).catch((error) => error);
        expect(failure).to.be.instanceOf(Error).and.not.instanceOf(AppError);
      }
    });
  }

  it('aborts the current request when closed', async () => {
    const { get, close } = await open(() => {});
    const outcome = get(never).catch((error) => error);
    while (server?.requests() !== 1) await sleep(5);
    await close();
    expect(await outcome).to.be.instanceOf(Error);
    while ((await server?.connections()) !== 0) await sleep(5);
  });
});
