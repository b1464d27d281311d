import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { useForks } from '../helpers/forks.js';

describe('the limit of several workers', function () {
  this.timeout(60_000);
  const forks = useForks('rate-worker.js');
  const start = (most: number) => forks.start(String(most));
  const leave = forks.end;

  /** How often each was allowed of so many times. */
  async function ask(worker: ChildProcess, times: number): Promise<number> {
    const { allowed, unknown } = (await forks.tell(worker, 'ask', times)) as { allowed: number; unknown: number };
    expect(unknown).to.equal(0);
    return allowed;
  }

  it('is one for all of them, however they begin and whoever is asked', async () => {
    const all = await Promise.all(Array.from({ length: 4 }, () => start(100)));
    const allowed = await Promise.all(all.map((worker) => ask(worker, 60)));
    expect(allowed.reduce((sum, count) => sum + count)).to.equal(100);
    expect(await ask(await start(100), 5)).to.equal(0);
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
    writeFileSync(join(forks.folder, 'rate-5-3600000.lock'), '1-1');
    expect(await ask(await start(5), 9)).to.equal(5);
  });
});
