// Tells what is asked again from what is asked once.
import { expect } from 'chai';
import { Doorkeeper } from '../../../src/http/api/doorkeeper.js';

describe('Doorkeeper', () => {
  it('knows what has come lately, and nothing else', () => {
    const doorkeeper = new Doorkeeper();
    const keys = Array.from({ length: 10_000 }, (_, n) => `application/json ["search","term ${n}"]`);
    expect(keys.filter((key) => doorkeeper.knows(key))).to.deep.equal([]);
    // Some have lost their place to others, by chance: about one in fourteen.
    expect(keys.filter((key) => doorkeeper.knows(key)).length).to.be.above(8_500);
    expect(doorkeeper.knows('')).to.equal(false);
    expect(doorkeeper.knows('')).to.equal(true);
  });

  it('forgets what has come long ago', () => {
    const doorkeeper = new Doorkeeper();
    doorkeeper.knows('first');
    for (let n = 0; n < 1_000_000; n += 1) doorkeeper.knows(`other ${n}`);
    expect(doorkeeper.knows('first')).to.equal(false);
  });
});
