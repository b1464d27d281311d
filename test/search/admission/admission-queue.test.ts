import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { type Limits, Places, REST_MS, type Turn } from '../../../src/search/admission/admission-queue.js';
import { codeOf } from '../engines/engine-contract.js';

describe('Places', () => {
  const never = () => new AbortController().signal;
  let begun: string[];
  beforeEach(() => {
    begun = [];
  });

  function openPlaces(limits: Partial<Limits>): Places {
    return new Places({ searchesPerWorker: 2, searchQueue: 10, answersPerWorker: 100, ...limits });
  }

  /** Asks for a place under a name; regular expressions are heavy work. */
  function ask(places: Places, name: string, signal = never()): Turn {
    const turn = places.turn(name.startsWith('regex') ? 'heavy' : 'light', signal, () => begun.push(`stop ${name}`));
    turn.work().then(
      () => begun.push(name),
      () => begun.push(`not ${name}`),
    );
    return turn;
  }

  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it('gives work for many its turn, in order of arrival, whatever the length of the queue', async () => {
    const places = openPlaces({ searchesPerWorker: 1, searchQueue: 1 });
    const first = ask(places, 'first');
    const alone = ask(places, 'alone');
    const shared = ['shared 1', 'shared 2'].map((name) => {
      const turn = places.turn('shared', never(), () => {});
      turn.work().then(() => begun.push(name));
      return turn;
    });
    await settled();
    first.end();
    await settled();
    expect(begun).to.deep.equal(['first', 'alone']);
    alone.end();
    await settled();
    shared[0]?.end();
    await settled();
    expect(begun).to.deep.equal(['first', 'alone', 'shared 1', 'shared 2']);
    shared[1]?.end();
  });

  it('gives regular expressions half of the places, and others those that they leave', async () => {
    const places = openPlaces({ searchesPerWorker: 4 });
    const turns = ['regex 1', 'regex 2', 'regex 3', 'a', 'b', 'c'].map((name) => ask(places, name));
    await settled();
    expect(begun).to.deep.equal(['regex 1', 'regex 2', 'a', 'b']);
    turns[4]?.end();
    await settled();
    expect(begun.slice(4)).to.deep.equal(['c']);
    turns[0]?.end();
    await settled();
    expect(begun.slice(5)).to.deep.equal(['regex 3']);
  });

  it('lets a regular expression have the only place', async () => {
    ask(openPlaces({ searchesPerWorker: 1 }), 'regex 1');
    await settled();
    expect(begun).to.deep.equal(['regex 1']);
  });

  it('gives regular expressions half of the queue', async () => {
    const places = openPlaces({ searchesPerWorker: 2, searchQueue: 3 });
    const names = ['regex 1', 'regex 2', 'regex 3', 'regex 4', 'a', 'b', 'c'];
    const [first, , , , other] = names.map((name) => ask(places, name));
    await settled();
    expect(begun).to.have.members(['regex 1', 'a', 'not regex 4', 'not c']);
    first?.end();
    other?.end();
    await settled();
    expect(begun.slice(4)).to.deep.equal(['regex 2', 'b']);
    ask(places, 'regex 5');
    ask(places, 'regex 6');
    await settled();
    expect(begun.slice(6)).to.deep.equal(['not regex 6']);
  });

  it('keeps the place in a short rest', async () => {
    const places = openPlaces({ searchesPerWorker: 1 });
    const turn = ask(places, 'a');
    await settled();
    ask(places, 'b');
    for (let n = 0; n < 5; n += 1) {
      turn.rest();
      await settled();
      await turn.work();
    }
    expect(begun).to.deep.equal(['a']);
    turn.end();
    await settled();
    expect(begun).to.deep.equal(['a', 'b']);
  });

  it('takes the place in a long rest, and gives one back afterwards', async () => {
    const places = openPlaces({ searchesPerWorker: 1 });
    const slow = ask(places, 'a');
    await settled();
    slow.rest();
    const quick = ask(places, 'b');
    await sleep(2 * REST_MS);
    expect(begun).to.deep.equal(['a', 'b']);
    const again = slow.work().then(() => begun.push('a again'));
    await settled();
    expect(begun).to.have.length(2);
    quick.end();
    await again;
    slow.end();
    ask(places, 'c');
    await settled();
    expect(begun.slice(2)).to.deep.equal(['a again', 'c']);
  });

  it('lets one that has begun go on, however many wait', async () => {
    const places = openPlaces({ searchesPerWorker: 1, searchQueue: 1 });
    const slow = ask(places, 'a');
    await settled();
    slow.rest();
    const quick = ask(places, 'b');
    await sleep(2 * REST_MS);
    ask(places, 'c');
    const again = slow.work();
    const refused = places.turn('light', never(), () => {}).work();
    expect(await codeOf(refused)).to.equal('too_busy');
    quick.end();
    await settled();
    expect(begun).to.deep.equal(['a', 'b', 'c']);
    expect(await Promise.race([again.then(() => 'goes on'), settled().then(() => 'waits')])).to.equal('waits');
  });

  it('begins no more answers than it may, and ends the one that has rested longest for another to begin', async () => {
    const places = openPlaces({ searchesPerWorker: 3, answersPerWorker: 2 });
    const slow = ['a', 'b'].map((name) => ask(places, name));
    await settled();
    ask(places, 'c');
    await settled();
    expect(begun).to.deep.equal(['a', 'b']);
    slow[1]?.rest();
    await sleep(1);
    slow[0]?.rest();
    await sleep(2 * REST_MS);
    expect(begun).to.deep.equal(['a', 'b', 'stop b', 'c']);
    expect(await codeOf(slow[1]?.work() ?? expect.fail())).to.equal('too_busy');
    slow[1]?.end();
    await slow[0]?.work();
    ask(places, 'd');
    await settled();
    expect(begun).to.have.length(4);
    slow[0]?.end();
    await settled();
    expect(begun.slice(4)).to.deep.equal(['d']);
  });

  it('ends none that rests where a new one has no place to work', async () => {
    const places = openPlaces({ searchesPerWorker: 1, answersPerWorker: 2 });
    const slow = ask(places, 'a');
    await settled();
    slow.rest();
    ask(places, 'b');
    await sleep(2 * REST_MS);
    ask(places, 'c');
    await settled();
    expect(begun).to.deep.equal(['a', 'b']);
  });

  it('counts an answer no more when its time is up, though its reader may never ask again', async () => {
    const places = openPlaces({ answersPerWorker: 1 });
    const controller = new AbortController();
    const slow = ask(places, 'a', controller.signal);
    await settled();
    slow.rest();
    const next = ask(places, 'b');
    controller.abort(new Error('enough'));
    await settled();
    expect(begun).to.deep.equal(['a', 'b']);
    expect(await slow.work().catch((error) => error.message)).to.equal('enough');
    // Ending twice frees nothing twice.
    slow.end();
    ask(places, 'c');
    await settled();
    expect(begun).to.deep.equal(['a', 'b']);
    next.end();
    await settled();
    expect(begun).to.deep.equal(['a', 'b', 'c']);
  });

  it('counts right whatever happens', async () => {
    const places = openPlaces({ searchesPerWorker: 2, searchQueue: 5, answersPerWorker: 3 });
    await Promise.all(
      Array.from({ length: 200 }, async (_, n) => {
        const controller = new AbortController();
        const turn = places.turn(n % 3 === 0 ? 'heavy' : 'light', controller.signal, () => {});
        await sleep(n % 20);
        if (n % 5 === 0) setTimeout(() => controller.abort(), n % 7);
        try {
          await turn.work();
          turn.rest();
          await sleep(n % 2 === 0 ? 0 : REST_MS + 5);
          await turn.work();
        } catch {
          // Refused, or aborted.
        } finally {
          turn.end();
        }
      }),
    );
    ['a', 'b', 'c'].map((name) => ask(places, name));
    await settled();
    expect(begun).to.deep.equal(['a', 'b']);
  });
});
