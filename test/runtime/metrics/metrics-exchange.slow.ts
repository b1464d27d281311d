import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { useForks } from '../../helpers/forks.js';

describe('MetricsExchange, in several workers', function () {
  this.timeout(60_000);
  const forks = useForks('metrics-worker.js');
  const { start, stop } = forks;
  const send = async (worker: ChildProcess, command: string, argument?: number) =>
    String(await forks.send(worker, command, argument));

  /** Returns the metrics of all workers as one worker collects them. */
  async function gather(worker: ChildProcess): Promise<Record<string, number>> {
    const lines = (await send(worker, 'gather')).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return Object.fromEntries(lines.map((line) => line.split(' ')).map(([name, value]) => [name, Number(value)]));
  }

  /** Leaves the files of this many workers, several of which run at the same time. */
  async function startAndStop(count: number): Promise<void> {
    for (let started = 0; started < count; started += 4) {
      const workers = await Promise.all([start(), start(), start(), start()]);
      await Promise.all(workers.map((worker) => stop(worker)));
    }
  }

  it('collects the same metrics in every worker', async () => {
    const [one, other] = [await start(), await start()];
    await send(one, 'count', 3);
    await send(other, 'count', 4);
    const expected = { 'counted_total{kind="a"}': 7, own_total: 7, alive: 2 };
    expect(await gather(one)).to.deep.equal(expected);
    expect(await gather(other)).to.deep.equal(expected);
  });

  it('keeps the counters of a stopped worker, but not its gauges and per-worker counters', async () => {
    const [one, other] = [await start(), await start()];
    await send(one, 'count', 3);
    await send(other, 'count', 4);
    await stop(one);
    expect(await gather(other)).to.deep.equal({ 'counted_total{kind="a"}': 7, own_total: 4, alive: 1 });
    // A worker that starts later knows them too.
    expect(await gather(await start())).to.include({ 'counted_total{kind="a"}': 7, alive: 2 });
  });

  it('keeps every reported total when a worker is killed', async () => {
    const [one, other] = [await start(), await start()];
    for (let times = 1; times <= 5; times += 1) {
      await send(one, 'count', 1);
      expect(await gather(times % 2 === 0 ? one : other)).to.include({ 'counted_total{kind="a"}': times });
    }
    await stop(one, 'SIGKILL');
    expect(await gather(other)).to.include({ 'counted_total{kind="a"}': 5, alive: 1 });
  });

  it('reads the file of a worker that is too busy to respond', async () => {
    const [one, other] = [await start(), await start()];
    await send(one, 'count', 3);
    await gather(other);
    await send(one, 'block', 5_000);
    expect(await gather(other)).to.include({ 'counted_total{kind="a"}': 3, alive: 1 });
  });

  it('stays exact, and compacts its files, while many workers come and go', async () => {
    const [one, other] = [await start(), await start()];
    let counted = 0;
    let last = 0;
    for (let times = 1; times <= 45; times += 1) {
      const worker = await start();
      await send(worker, 'count', times);
      counted += times;
      if (times % 3 === 0) await send(worker, 'gather');
      if (times % 2 === 0) await stop(worker);
      else {
        await send(worker, 'gather');
        await stop(worker, 'SIGKILL');
      }
      for (const found of await Promise.all([gather(one), gather(other)])) {
        expect(found['counted_total{kind="a"}']).to.be.at.least(last);
        last = counted;
        expect(found).to.include({ 'counted_total{kind="a"}': counted, alive: 2 });
      }
    }
    expect(readdirSync(forks.directory).length).to.be.below(50);
  });

  it('counts once what two workers compacted at the same time', async () => {
    const values = [{ labels: { kind: 'a' }, value: 5 }];
    const snapshot = [{ name: 'counted_total', help: 'counted', type: 'counter', values, aggregator: 'sum' }];
    const one = await start();
    for (const [name, files] of [
      ['1-1-1.sum', ['2-2.json', '3-3.json']],
      ['4-4-1.sum', ['3-3.json']],
      ['5-5-1.sum', ['6-6.json']],
    ] as const) {
      writeFileSync(join(forks.directory, name), JSON.stringify({ files, snapshot }));
    }
    // A file that was compacted, and not removed yet.
    writeFileSync(join(forks.directory, '6-6.json'), JSON.stringify(snapshot));
    expect(await gather(one)).to.include({ 'counted_total{kind="a"}': 10 });
  });

  it('counts a suspended worker once', async () => {
    const [one, suspended] = [await start(), await start()];
    await send(suspended, 'count', 3);
    await gather(one);
    suspended.kill('SIGSTOP');
    await startAndStop(24);
    expect(await gather(one)).to.include({ 'counted_total{kind="a"}': 3 });
    suspended.kill('SIGCONT');
    await send(suspended, 'count', 4);
    for (const worker of [one, suspended]) expect(await gather(worker)).to.include({ 'counted_total{kind="a"}': 7 });
  });

  it('collects from all workers when none can write its counters, as on a full disk', async () => {
    const [one, other] = [await start(), await start()];
    for (const name of readdirSync(forks.directory)) {
      if (name.endsWith('.json')) mkdirSync(join(forks.directory, `${name}.new`));
    }
    await send(one, 'count', 3);
    await send(other, 'count', 4);
    for (const worker of [one, other]) {
      expect(await gather(worker)).to.deep.equal({ 'counted_total{kind="a"}': 7, own_total: 7, alive: 2 });
    }
  });

  it('compacts files although a worker was killed while it held the lock', async () => {
    const one = await start();
    symlinkSync('1-1', join(forks.directory, 'lock'));
    await startAndStop(24);
    await gather(one);
    await gather(one);
    expect(readdirSync(forks.directory).filter((name) => name.endsWith('.sum'))).to.have.length(1);
  });
});
