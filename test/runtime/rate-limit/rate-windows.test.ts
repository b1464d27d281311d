import { expect } from 'chai';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { RateWindows } from '../../../src/runtime/rate-limit/rate-windows.js';

describe('RateWindows', () => {
  let clock: SinonFakeTimers;
  beforeEach(() => {
    clock = useFakeTimers({ toFake: ['Date'], now: 1_000_000 });
  });
  afterEach(() => clock.restore());

  it('limits the requests of each caller per window, which begins with the first request', () => {
    const windows = new RateWindows({ maxRequests: 2, windowMs: 1_000 });
    expect(windows.consume('a')).to.deep.equal({ isAllowed: true, remaining: 1, resetMs: 1_000 });
    clock.tick(400);
    expect(windows.consume('a')).to.deep.equal({ isAllowed: true, remaining: 0, resetMs: 600 });
    expect(windows.consume('a')).to.deep.equal({ isAllowed: false, remaining: 0, resetMs: 600 });
    expect(windows.consume('b')).to.deep.equal({ isAllowed: true, remaining: 1, resetMs: 1_000 });
    clock.tick(599);
    expect(windows.consume('a').isAllowed).to.equal(false);
    clock.tick(1);
    expect(windows.consume('a')).to.deep.equal({ isAllowed: true, remaining: 1, resetMs: 1_000 });
  });

  it('continues with imported counts', () => {
    const rate = { maxRequests: 2, windowMs: 1_000 };
    const exporting = new RateWindows(rate);
    exporting.consume('a');
    const importing = new RateWindows(rate);
    importing.import(JSON.parse(JSON.stringify(exporting.export())));
    expect(importing.consume('a').isAllowed).to.equal(true);
    expect(importing.consume('a').isAllowed).to.equal(false);
    clock.tick(1_000);
    expect(importing.consume('a').isAllowed).to.equal(true);
  });
});
