import { expect } from 'chai';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { RateWindows } from '../../../src/runtime/rate-limit/rate-windows.js';

describe('RateWindows', () => {
  let clock: SinonFakeTimers;
  beforeEach(() => {
    clock = useFakeTimers({ toFake: ['Date'], now: 1_000_000 });
  });
  afterEach(() => clock.restore());

  it('lets each caller ask so often in a window, which begins with the first request', () => {
    const windows = new RateWindows({ most: 2, windowMs: 1_000 });
    expect(windows.ask('a')).to.deep.equal({ isAllowed: true, remaining: 1, resetMs: 1_000 });
    clock.tick(400);
    expect(windows.ask('a')).to.deep.equal({ isAllowed: true, remaining: 0, resetMs: 600 });
    expect(windows.ask('a')).to.deep.equal({ isAllowed: false, remaining: 0, resetMs: 600 });
    expect(windows.ask('b')).to.deep.equal({ isAllowed: true, remaining: 1, resetMs: 1_000 });
    clock.tick(599);
    expect(windows.ask('a').isAllowed).to.equal(false);
    clock.tick(1);
    expect(windows.ask('a')).to.deep.equal({ isAllowed: true, remaining: 1, resetMs: 1_000 });
  });

  it('goes on with the counts of another', () => {
    const rate = { most: 2, windowMs: 1_000 };
    const one = new RateWindows(rate);
    one.ask('a');
    const other = new RateWindows(rate);
    other.import(JSON.parse(JSON.stringify(one.export())));
    expect(other.ask('a').isAllowed).to.equal(true);
    expect(other.ask('a').isAllowed).to.equal(false);
    clock.tick(1_000);
    expect(other.ask('a').isAllowed).to.equal(true);
  });
});
