import { expect } from 'chai';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { TtlCache } from '../../src/concurrency/ttl-cache.js';

const never = new AbortController().signal;

describe('TtlCache', () => {
  let clock: SinonFakeTimers;
  beforeEach(() => {
    clock = useFakeTimers({ toFake: ['performance'] });
  });
  afterEach(() => clock.restore());

  it('loads once for all callers while the value is fresh, and again later', async () => {
    let calls = 0;
    const cache = new TtlCache(async () => ++calls, 1_000);
    expect(await Promise.all([cache.get(never), cache.get(never)])).to.deep.equal([1, 1]);
    clock.tick(999);
    expect(await cache.get(never)).to.equal(1);
    clock.tick(1);
    expect(await cache.get(never)).to.equal(2);
  });

  it('loads again after a failure', async () => {
    const outcomes = [Promise.reject(new Error('failed')), Promise.resolve(5)];
    const cache = new TtlCache(() => outcomes.shift() as Promise<number>, 1_000);
    expect(await cache.get(never).catch((error) => error.message)).to.equal('failed');
    expect(await cache.get(never)).to.equal(5);
  });

  it('continues the load for the other callers when the first one leaves', async () => {
    const settled: ((value: number) => void)[] = [];
    const cache = new TtlCache(() => new Promise<number>((resolve) => settled.push(resolve)), 1_000);
    const leaver = new AbortController();
    const left = cache.get(leaver.signal).catch((error) => error);
    const stayed = cache.get(never);
    leaver.abort(new Error('left'));
    expect(await left).to.have.property('message', 'left');
    settled[0]?.(5);
    expect(await stayed).to.equal(5);
    expect(settled).to.have.length(1);
  });
});
