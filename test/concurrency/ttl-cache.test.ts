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

  it('calls once for all who ask while the result is young enough, and again later', async () => {
    let calls = 0;
    const recent = new TtlCache(async () => ++calls, 1_000);
    expect(await Promise.all([recent.get(never), recent.get(never)])).to.deep.equal([1, 1]);
    clock.tick(999);
    expect(await recent.get(never)).to.equal(1);
    clock.tick(1);
    expect(await recent.get(never)).to.equal(2);
  });

  it('calls again after a failure', async () => {
    const outcomes = [Promise.reject(new Error('failed')), Promise.resolve(5)];
    const recent = new TtlCache(() => outcomes.shift() as Promise<number>, 1_000);
    expect(await recent.get(never).catch((error) => error.message)).to.equal('failed');
    expect(await recent.get(never)).to.equal(5);
  });

  it('keeps the call running for the other callers when the first one leaves', async () => {
    const settled: ((value: number) => void)[] = [];
    const recent = new TtlCache(() => new Promise<number>((resolve) => settled.push(resolve)), 1_000);
    const leaver = new AbortController();
    const left = recent.get(leaver.signal).catch((error) => error);
    const stayed = recent.get(never);
    leaver.abort(new Error('left'));
    expect(await left).to.have.property('message', 'left');
    settled[0]?.(5);
    expect(await stayed).to.equal(5);
    expect(settled).to.have.length(1);
  });
});
