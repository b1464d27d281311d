import { expect } from 'chai';
import { SingleFlight } from '../../src/concurrency/single-flight.js';

const never = new AbortController().signal;

describe('SingleFlight', () => {
  /** The calls so far, each with its signal and the functions that settle it. */
  let calls: { signal: AbortSignal; resolve: (value: number) => void; reject: (error: Error) => void }[];
  let flight: SingleFlight<number>;
  beforeEach(() => {
    calls = [];
    flight = new SingleFlight((signal) => new Promise((resolve, reject) => calls.push({ signal, resolve, reject })));
  });

  it('makes one call for all concurrent callers', async () => {
    const joined = [flight.run(never), flight.run(never), flight.run(never)];
    expect(calls).to.have.length(1);
    calls[0]?.resolve(5);
    expect(await Promise.all(joined)).to.deep.equal([5, 5, 5]);
  });

  it('makes another call for a caller that arrives after the result', async () => {
    const first = flight.run(never);
    calls[0]?.resolve(5);
    expect(await first).to.equal(5);
    const second = flight.run(never);
    expect(calls).to.have.length(2);
    calls[1]?.resolve(6);
    expect(await second).to.equal(6);
  });

  it('rejects for all waiting callers, but not for later ones', async () => {
    const failure = new Error('failed');
    const joined = [flight.run(never), flight.run(never)].map((result) => result.catch((error) => error));
    calls[0]?.reject(failure);
    expect(await Promise.all(joined)).to.deep.equal([failure, failure]);
    const later = flight.run(never);
    calls[1]?.resolve(7);
    expect(await later).to.equal(7);
  });

  it('continues for the other callers when one leaves', async () => {
    const leaver = new AbortController();
    const left = flight.run(leaver.signal).catch((error) => error);
    const stayed = flight.run(never);
    const reason = new Error('left');
    leaver.abort(reason);
    expect(await left).to.equal(reason);
    expect(calls[0]?.signal.aborted).to.equal(false);
    calls[0]?.resolve(5);
    expect(await stayed).to.equal(5);
  });

  it('aborts the call when all callers leave, and lets no caller join an aborted call', async () => {
    const leaver = new AbortController();
    const left = [flight.run(leaver.signal), flight.run(leaver.signal)].map((result) => result.catch(() => 'left'));
    leaver.abort();
    expect(await Promise.all(left)).to.deep.equal(['left', 'left']);
    expect(calls[0]?.signal.aborted).to.equal(true);
    const next = flight.run(never);
    expect(calls).to.have.length(2);
    // The outcome of the aborted call is ignored.
    calls[0]?.reject(new Error('ended'));
    calls[1]?.resolve(6);
    expect(await next).to.equal(6);
  });

  it('makes no call for a signal that has already aborted', async () => {
    const reason = new Error('left');
    expect(await flight.run(AbortSignal.abort(reason)).catch((error) => error)).to.equal(reason);
    expect(calls).to.have.length(0);
  });
});
