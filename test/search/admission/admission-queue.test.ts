import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { AdmissionQueue, type Limits, PAUSE_MS, type Slot } from '../../../src/search/admission/admission-queue.js';
import { codeOf } from '../engines/engine-contract.js';

describe('AdmissionQueue', () => {
  const never = () => new AbortController().signal;
  let begun: string[];
  beforeEach(() => {
    begun = [];
  });

  function openQueue(limits: Partial<Limits>): AdmissionQueue {
    return new AdmissionQueue({ searchesPerWorker: 2, searchQueue: 10, answersPerWorker: 100, ...limits });
  }

  /** Asks for a place under a name; regular expressions are heavy work. */
  function ask(queue: AdmissionQueue, name: string, signal = never()): Slot {
    const slot = queue.createSlot(name.startsWith('regex') ? 'expensive' : 'cheap', signal, () =>
      begun.push(`stop ${name}`),
    );
    slot.acquire().then(
      () => begun.push(name),
      () => begun.push(`not ${name}`),
    );
    return slot;
  }

  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it('gives work for many a slot in order of arrival, whatever the length of the queue', async () => {
    const queue = openQueue({ searchesPerWorker: 1, searchQueue: 1 });
    const first = ask(queue, 'first');
    const alone = ask(queue, 'alone');
    const shared = ['shared 1', 'shared 2'].map((name) => {
      const slot = queue.createSlot('batch', never(), () => {});
      slot.acquire().then(() => begun.push(name));
      return slot;
    });
    await settled();
    first.release();
    await settled();
    expect(begun).to.deep.equal(['first', 'alone']);
    alone.release();
    await settled();
    shared[0]?.release();
    await settled();
    expect(begun).to.deep.equal(['first', 'alone', 'shared 1', 'shared 2']);
    shared[1]?.release();
  });

  it('gives regular expressions half of the slots, and others those that they leave', async () => {
    const queue = openQueue({ searchesPerWorker: 4 });
    const slots = ['regex 1', 'regex 2', 'regex 3', 'a', 'b', 'c'].map((name) => ask(queue, name));
    await settled();
    expect(begun).to.deep.equal(['regex 1', 'regex 2', 'a', 'b']);
    slots[4]?.release();
    await settled();
    expect(begun.slice(4)).to.deep.equal(['c']);
    slots[0]?.release();
    await settled();
    expect(begun.slice(5)).to.deep.equal(['regex 3']);
  });

  it('lets a regular expression have the only place', async () => {
    ask(openQueue({ searchesPerWorker: 1 }), 'regex 1');
    await settled();
    expect(begun).to.deep.equal(['regex 1']);
  });

  it('gives regular expressions half of the queue', async () => {
    const queue = openQueue({ searchesPerWorker: 2, searchQueue: 3 });
    const names = ['regex 1', 'regex 2', 'regex 3', 'regex 4', 'a', 'b', 'c'];
    const [first, , , , other] = names.map((name) => ask(queue, name));
    await settled();
    expect(begun).to.have.members(['regex 1', 'a', 'not regex 4', 'not c']);
    first?.release();
    other?.release();
    await settled();
    expect(begun.slice(4)).to.deep.equal(['regex 2', 'b']);
    ask(queue, 'regex 5');
    ask(queue, 'regex 6');
    await settled();
    expect(begun.slice(6)).to.deep.equal(['not regex 6']);
  });

  it('keeps the place in a short rest', async () => {
    const queue = openQueue({ searchesPerWorker: 1 });
    const slot = ask(queue, 'a');
    await settled();
    ask(queue, 'b');
    for (let n = 0; n < 5; n += 1) {
      slot.pause();
      await settled();
      await slot.acquire();
    }
    expect(begun).to.deep.equal(['a']);
    slot.release();
    await settled();
    expect(begun).to.deep.equal(['a', 'b']);
  });

  it('takes the place in a long rest, and gives one back afterwards', async () => {
    const queue = openQueue({ searchesPerWorker: 1 });
    const slow = ask(queue, 'a');
    await settled();
    slow.pause();
    const quick = ask(queue, 'b');
    await sleep(2 * PAUSE_MS);
    expect(begun).to.deep.equal(['a', 'b']);
    const again = slow.acquire().then(() => begun.push('a again'));
    await settled();
    expect(begun).to.have.length(2);
    quick.release();
    await again;
    slow.release();
    ask(queue, 'c');
    await settled();
    expect(begun.slice(2)).to.deep.equal(['a again', 'c']);
  });

  it('lets one that has begun go on, however many wait', async () => {
    const queue = openQueue({ searchesPerWorker: 1, searchQueue: 1 });
    const slow = ask(queue, 'a');
    await settled();
    slow.pause();
    const quick = ask(queue, 'b');
    await sleep(2 * PAUSE_MS);
    ask(queue, 'c');
    const again = slow.acquire();
    const refused = queue.createSlot('cheap', never(), () => {}).acquire();
    expect(await codeOf(refused)).to.equal('too_busy');
    quick.release();
    await settled();
    expect(begun).to.deep.equal(['a', 'b', 'c']);
    expect(await Promise.race([again.then(() => 'goes on'), settled().then(() => 'waits')])).to.equal('waits');
  });

  it('begins no more answers than it may, and ends the one that has rested longest for another to begin', async () => {
    const queue = openQueue({ searchesPerWorker: 3, answersPerWorker: 2 });
    const slow = ['a', 'b'].map((name) => ask(queue, name));
    await settled();
    ask(queue, 'c');
    await settled();
    expect(begun).to.deep.equal(['a', 'b']);
    slow[1]?.pause();
    await sleep(1);
    slow[0]?.pause();
    await sleep(2 * PAUSE_MS);
    expect(begun).to.deep.equal(['a', 'b', 'stop b', 'c']);
    expect(await codeOf(slow[1]?.acquire() ?? expect.fail())).to.equal('too_busy');
    slow[1]?.release();
    await slow[0]?.acquire();
    ask(queue, 'd');
    await settled();
    expect(begun).to.have.length(4);
    slow[0]?.release();
    await settled();
    expect(begun.slice(4)).to.deep.equal(['d']);
  });

  it('ends none that rests where a new one has no place to work', async () => {
    const queue = openQueue({ searchesPerWorker: 1, answersPerWorker: 2 });
    const slow = ask(queue, 'a');
    await settled();
    slow.pause();
    ask(queue, 'b');
    await sleep(2 * PAUSE_MS);
    ask(queue, 'c');
    await settled();
    expect(begun).to.deep.equal(['a', 'b']);
  });

  it('counts an answer no more when its time is up, though its reader may never ask again', async () => {
    const queue = openQueue({ answersPerWorker: 1 });
    const controller = new AbortController();
    const slow = ask(queue, 'a', controller.signal);
    await settled();
    slow.pause();
    const next = ask(queue, 'b');
    controller.abort(new Error('enough'));
    await settled();
    expect(begun).to.deep.equal(['a', 'b']);
    expect(await slow.acquire().catch((error) => error.message)).to.equal('enough');
    // Ending twice frees nothing twice.
    slow.release();
    ask(queue, 'c');
    await settled();
    expect(begun).to.deep.equal(['a', 'b']);
    next.release();
    await settled();
    expect(begun).to.deep.equal(['a', 'b', 'c']);
  });

  it('counts right whatever happens', async () => {
    const queue = openQueue({ searchesPerWorker: 2, searchQueue: 5, answersPerWorker: 3 });
    await Promise.all(
      Array.from({ length: 200 }, async (_, n) => {
        const controller = new AbortController();
        const slot = queue.createSlot(n % 3 === 0 ? 'expensive' : 'cheap', controller.signal, () => {});
        await sleep(n % 20);
        if (n % 5 === 0) setTimeout(() => controller.abort(), n % 7);
        try {
          await slot.acquire();
          slot.pause();
          await sleep(n % 2 === 0 ? 0 : PAUSE_MS + 5);
          await slot.acquire();
        } catch {
          // Refused, or aborted.
        } finally {
          slot.release();
        }
      }),
    );
    ['a', 'b', 'c'].map((name) => ask(queue, name));
    await settled();
    expect(begun).to.deep.equal(['a', 'b']);
  });
});
