import { expect } from 'chai';
import sinon from 'sinon';
import { TimeSlice } from '../../src/concurrency/time-slice.js';

describe('TimeSlice', () => {
  it('are over after five milliseconds, and begin anew when they have been passed on', async () => {
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

  it('are passed on to all who wait for theirs', async () => {
    let hadTurn = false;
    setImmediate(() => {
      hadTurn = true;
    });
    await new TimeSlice().yieldToEventLoop();
    expect(hadTurn).to.equal(true);
  });
});
