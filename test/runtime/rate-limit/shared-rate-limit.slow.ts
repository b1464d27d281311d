import type { ChildProcess } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { useForks } from '../../helpers/forks.js';

describe('SharedRateLimit, in several workers', function () {
  this.timeout(120_000);
  const forks = useForks('rate-worker.js');
  const start = (maxRequests: number, leaderTimeoutMs?: number) =>
    forks.start(String(maxRequests), ...(leaderTimeoutMs === undefined ? [] : [String(leaderTimeoutMs)]));
  const { stop } = forks;

  /** Sends requests, and returns how many were allowed. */
  async function consume(worker: ChildProcess, times: number, caller = 'a'): Promise<number> {
    return (await forks.send(worker, caller, times)) as number;
  }

  it('counts for all of them together, in whatever order they start', async () => {
    const all = await Promise.all(Array.from({ length: 4 }, () => start(100)));
    const allowed = await Promise.all(all.map((worker) => consume(worker, 60)));
    expect(allowed.reduce((sum, count) => sum + count)).to.equal(100);
    expect(await consume(await start(100), 5)).to.equal(0);
  });

  it('elects one leader when all workers start, or lose their leader, at the same time', async () => {
    for (let times = 1; times <= 5; times += 1) {
      const maxRequests = 100 + times;
      const first = await start(maxRequests);
      expect(await consume(first, 10)).to.equal(10);
      const others = await Promise.all(Array.from({ length: 3 }, () => start(maxRequests)));
      await Promise.all(others.map((worker) => consume(worker, 1)));
      const left = stop(first);
      const allowed = await Promise.all(others.map((worker) => consume(worker, 60)));
      await left;
      expect(allowed.reduce((sum, count) => sum + count)).to.equal(maxRequests - 13);
      for (const worker of others) await stop(worker);
    }
  });

  it('waits for a leader that is busy, and counts every request once', async () => {
    const leader = await start(50);
    expect(await consume(leader, 1)).to.equal(1);
    const other = await start(50);
    leader.kill('SIGSTOP');
    await forks.send(other, 'begin', 60);
    leader.kill('SIGCONT');
    expect(await forks.send(other, 'finish')).to.equal(49);
  });

  it('counts per worker while the leader is stuck, and together again when it resumes', async () => {
    const leader = await start(50);
    expect(await consume(leader, 1)).to.equal(1);
    const [other, third] = [await start(50, 100), await start(50)];
    leader.kill('SIGSTOP');
    expect(await consume(other, 2_000)).to.equal(50);
    leader.kill('SIGCONT');
    let allowed = 0;
    for (let round = 0; allowed !== 50; round += 1) {
      allowed = (await consume(third, 30, `b${round}`)) + (await consume(other, 30, `b${round}`));
    }
    // The leader has also counted the requests that timed out.
    expect(await consume(third, 60)).to.equal(0);
  });

  it('keeps the counts when the leader is unreachable for a while', async () => {
    const leader = await start(20);
    expect(await consume(leader, 20)).to.equal(20);
    leader.kill('SIGSTOP');
    // More connections than the kernel queues for a process that doesn't accept them.
    const sockets = Array.from({ length: 600 }, () => connect(join(forks.directory, 'rate-20-3600000.sock')));
    const failures = sockets.map((socket) => new Promise((resolve) => socket.once('error', resolve)));
    expect(await Promise.race(failures)).to.include({ code: 'EAGAIN' });
    const other = await start(20);
    await forks.send(other, 'begin', 5);
    for (const socket of sockets) socket.destroy();
    leader.kill('SIGCONT');
    expect(await forks.send(other, 'finish')).to.equal(0);
  });

  it('hands the counts over when workers stop one after the other, as in a reload', async () => {
    let all = await Promise.all([start(100), start(100)]);
    let allowed = await consume(all[0] as ChildProcess, 10);
    for (let times = 0; times < 3; times += 1) {
      const next = await Promise.all([start(100), start(100)]);
      for (const worker of all) {
        await stop(worker);
        allowed += await consume(next[0] as ChildProcess, 10);
      }
      all = next;
    }
    expect(allowed).to.equal(70);
    expect(await consume(all[1] as ChildProcess, 60)).to.equal(30);
  });

  it('starts from empty counts when the leader is killed, and blocks no caller', async () => {
    const [leader, other, third] = [await start(20), await start(20), await start(20)];
    expect(await consume(leader, 20)).to.equal(20);
    expect(await consume(other, 5)).to.equal(0);
    await stop(leader, 'SIGKILL');
    const allowed = await Promise.all([consume(other, 30), consume(third, 30)]);
    expect(allowed[0] + allowed[1]).to.equal(20);
  });

  it('elects a leader although a worker was killed while it held the lock', async () => {
    symlinkSync('1-1', join(forks.directory, 'rate-5-3600000.lock'));
    expect(await consume(await start(5), 9)).to.equal(5);
  });

  it('counts per worker when the shared directory is gone', async () => {
    await rm(forks.directory, { recursive: true });
    for (const worker of [await start(20), await start(20)]) {
      expect(await consume(worker, 30)).to.equal(20);
      // Looking for a leader again must not reset the counts.
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      expect(await consume(worker, 30)).to.equal(0);
    }
  });
});
