// Workers and dictionaries that come and go.
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { makeOperator, type Operator } from '../helpers/operator.js';

describe('the default dictionary of workers under PM2', function () {
  this.timeout(300_000);
  let operator: Operator;
  let folder: string;
  beforeEach(async () => {
    operator = await makeOperator();
    folder = join(operator.folder, 'dictionaries');
    await mkdir(folder);
  });
  afterEach(() => operator.leave());

  const write = (name: string) => writeFile(join(folder, name), `${name}\n`);
  const start = () => operator.start({ DICTIONARIES_DIR: folder });
  /** Returns the choice that each worker has logged, by process id. */
  const loggedChoices = () => {
    const logs = join(operator.folder, 'pm2/logs');
    const lines = readdirSync(logs).flatMap((name) => readFileSync(join(logs, name), 'utf8').split('\n'));
    const events = lines.filter((line) => line.includes('"msg":"default dictionary"')).map((line) => JSON.parse(line));
    return new Map(events.map(({ pid, dictionary }) => [pid as number, dictionary as string]));
  };
  /** Waits until every running worker has logged its choice, and returns the choices. */
  const choices = async () => {
    for (;;) {
      const workers = await operator.workers();
      const names = workers.map(({ pid }) => loggedChoices().get(pid));
      const areAllThere = workers.every(({ pm2_env }) => pm2_env.status === 'online');
      if (areAllThere && !names.includes(undefined)) return names;
      await sleep(100);
    }
  };
  const killOne = async () => {
    const [{ pid } = { pid: 0 }] = await operator.workers();
    process.kill(pid, 'SIGKILL');
    while ((await operator.workers()).some((worker) => worker.pid === pid)) await sleep(100);
  };
  const all = async () => {
    const response = await fetch(`${operator.url}/api/v1/json`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Connection: 'close' },
      body: JSON.stringify({ action: 'all' }),
    });
    return [response.status, await response.json()] as const;
  };

  it('is the same for all workers of a start, and is kept by a reload while it exists', async () => {
    await write('b.txt');
    expect(await start()).to.include({ status: 0 });
    await write('a.txt');
    await killOne();
    expect(await choices()).to.deep.equal(['b.txt', 'b.txt']);
    expect((await operator.sh('npm run reload')).status).to.equal(0);
    expect(await choices()).to.deep.equal(['b.txt', 'b.txt']);

    await rm(join(folder, 'b.txt'));
    await killOne();
    expect(await choices()).to.deep.equal(['b.txt', 'b.txt']);
    for (let times = 0; times < 4; times += 1) {
      const message = 'There is no dictionary named "b.txt". See /api/v1/web for instructions.';
      expect(await all()).to.deep.equal([404, { Code: 404, message }]);
    }
    expect((await operator.sh('npm run reload')).status).to.equal(0);
    expect(await choices()).to.deep.equal(['a.txt', 'a.txt']);

    await write('0.txt');
    expect((await operator.sh('npm stop')).status).to.equal(0);
    expect(await start()).to.include({ status: 0 });
    expect(await choices()).to.deep.equal(['0.txt', '0.txt']);
  });

  it('is the same for all workers if there was none at first', async () => {
    expect(await start()).to.include({ status: 0 });
    expect((await all())[0]).to.equal(404);
    await write('b.txt');
    expect((await all())[0]).to.equal(200);
    await write('a.txt');
    for (let times = 0; times < 10; times += 1) {
      expect(await all()).to.deep.equal([200, { 'nr of entries': 1, results: ['b.txt'] }]);
    }
  });
});
