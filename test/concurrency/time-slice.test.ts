import { expect } from 'chai';
import sinon from 'sinon';
import { TimeSlice } from '../../src/concurrency/time-slice.js';

describe('TimeSlice', () => {
  it('expires after five milliseconds, and starts again after yielding', async () => {
    let now = 0;
    const clock = sinon.stub(performance, 'now').callsFake(() => now);
    try {
      const slice = new TimeSlice();
      now = 5;
      expect(slice.isExpired).to.equal(false);
      now = 5.1;
      expect(slice.isExpired).to.equal(true);
      await slice.yieldToEventLoop();
      expect(slice.isExpired).to.equal(false);
    } finally {
      clock.restore();
    }
  });

  it('lets pending immediates run when it yields', async () => {
    let hasRun = false;
    setImmediate(() => {
      hasRun = true;
    });
    await new TimeSlice().yieldToEventLoop();
    expect(hasRun).to.equal(true);
  });
});
