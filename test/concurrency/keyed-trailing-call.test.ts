import { expect } from 'chai';
import { KeyedTrailingCall } from '../../src/concurrency/keyed-trailing-call.js';

describe('KeyedTrailingCall', () => {
  let calls: { key: string; resolve: (value: string) => void; reject: (error: Error) => void }[];
  let lookups: KeyedTrailingCall<string, string>;
  beforeEach(() => {
    calls = [];
    lookups = new KeyedTrailingCall((key) => new Promise((resolve, reject) => calls.push({ key, resolve, reject })));
  });

  /** Calls start in the next phase of the event loop. */
  const nextPhase = () => new Promise((resolve) => setImmediate(resolve));

  it('shares a look-up only among callers with the same key', async () => {
    const values = ['a', 'b'].map((key) => lookups.run(key));
    await nextPhase();
    values.push(...['a', 'a'].map((key) => lookups.run(key)));
    expect(calls.map(({ key }) => key)).to.deep.equal(['a', 'b']);
    calls[0]?.resolve('a1');
    calls[1]?.resolve('b1');
    expect(await values[0]).to.equal('a1');
    await nextPhase();
    calls[2]?.resolve('a2');
    expect(await Promise.all(values)).to.deep.equal(['a1', 'b1', 'a2', 'a2']);
  });

  it('removes a key when its last look-up ends', async () => {
    const leaver = new AbortController();
    const outcomes = [
      lookups.run('found'),
      lookups.run('failed').catch((error: Error) => error.message),
      lookups.run('left', leaver.signal).catch((error: Error) => error.message),
      lookups.run('never started', AbortSignal.abort(new Error('gone'))).catch((error: Error) => error.message),
    ];
    expect(lookups.size).to.equal(3);
    await nextPhase();
    leaver.abort(new Error('left'));
    calls[0]?.resolve('value');
    calls[1]?.reject(new Error('failure'));
    calls[2]?.reject(new Error('aborted'));
    expect(await Promise.all(outcomes)).to.deep.equal(['value', 'failure', 'left', 'gone']);
    expect(lookups.size).to.equal(0);
  });
});
