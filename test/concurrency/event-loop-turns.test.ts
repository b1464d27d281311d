import { setImmediate as nextIteration } from 'node:timers/promises';
import { expect } from 'chai';
import { ownTurn } from '../../src/concurrency/event-loop-turns.js';

describe('ownTurn', () => {
  it('gives each caller an iteration of its own, in order', async () => {
    let iteration = 0;
    let isCounting = true;
    const count = async () => {
      while (isCounting) {
        await nextIteration();
        iteration += 1;
      }
    };
    const counting = count();
    const iterations: number[] = [];
    await Promise.all(
      ['a', 'b', 'c', 'd'].map(async () => {
        await ownTurn();
        iterations.push(iteration);
      }),
    );
    isCounting = false;
    await counting;
    expect(iterations).to.deep.equal(iterations.toSorted((a, b) => a - b));
    expect(new Set(iterations)).to.have.property('size', 4);
  });
});
