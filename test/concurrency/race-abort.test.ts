import { getEventListeners } from 'node:events';
import { expect } from 'chai';
import { raceAbort } from '../../src/concurrency/race-abort.js';

describe('raceAbort', () => {
  const reason = new Error('left');

  it('settles as the promise does, and leaves no listener behind', async () => {
    const { signal } = new AbortController();
    const failure = new Error('failed');
    expect(await raceAbort(Promise.resolve(5), signal)).to.equal(5);
    expect(await raceAbort(Promise.reject(failure), signal).catch((error) => error)).to.equal(failure);
    expect(await raceAbort(Promise.resolve(5), undefined)).to.equal(5);
    await new Promise((resolve) => setImmediate(resolve));
    expect(getEventListeners(signal, 'abort')).to.have.length(0);
  });

  it("rejects with the signal's reason if it aborts first", async () => {
    const leaver = new AbortController();
    const outcome = raceAbort(new Promise(() => {}), leaver.signal).catch((error) => error);
    leaver.abort(reason);
    expect(await outcome).to.equal(reason);
  });

  it("rejects with the signal's reason if it has already aborted", async () => {
    const outcome = raceAbort(Promise.resolve(5), AbortSignal.abort(reason)).catch((error) => error);
    expect(await outcome).to.equal(reason);
  });
});
