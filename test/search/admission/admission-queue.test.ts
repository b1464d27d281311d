import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { AdmissionQueue, type Limits, PAUSE_MS, type Slot } from '../../../src/search/admission/admission-queue.js';
import { codeOf } from '../engines/engine-contract.js';

describe('AdmissionQueue', () => {
  const never = () => new AbortController().signal;
  let events: string[];
  beforeEach(() => {
    events = [];
  });

  function openQueue(limits: Partial<Limits>): AdmissionQueue {
    return new AdmissionQueue({ searchesPerWorker: 2, searchQueue: 10, answersPerWorker: 100, ...limits });
  }

  /** Acquires a slot and records it by name. Names that begin with `regex` are expensive. */
  function acquire(queue: AdmissionQueue, name: string, signal = never()): Slot {
    const slot = queue.createSlot(name.startsWith('regex') ? 'expensive' : 'cheap', signal, () =>
      events.push(`stop ${name}`),
    );
    slot.acquire().then(
      () => events.push(name),
      () => events.push(`not ${name}`),
    );
    return slot;
  }

  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it('counts a query of several terms as that many answers, and starts a larger one alone', async () => {
    const queue = openQueue({ searchesPerWorker: 4, answersPerWorker: 3 });
    const acquireFor = async (answers: number) => {
      const slot = queue.createSlot('cheap', never(), () => {}, answers);
      slot.acquire().then(() => events.push(`${answers} terms`));
      await settled();
      return slot;
    };
    const two = await acquireFor(2);
    const another = await acquireFor(2);
    expect(events).to.deep.equal(['2 terms']);
    two.release();
    await settled();
    expect(events).to.deep.equal(['2 terms', '2 terms']);
    const ten = await acquireFor(10);
    expect(events).to.have.length(2);
    another.release();
    await settled();
    expect(events.at(-1)).to.equal('10 terms');
    ten.release();
    const one = await acquireFor(1);
    expect(events.at(-1)).to.equal('1 terms');
    one.release();
  });

  it('admits batches and searches in turn, batches whatever the length of the queue', async () => {
    const queue = openQueue({ searchesPerWorker: 1, searchQueue: 3 });
    let admitted: Slot = acquire(queue, 'first');
    await settled();
    const order = ['a', 'b', 'c', 'batch 1', 'batch 2'].map((name) => {
      const slot = queue.createSlot(name.startsWith('batch') ? 'batch' : 'cheap', never(), () => {});
      return slot.acquire().then(() => {
        events.push(name);
        admitted = slot;
      });
    });
    for (const _ of order) {
      admitted.release();
      await settled();
    }
    expect(events).to.deep.equal(['first', 'batch 1', 'a', 'batch 2', 'b', 'c']);
    admitted.release();
  });

  it('gives expensive searches half of the slots, and cheap ones the rest', async () => {
    const queue = openQueue({ searchesPerWorker: 4 });
    const slots = ['regex 1', 'regex 2', 'regex 3', 'a', 'b', 'c'].map((name) => acquire(queue, name));
    await settled();
    expect(events).to.deep.equal(['regex 1', 'regex 2', 'a', 'b']);
    slots[4]?.release();
    await settled();
    expect(events.slice(4)).to.deep.equal(['c']);
    slots[0]?.release();
    await settled();
    expect(events.slice(5)).to.deep.equal(['regex 3']);
  });

  it('gives an expensive search the only slot', async () => {
    acquire(openQueue({ searchesPerWorker: 1 }), 'regex 1');
    await settled();
    expect(events).to.deep.equal(['regex 1']);
  });

  it('gives expensive searches half of the queue', async () => {
    const queue = openQueue({ searchesPerWorker: 2, searchQueue: 3 });
    const names = ['regex 1', 'regex 2', 'regex 3', 'regex 4', 'a', 'b', 'c'];
    const [first, , , , other] = names.map((name) => acquire(queue, name));
    await settled();
    expect(events).to.have.members(['regex 1', 'a', 'not regex 4', 'not c']);
    first?.release();
    other?.release();
    await settled();
    expect(events.slice(4)).to.deep.equal(['regex 2', 'b']);
    acquire(queue, 'regex 5');
    acquire(queue, 'regex 6');
    await settled();
    expect(events.slice(6)).to.deep.equal(['not regex 6']);
  });

  it('keeps the slot during a short pause', async () => {
    const queue = openQueue({ searchesPerWorker: 1 });
    const slot = acquire(queue, 'a');
    await settled();
    acquire(queue, 'b');
    for (let n = 0; n < 5; n += 1) {
      slot.pause();
      await settled();
      await slot.acquire();
    }
    expect(events).to.deep.equal(['a']);
    slot.release();
    await settled();
    expect(events).to.deep.equal(['a', 'b']);
  });

  it('gives the slot to another search in a long pause, and acquires one again afterwards', async () => {
    const queue = openQueue({ searchesPerWorker: 1 });
    const slow = acquire(queue, 'a');
    await settled();
    slow.pause();
    const quick = acquire(queue, 'b');
    await sleep(2 * PAUSE_MS);
    expect(events).to.deep.equal(['a', 'b']);
    const again = slow.acquire().then(() => events.push('a again'));
    await settled();
    expect(events).to.have.length(2);
    quick.release();
    await again;
    slow.release();
    acquire(queue, 'c');
    await settled();
    expect(events.slice(2)).to.deep.equal(['a again', 'c']);
  });

  it('does not reject a started search, whatever the length of the queue', async () => {
    const queue = openQueue({ searchesPerWorker: 1, searchQueue: 1 });
    const slow = acquire(queue, 'a');
    await settled();
    slow.pause();
    const quick = acquire(queue, 'b');
    await sleep(2 * PAUSE_MS);
    acquire(queue, 'c');
    const again = slow.acquire();
    const rejected = queue.createSlot('cheap', never(), () => {}).acquire();
    expect(await codeOf(rejected)).to.equal('too_busy');
    quick.release();
    await settled();
    expect(events).to.deep.equal(['a', 'b', 'c']);
    expect(await Promise.race([again.then(() => 'resumed'), settled().then(() => 'waits')])).to.equal('waits');
  });

  it('limits open answers, and evicts the one that has been paused longest', async () => {
    const queue = openQueue({ searchesPerWorker: 3, answersPerWorker: 2 });
    const slow = ['a', 'b'].map((name) => acquire(queue, name));
    await settled();
    acquire(queue, 'c');
    await settled();
    expect(events).to.deep.equal(['a', 'b']);
    slow[1]?.pause();
    await sleep(1);
    slow[0]?.pause();
    await sleep(2 * PAUSE_MS);
    expect(events).to.deep.equal(['a', 'b', 'stop b', 'c']);
    expect(await codeOf(slow[1]?.acquire() ?? expect.fail())).to.equal('too_busy');
    slow[1]?.release();
    await slow[0]?.acquire();
    acquire(queue, 'd');
    await settled();
    expect(events).to.have.length(4);
    slow[0]?.release();
    await settled();
    expect(events.slice(4)).to.deep.equal(['d']);
  });

  it('evicts no answer if there is no free slot', async () => {
    const queue = openQueue({ searchesPerWorker: 1, answersPerWorker: 2 });
    const slow = acquire(queue, 'a');
    await settled();
    slow.pause();
    acquire(queue, 'b');
    await sleep(2 * PAUSE_MS);
    acquire(queue, 'c');
    await settled();
    expect(events).to.deep.equal(['a', 'b']);
  });

  it('releases the slot of an aborted search, even if its client never asks for more', async () => {
    const queue = openQueue({ answersPerWorker: 1 });
    const controller = new AbortController();
    const slow = acquire(queue, 'a', controller.signal);
    await settled();
    slow.pause();
    const next = acquire(queue, 'b');
    controller.abort(new Error('enough'));
    await settled();
    expect(events).to.deep.equal(['a', 'b']);
    expect(await slow.acquire().catch((error) => error.message)).to.equal('enough');
    // A second release has no effect.
    slow.release();
    acquire(queue, 'c');
    await settled();
    expect(events).to.deep.equal(['a', 'b']);
    next.release();
    await settled();
    expect(events).to.deep.equal(['a', 'b', 'c']);
  });

  describe('spareSlots', () => {
    const cores = availableParallelism();

    it('are the free slots, at most one for each core', () => {
      const { spareSlots } = openQueue({ searchesPerWorker: cores + 5 });
      expect(spareSlots.acquire(cores + 5)).to.equal(cores);
      expect(spareSlots.acquire(1)).to.equal(0);
      spareSlots.release(cores);
      expect(spareSlots.acquire(-1)).to.equal(0);
      expect(spareSlots.acquire(1)).to.equal(1);
      spareSlots.release(1);
      const one = openQueue({ searchesPerWorker: 1 }).spareSlots;
      expect([one.acquire(5), one.acquire(5)]).to.deep.equal([1, 0]);
    });

    it('are fewer while searches run, and none if they use all cores', async () => {
      const queue = openQueue({ searchesPerWorker: cores + 5 });
      const slots = Array.from({ length: cores }, (_, n) => acquire(queue, `search ${n}`));
      await settled();
      expect(queue.spareSlots.acquire(1)).to.equal(0);
      slots[0]?.release();
      expect(queue.spareSlots.acquire(5)).to.equal(1);
    });

    it('are none while others wait', async () => {
      const queue = openQueue({ searchesPerWorker: 2, answersPerWorker: 2 });
      const [first] = ['regex 1', 'regex 2'].map((name) => acquire(queue, name));
      await settled();
      // The second could not use the free slot, but it waits.
      expect(events).to.deep.equal(['regex 1']);
      expect(queue.spareSlots.acquire(1)).to.equal(0);
      first?.release();
      await settled();
      expect(events).to.deep.equal(['regex 1', 'regex 2']);
      expect(queue.spareSlots.acquire(1)).to.equal(Math.min(2, cores) - 1);
    });

    it('keep no other search waiting', async () => {
      const queue = openQueue({ searchesPerWorker: 1 });
      expect(queue.spareSlots.acquire(1)).to.equal(1);
      const slot = acquire(queue, 'search');
      await settled();
      expect(events).to.deep.equal(['search']);
      queue.spareSlots.release(1);
      expect(queue.spareSlots.acquire(1)).to.equal(0);
      slot.release();
      expect(queue.spareSlots.acquire(1)).to.equal(1);
    });
  });

  it('keeps its counts correct under aborts, pauses and rejections', async () => {
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
          // Rejected or aborted.
        } finally {
          slot.release();
        }
      }),
    );
    ['a', 'b', 'c'].map((name) => acquire(queue, name));
    await settled();
    expect(events).to.deep.equal(['a', 'b']);
  });
});
