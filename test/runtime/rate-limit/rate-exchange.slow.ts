import type { ChildProcess } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { useForks } from '../../helpers/forks.js';

describe('the limit of several workers', function () {
  this.timeout(120_000);
  const forks = useForks('rate-worker.js');
  const start = (most: number, answerTimeoutMs?: number) =>
    forks.start(String(most), ...(answerTimeoutMs === undefined ? [] : [String(answerTimeoutMs)]));
  const leave = forks.end;

  /** How often a caller was allowed of so many times. */
  async function ask(worker: ChildProcess, times: number, caller = 'a'): Promise<number> {
    return (await forks.tell(worker, caller, times)) as number;
  }

  it('is one for all of them, however they begin and whoever is asked', async () => {
    const all = await Promise.all(Array.from({ length: 4 }, () => start(100)));
    const allowed = await Promise.all(all.map((worker) => ask(worker, 60)));
    expect(allowed.reduce((sum, count) => sum + count)).to.equal(100);
    expect(await ask(await start(100), 5)).to.equal(0);
  });

  it('is one also where all begin, or go on after the one that counts, at the same moment', async () => {
    for (let times = 1; times <= 5; times += 1) {
      const most = 100 + times;
      const first = await start(most);
      expect(await ask(first, 10)).to.equal(10);
      const others = await Promise.all(Array.from({ length: 3 }, () => start(most)));
      await Promise.all(others.map((worker) => ask(worker, 1)));
      const left = leave(first);
      const allowed = await Promise.all(others.map((worker) => ask(worker, 60)));
      await left;
      expect(allowed.reduce((sum, count) => sum + count)).to.equal(most - 13);
      for (const worker of others) await leave(worker);
    }
  });

  it('lets nobody in for nothing where the one that counts is busy for a while', async () => {
    const one = await start(50);
    expect(await ask(one, 1)).to.equal(1);
    const other = await start(50);
    one.kill('SIGSTOP');
    await forks.tell(other, 'begin', 60);
    one.kill('SIGCONT');
    expect(await forks.tell(other, 'finish')).to.equal(49);
  });

  it('is one for each of the others where the one that counts is stuck, until it goes on', async () => {
    const one = await start(50);
    expect(await ask(one, 1)).to.equal(1);
    const [other, third] = [await start(50, 100), await start(50)];
    one.kill('SIGSTOP');
    expect(await ask(other, 2_000)).to.equal(50);
    one.kill('SIGCONT');
    let allowed = 0;
    for (let round = 0; allowed !== 50; round += 1) {
      allowed = (await ask(third, 30, `b${round}`)) + (await ask(other, 30, `b${round}`));
    }
    // What the other has asked in vain is counted, if late.
    expect(await ask(third, 60)).to.equal(0);
  });

  it('takes one that can not be reached just now for no reason to begin anew', async () => {
    const one = await start(20);
    expect(await ask(one, 20)).to.equal(20);
    one.kill('SIGSTOP');
    // More than the system queues for one that does not accept them.
    const sockets = Array.from({ length: 600 }, () => connect(join(forks.folder, 'rate-20-3600000.sock')));
    const failures = sockets.map((socket) => new Promise((resolve) => socket.once('error', resolve)));
    expect(await Promise.race(failures)).to.include({ code: 'EAGAIN' });
    const other = await start(20);
    await forks.tell(other, 'begin', 5);
    for (const socket of sockets) socket.destroy();
    one.kill('SIGCONT');
    expect(await forks.tell(other, 'finish')).to.equal(0);
  });

  it('stays where it was when workers leave, one after the other, as in a reload', async () => {
    let all = await Promise.all([start(100), start(100)]);
    let allowed = await ask(all[0] as ChildProcess, 10);
    for (let times = 0; times < 3; times += 1) {
      const next = await Promise.all([start(100), start(100)]);
      for (const worker of all) {
        await leave(worker);
        allowed += await ask(next[0] as ChildProcess, 10);
      }
      all = next;
    }
    expect(allowed).to.equal(70);
    expect(await ask(all[1] as ChildProcess, 60)).to.equal(30);
  });

  it('begins anew where the one that counts is killed, and lets nobody wait for ever', async () => {
    const [one, other, third] = [await start(20), await start(20), await start(20)];
    expect(await ask(one, 20)).to.equal(20);
    expect(await ask(other, 5)).to.equal(0);
    await leave(one, 'SIGKILL');
    const allowed = await Promise.all([ask(other, 30), ask(third, 30)]);
    expect(allowed[0] + allowed[1]).to.equal(20);
  });

  it('does not wait for ever for one that was killed while it became the one that counts', async () => {
    symlinkSync('1-1', join(forks.folder, 'rate-5-3600000.lock'));
    expect(await ask(await start(5), 9)).to.equal(5);
  });

  it('is one for each of them where they can not meet', async () => {
    await rm(forks.folder, { recursive: true });
    for (const worker of [await start(20), await start(20)]) {
      expect(await ask(worker, 30)).to.equal(20);
      // It tries again to meet the others, and forgets nothing by that.
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      expect(await ask(worker, 30)).to.equal(0);
    }
  });
});
