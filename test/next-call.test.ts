import { expect } from 'chai';
import { NextCall } from '../src/next-call.js';

describe('NextCall', () => {
  let calls: { resolve: (value: number) => void; reject: (error: Error) => void }[];
  let next: NextCall<number>;
  beforeEach(() => {
    calls = [];
    next = new NextCall(() => new Promise((resolve, reject) => calls.push({ resolve, reject })));
  });

  it('begins at once where nothing is under way', async () => {
    const asked = next.ask();
    expect(calls).to.have.length(1);
    calls[0]?.resolve(1);
    expect(await asked).to.equal(1);
  });

  it('makes one more call for all who ask while one is under way', async () => {
    const asked = [next.ask(), next.ask(), next.ask()];
    expect(calls).to.have.length(1);
    calls[0]?.resolve(1);
    expect(await asked[0]).to.equal(1);
    expect(calls).to.have.length(2);
    asked.push(next.ask());
    calls[1]?.resolve(2);
    expect(await Promise.all(asked.slice(0, 3))).to.deep.equal([1, 2, 2]);
    expect(calls).to.have.length(3);
    calls[2]?.resolve(3);
    expect(await asked[3]).to.equal(3);
  });

  it('goes on after a call that fails', async () => {
    const asked = [next.ask(), next.ask()].map((it) => it.catch((error: Error) => error.message));
    calls[0]?.reject(new Error('no'));
    expect(await asked[0]).to.equal('no');
    calls[1]?.resolve(2);
    expect(await asked[1]).to.equal(2);
    const later = next.ask();
    calls[2]?.resolve(3);
    expect(await later).to.equal(3);
  });
});
