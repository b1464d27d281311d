import { setImmediate as tick } from 'node:timers/promises';
import { expect } from 'chai';
import { Semaphore } from '../../src/concurrency/semaphore.js';

describe('Semaphore', () => {
  it('runs at most one task per permit, in order of arrival', async () => {
    const semaphore = new Semaphore(2);
    const started: number[] = [];
    const finish: (() => void)[] = [];
    const work = (n: number) =>
      semaphore.run(async () => {
        started.push(n);
        await new Promise<void>((resolve) => finish.push(resolve));
        return n;
      });
    const all = Promise.all([0, 1, 2, 3].map(work));
    await tick();
    expect(started).to.deep.equal([0, 1]);
    for (let n = 0; n < 4; n += 1) {
      finish[n]?.();
      await tick();
      expect(started).to.have.length(Math.min(4, n + 3));
    }
    expect(await all).to.deep.equal([0, 1, 2, 3]);
    expect(started).to.deep.equal([0, 1, 2, 3]);
  });

  it('releases the permit when a task fails', async () => {
    const semaphore = new Semaphore(1);
    const failed = semaphore.run(() => Promise.reject(new Error('no'))).catch((error) => error.message);
    expect(await Promise.all([failed, semaphore.run(async () => 'yes')])).to.deep.equal(['no', 'yes']);
  });
});
