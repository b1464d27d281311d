import { expect } from 'chai';
import sinon from 'sinon';
import { Turns } from '../../src/concurrency/time-slice.js';

describe('Turns', () => {
  it('are over after five milliseconds, and begin anew when they have been passed on', async () => {
    let now = 0;
    const clock = sinon.stub(performance, 'now').callsFake(() => now);
    try {
      const turns = new Turns();
      now = 5;
      expect(turns.isOver).to.equal(false);
      now = 5.1;
      expect(turns.isOver).to.equal(true);
      await turns.pass();
      expect(turns.isOver).to.equal(false);
    } finally {
      clock.restore();
    }
  });

  it('are passed on to all who wait for theirs', async () => {
    let hadTurn = false;
    setImmediate(() => {
      hadTurn = true;
    });
    await new Turns().pass();
    expect(hadTurn).to.equal(true);
  });
});
