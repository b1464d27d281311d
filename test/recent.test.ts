import { expect } from 'chai';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { Recent } from '../src/recent.js';

describe('Recent', () => {
  let clock: SinonFakeTimers;
  beforeEach(() => {
    clock = useFakeTimers({ toFake: ['performance'] });
  });
  afterEach(() => clock.restore());

  it('calls once for all who ask while the result is young enough, and again later', async () => {
    let calls = 0;
    const recent = new Recent(async () => ++calls, 1_000);
    expect(await Promise.all([recent.get(), recent.get()])).to.deep.equal([1, 1]);
    clock.tick(999);
    expect(await recent.get()).to.equal(1);
    clock.tick(1);
    expect(await recent.get()).to.equal(2);
  });

  it('calls again after a failure', async () => {
    const outcomes = [Promise.reject(new Error('failed')), Promise.resolve(5)];
    const recent = new Recent(() => outcomes.shift() as Promise<number>, 1_000);
    expect(await recent.get().catch((error) => error.message)).to.equal('failed');
    expect(await recent.get()).to.equal(5);
  });
});
