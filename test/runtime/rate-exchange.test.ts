import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { PROJECT } from '../helpers/project.js';
import { type TempFolder, tempFolder } from '../helpers/temp-folder.js';

describe('the limit of several workers', function () {
  this.timeout(60_000);
  let folder: TempFolder;
  let workers: ChildProcess[] = [];
  beforeEach(async () => {
    folder = await tempFolder();
    workers = [];
  });
  afterEach(async () => {
    for (const worker of workers) worker.kill('SIGKILL');
    await folder.remove();
  });

  async function start(most: number): Promise<ChildProcess> {
    const worker = fork(join(PROJECT, 'dist/test/helpers/rate-worker.js'), [folder.path, String(most)]);
    workers.push(worker);
    await once(worker, 'message');
    return worker;
  }

  /** How often each was allowed of so many times. */
  async function ask(worker: ChildProcess, times: number): Promise<number> {
    const answered = once(worker, 'message');
    worker.send(['ask', times]);
    const [{ allowed, unknown }] = (await answered) as [{ allowed: number; unknown: number }];
    expect(unknown).to.equal(0);
    return allowed;
  }

  async function leave(worker: ChildProcess, signal?: NodeJS.Signals): Promise<void> {
    const exited = once(worker, 'exit');
    if (signal === undefined) worker.send(['end', 0]);
    else worker.kill(signal);
    await exited;
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
    writeFileSync(join(folder.path, 'rate-5-3600000.lock'), '1-1');
    expect(await ask(await start(5), 9)).to.equal(5);
  });
});
