import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { makeOperator, type Operator } from '../helpers/operator.js';
import { childrenOf, findProcesses } from '../helpers/processes.js';

describe('concurrent commands', function () {
  this.timeout(300_000);

  let operator: Operator;
  beforeEach(async () => {
    operator = await makeOperator();
  });
  afterEach(() => operator.leave());

  /** Expects two online workers, and no process that the only PM2 daemon doesn't know. */
  async function expectTwoWorkers(): Promise<void> {
    const workers = await operator.workers();
    expect(workers.map(({ pm2_env }) => pm2_env.status)).to.deep.equal(['online', 'online']);
    expect(operator.daemons()).to.have.length(1);
    const running = findProcesses('grepd dist-').filter((pid) => childrenOf(operator.daemons()[0] ?? 0).includes(pid));
    expect(running).to.have.members(workers.map(({ pid }) => pid));
    expect((await fetch(`${operator.url}/readyz`)).status).to.equal(200);
  }

  for (const count of [2, 5]) {
    it(`start the service once if there are ${count} starts`, async () => {
      const outcomes = await Promise.all(Array.from({ length: count }, () => operator.start()));
      expect(outcomes.map(({ status, stderr }) => (status === 0 ? '' : stderr))).to.deep.equal(Array(count).fill(''));
      expect(outcomes.filter(({ stdout }) => stdout.includes('grepd is already running'))).to.have.length(count - 1);
      await expectTwoWorkers();
    });
  }

  it('run one at a time (a start, two reloads, a stop)', async () => {
    expect(await operator.start()).to.include({ status: 0 });
    const reload = () => operator.sh('npm run reload');
    const outcomes = await Promise.all([operator.start(), reload(), reload()]);
    expect(outcomes.map(({ status, stderr }) => (status === 0 ? '' : stderr))).to.deep.equal(['', '', '']);
    await expectTwoWorkers();
    expect((await operator.workers()).map(({ pm2_env }) => pm2_env.restart_time)).to.deep.equal([2, 2]);

    const reloaded = reload();
    while (!(await lockHolder()).endsWith(' reload')) await sleep(20);
    expect(await operator.sh('npm stop')).to.include({ status: 0 });
    expect(await reloaded).to.include({ status: 0 });
    expect((await operator.workers()).map(({ pm2_env }) => pm2_env.status)).to.deep.equal(['stopped', 'stopped']);
  });

  it('wait for the PM2 command of a killed start', async () => {
    const killed = operator.start();
    while (!(await lockHolder()).endsWith(' start')) await sleep(10);
    process.kill(Number(await readLock()), 'SIGKILL');
    const { status, stderr } = await operator.start();
    expect(status, stderr).to.equal(0);
    await killed;
    await expectTwoWorkers();
  });

  const readLock = () => readFile(join(operator.folder, 'pm2/grepd.lock'), 'utf8').catch(() => '');

  /** Returns the command line of the process whose id is in the lock file. */
  async function lockHolder(): Promise<string> {
    const line = await readFile(`/proc/${(await readLock()) || 'none'}/cmdline`, 'utf8').catch(() => '');
    return line.replaceAll('\0', ' ').trimEnd();
  }
});
