import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { useForks } from '../../helpers/forks.js';

describe('the metrics of several workers', function () {
  this.timeout(60_000);
  const forks = useForks('metrics-worker.js');
  const { start, end } = forks;
  const tell = async (worker: ChildProcess, command: string, argument?: number) =>
    String(await forks.tell(worker, command, argument));

  /** What a worker tells of all. */
  async function gathered(worker: ChildProcess): Promise<Record<string, number>> {
    const lines = (await tell(worker, 'gather')).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return Object.fromEntries(lines.map((line) => line.split(' ')).map(([name, value]) => [name, Number(value)]));
  }

  it('are the same, whichever is asked', async () => {
    const [one, other] = [await start(), await start()];
    await tell(one, 'count', 3);
    await tell(other, 'count', 4);
    const expected = { 'counted_total{kind="a"}': 7, own_total: 7, alive: 2 };
    expect(await gathered(one)).to.deep.equal(expected);
    expect(await gathered(other)).to.deep.equal(expected);
  });

  it('keep the counters of a worker that has ended, but not its gauges and what is its own', async () => {
    const [one, other] = [await start(), await start()];
    await tell(one, 'count', 3);
    await tell(other, 'count', 4);
    await end(one);
    expect(await gathered(other)).to.deep.equal({ 'counted_total{kind="a"}': 7, own_total: 4, alive: 1 });
    // Those who come later know of them, too.
    expect(await gathered(await start())).to.include({ 'counted_total{kind="a"}': 7, alive: 2 });
  });

  it('never become less where a worker is killed: what was told once was written down before', async () => {
    const [one, other] = [await start(), await start()];
    for (let times = 1; times <= 5; times += 1) {
      await tell(one, 'count', 1);
      expect(await gathered(times % 2 === 0 ? one : other)).to.include({ 'counted_total{kind="a"}': times });
    }
    await end(one, 'SIGKILL');
    expect(await gathered(other)).to.include({ 'counted_total{kind="a"}': 5, alive: 1 });
  });

  it('tell what a worker has written down that is too busy to answer', async () => {
    const [one, other] = [await start(), await start()];
    await tell(one, 'count', 3);
    await gathered(other);
    await tell(one, 'hold', 5_000);
    expect(await gathered(other)).to.include({ 'counted_total{kind="a"}': 3, alive: 1 });
  });

  it('stay exact, and small, however many workers come and go, and whoever asks meanwhile', async () => {
    const [one, other] = [await start(), await start()];
    let counted = 0;
    let last = 0;
    for (let times = 1; times <= 60; times += 1) {
      const worker = await start();
      await tell(worker, 'count', times);
      counted += times;
      if (times % 3 === 0) await tell(worker, 'gather');
      if (times % 2 === 0) await end(worker);
      else {
        await tell(worker, 'gather');
        await end(worker, 'SIGKILL');
      }
      for (const found of await Promise.all([gathered(one), gathered(other)])) {
        expect(found['counted_total{kind="a"}']).to.be.at.least(last);
        last = counted;
        expect(found).to.include({ 'counted_total{kind="a"}': counted, alive: 2 });
      }
    }
    expect(readdirSync(forks.folder).length).to.be.below(50);
  });

  it('count what two have put together at the same moment once', async () => {
    const values = [{ labels: { kind: 'a' }, value: 5 }];
    const snapshot = [{ name: 'counted_total', help: 'counted', type: 'counter', values, aggregator: 'sum' }];
    const one = await start();
    for (const [name, files] of [
      ['1-1-1.sum', ['2-2.json', '3-3.json']],
      ['4-4-1.sum', ['3-3.json']],
      ['5-5-1.sum', ['6-6.json']],
    ] as const) {
      writeFileSync(join(forks.folder, name), JSON.stringify({ files, snapshot }));
    }
    // Nor what is in a sum already, and was not removed yet.
    writeFileSync(join(forks.folder, '6-6.json'), JSON.stringify(snapshot));
    expect(await gathered(one)).to.include({ 'counted_total{kind="a"}': 10 });
  });

  it('count a worker once that is taken for gone while it stands still', async () => {
    const [one, still] = [await start(), await start()];
    await tell(still, 'count', 3);
    await gathered(one);
    still.kill('SIGSTOP');
    for (let times = 0; times < 30; times += 1) await end(await start());
    expect(await gathered(one)).to.include({ 'counted_total{kind="a"}': 3 });
    still.kill('SIGCONT');
    await tell(still, 'count', 4);
    for (const worker of [one, still]) expect(await gathered(worker)).to.include({ 'counted_total{kind="a"}': 7 });
  });

  it('are those of all also where nobody can write counters, as on a full disk', async () => {
    const [one, other] = [await start(), await start()];
    for (const name of readdirSync(forks.folder)) {
      if (name.endsWith('.json')) mkdirSync(join(forks.folder, `${name}.new`));
    }
    await tell(one, 'count', 3);
    await tell(other, 'count', 4);
    for (const worker of [one, other]) {
      expect(await gathered(worker)).to.deep.equal({ 'counted_total{kind="a"}': 7, own_total: 7, alive: 2 });
    }
  });

  it('do not wait for ever for one that was killed while it put files together', async () => {
    const one = await start();
    symlinkSync('1-1', join(forks.folder, 'lock'));
    for (let times = 0; times < 30; times += 1) await end(await start());
    await gathered(one);
    await gathered(one);
    expect(readdirSync(forks.folder).filter((name) => name.endsWith('.sum'))).to.have.length(1);
  });
});
