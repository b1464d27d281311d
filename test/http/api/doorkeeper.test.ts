import { expect } from 'chai';
import { Doorkeeper } from '../../../src/http/api/doorkeeper.js';

describe('Doorkeeper', () => {
  it('admits a key that was recorded recently, and no other', () => {
    const doorkeeper = new Doorkeeper();
    const keys = Array.from({ length: 10_000 }, (_, n) => `application/json ["search","term ${n}"]`);
    expect(keys.filter((key) => doorkeeper.admit(key))).to.deep.equal([]);
    // About one in fourteen was overwritten by a key with the same slot.
    expect(keys.filter((key) => doorkeeper.admit(key)).length).to.be.above(8_500);
    expect(doorkeeper.admit('')).to.equal(false);
    expect(doorkeeper.admit('')).to.equal(true);
  });

  it('forgets a key that was recorded long ago', () => {
    const doorkeeper = new Doorkeeper();
    doorkeeper.admit('first');
    for (let n = 0; n < 1_000_000; n += 1) doorkeeper.admit(`other ${n}`);
    expect(doorkeeper.admit('first')).to.equal(false);
  });
});
