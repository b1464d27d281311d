import { expect } from 'chai';
import { TrailingCall } from '../../src/concurrency/trailing-call.js';

describe('TrailingCall', () => {
  let calls: { signal: AbortSignal; resolve: (value: number) => void; reject: (error: Error) => void }[];
  let call: TrailingCall<number>;
  beforeEach(() => {
    calls = [];
    call = new TrailingCall((signal) => new Promise((resolve, reject) => calls.push({ signal, resolve, reject })));
  });

  /** Calls start in the next phase of the event loop. */
  const nextPhase = () => new Promise((resolve) => setImmediate(resolve));

  it('makes one call for all callers that arrive before it starts', async () => {
    const results = [call.run(), call.run()];
    expect(calls).to.have.length(0);
    await nextPhase();
    expect(calls).to.have.length(1);
    calls[0]?.resolve(1);
    expect(await Promise.all(results)).to.deep.equal([1, 1]);
  });

  it('does not abort a call that has ended', async () => {
    const result = call.run();
    await nextPhase();
    calls[0]?.resolve(1);
    expect(await result).to.equal(1);
    expect(calls[0]?.signal.aborted).to.equal(false);
  });

  it('makes the call although an earlier caller leaves before it starts', async () => {
    const leaver = new AbortController();
    const left = call.run(leaver.signal).catch((error: Error) => error.message);
    leaver.abort(new Error('left'));
    expect(await left).to.equal('left');
    const stayed = call.run();
    await nextPhase();
    expect(calls.map(({ signal }) => signal.aborted)).to.deep.equal([false]);
    calls[0]?.resolve(1);
    expect(await stayed).to.equal(1);
  });

  it('makes one trailing call for all callers that arrive during a call', async () => {
    const results = [call.run()];
    await nextPhase();
    results.push(call.run(), call.run());
    expect(calls).to.have.length(1);
    calls[0]?.resolve(1);
    expect(await results[0]).to.equal(1);
    await nextPhase();
    expect(calls).to.have.length(2);
    results.push(call.run());
    calls[1]?.resolve(2);
    expect(await Promise.all(results.slice(0, 3))).to.deep.equal([1, 2, 2]);
    await nextPhase();
    expect(calls).to.have.length(3);
    calls[2]?.resolve(3);
    expect(await results[3]).to.equal(3);
  });

  it('makes the trailing call even if the running one fails', async () => {
    const failed = call.run().catch((error: Error) => error.message);
    await nextPhase();
    const trailing = call.run();
    calls[0]?.reject(new Error('no'));
    expect(await failed).to.equal('no');
    await nextPhase();
    calls[1]?.resolve(2);
    expect(await trailing).to.equal(2);
    const later = call.run();
    await nextPhase();
    calls[2]?.resolve(3);
    expect(await later).to.equal(3);
  });

  it('aborts a call only when all its callers have left', async () => {
    const [one, other] = [new AbortController(), new AbortController()];
    const first = call.run(one.signal).catch((error: Error) => error.message);
    await nextPhase();
    one.abort(new Error('one left'));
    expect(await first).to.equal('one left');
    expect(calls[0]?.signal.aborted).to.equal(true);
    const later = [call.run(), call.run(other.signal).catch((error: Error) => error.message)];
    expect(calls).to.have.length(1);
    calls[0]?.reject(new Error('aborted'));
    other.abort(new Error('other left'));
    expect(await later[1]).to.equal('other left');
    await nextPhase();
    expect(calls[1]?.signal.aborted).to.equal(false);
    calls[1]?.resolve(2);
    expect(await later[0]).to.equal(2);
  });

  it('never starts a trailing call whose callers have all left', async () => {
    const leaver = new AbortController();
    const first = call.run();
    await nextPhase();
    const left = call.run(leaver.signal).catch((error: Error) => error.message);
    leaver.abort(new Error('left'));
    expect(await left).to.equal('left');
    calls[0]?.resolve(1);
    expect(await first).to.equal(1);
    await nextPhase();
    expect(calls).to.have.length(1);
    const later = call.run();
    await nextPhase();
    calls[1]?.resolve(2);
    expect(await later).to.equal(2);
  });

  it('makes no call for a signal that has already aborted', async () => {
    const reason = new Error('left');
    expect(await call.run(AbortSignal.abort(reason)).catch((error) => error)).to.equal(reason);
    await nextPhase();
    expect(calls).to.have.length(0);
  });
});
