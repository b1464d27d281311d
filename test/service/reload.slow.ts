import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { makeOperator, type Operator } from '../helpers/operator.js';
import { childrenOf } from '../helpers/processes.js';
import { projectCopy } from '../helpers/project-copy.js';

describe('npm run reload', function () {
  this.timeout(120_000);

  let operator: Operator;
  beforeEach(async () => {
    operator = await makeOperator();
  });
  afterEach(() => operator.leave());

  const reload = (env?: Record<string, string>) => operator.sh('npm run reload', env);
  const pids = async () => (await operator.workers()).map(({ pid }) => pid);

  it('fails if grepd is not running', async () => {
    const { status, stderr } = await reload();
    expect([status, stderr.includes('grepd is not running')]).to.deep.equal([1, true]);
  });

  it('keeps settings that the shell does not set, and the kill_timeout', async () => {
    await writeFile(join(operator.folder, 'only.txt'), 'one\n');
    const { DICTIONARIES_DIR, DRAIN_TIMEOUT_MS } = { DICTIONARIES_DIR: operator.folder, DRAIN_TIMEOUT_MS: '60000' };
    expect(await operator.start({ DICTIONARIES_DIR, DRAIN_TIMEOUT_MS })).to.include({ status: 0 });
    expect(await reload()).to.include({ status: 0 });
    for (const { pm2_env } of await operator.workers()) {
      expect(pm2_env.env).to.include({ DICTIONARIES_DIR, DRAIN_TIMEOUT_MS });
      expect(pm2_env.kill_timeout).to.equal(62_000);
    }
    expect(await (await fetch(`${operator.url}/api/v1/dictionaries`)).json()).to.have.property('default', 'only.txt');
    // An empty setting returns to its default; kill_timeout follows at the next reload.
    expect(await reload({ DICTIONARIES_DIR: '', DRAIN_TIMEOUT_MS: '' })).to.include({ status: 0 });
    for (const { pm2_env } of await operator.workers()) expect(pm2_env.kill_timeout).to.equal(62_000);
    expect(await reload()).to.include({ status: 0 });
    // 1 s idle, 10 s sending, 10 s searching, 1 s in transit, 2 s to exit.
    for (const { pm2_env } of await operator.workers()) expect(pm2_env.kill_timeout).to.equal(24_000);
  });

  it('lets old workers drain for their own limit when DRAIN_TIMEOUT_MS shrinks', async () => {
    expect(await operator.start({ WAIT_ROUTE: 'true' })).to.include({ status: 0 });
    const before = await pids();
    const requests = Array.from({ length: 4 }, () =>
      fetch(`${operator.url}/wait?seconds=20`, { headers: { Connection: 'close' } }).then(
        ({ status }) => status,
        (error: Error) => String(error.cause ?? error),
      ),
    );
    while (before.reduce((count, pid) => count + childrenOf(pid).length, 0) < 4) await sleep(20);
    expect(await reload({ DRAIN_TIMEOUT_MS: '1000' })).to.include({ status: 0 });
    expect(await Promise.all(requests)).to.deep.equal([200, 200, 200, 200]);
  });

  it('applies new settings: the number of workers, the dictionaries', async () => {
    expect(await operator.start()).to.include({ status: 0 });
    const before = await pids();
    await writeFile(join(operator.folder, 'only.txt'), 'one\n');
    const env = { WORKERS: '3', DICTIONARIES_DIR: operator.folder };
    expect(await reload(env)).to.include({ status: 0 });
    const after = await operator.workers();
    expect(after.map(({ pm2_env }) => pm2_env.status)).to.deep.equal(['online', 'online', 'online']);
    for (const { pid } of after) expect(before).to.not.include(pid);
    for (let n = 0; n < 6; n += 1) {
      const response = await fetch(`${operator.url}/api/v1/dictionaries`, { headers: { Connection: 'close' } });
      expect(await response.json()).to.have.property('default', 'only.txt');
    }
  });

  for (const [title, code, reason] of [
    ['does not compile', "const broken: number = 'text';", 'TS2322'],
    ['does not start', "if (process.pid > 0) throw new Error('a broken build');", 'a broken build'],
    ['never becomes ready', 'await new Promise(() => setInterval(() => {}, 1000));', 'does not start'],
  ] as const) {
    it(`reloads nothing if the new build ${title}, and prints why`, async () => {
      const copy = await projectCopy();
      const other = await makeOperator(copy.path);
      try {
        expect(await other.sh('npm start')).to.include({ status: 0 });
        const main = join(copy.path, 'src/main.ts');
        const source = await readFile(main, 'utf8');
        await writeFile(main, source.replace('setFlagsFromString(', `${code}\n  setFlagsFromString(`));
        await expectNothingReloaded(other, {}, reason);
        // A crashed worker is restarted from the old build, not the broken one.
        const [crashed] = await other.workers();
        process.kill(crashed?.pid ?? 0, 'SIGKILL');
        const areBack = async () =>
          (await other.workers()).every(({ pid, pm2_env }) => pm2_env.status === 'online' && pid !== crashed?.pid);
        while (!(await areBack())) await sleep(100);
        expect((await other.workers()).map(({ pm2_env }) => pm2_env.restart_time)).to.have.members([0, 1]);
      } finally {
        await other.leave();
        await copy.remove();
      }
    });
  }
});

describe('npm run reload with settings that cannot work', function () {
  this.timeout(120_000);
  let operator: Operator;
  before(async () => {
    operator = await makeOperator();
    expect(await operator.start()).to.include({ status: 0 });
  });
  after(() => operator.leave());

  it('reloads nothing if the new port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    try {
      await expectNothingReloaded(operator, { PORT: String((other.address() as AddressInfo).port) }, 'EADDRINUSE');
    } finally {
      other.close();
    }
  });

  for (const [title, env, reason] of [
    ['an invalid setting', { SEARCH_TIMEOUT_MS: 'long' }, '"SEARCH_TIMEOUT_MS" must be'],
    ['a missing default dictionary', { DEFAULT_DICTIONARY: 'nope.txt' }, '"DEFAULT_DICTIONARY" must be'],
  ] as const) {
    it(`reloads nothing with ${title}, and prints why`, async () => {
      await expectNothingReloaded(operator, env, reason);
    });
  }
});

async function expectNothingReloaded(operator: Operator, env: Record<string, string>, reason: string): Promise<void> {
  const pids = async () => (await operator.workers()).map(({ pid }) => pid);
  const before = await pids();
  const { status, stdout, stderr } = await operator.sh('npm run reload', env);
  expect(stdout + stderr).to.include(reason);
  expect(status).to.not.equal(0);
  expect(await pids()).to.deep.equal(before);
  expect((await fetch(`${operator.url}/readyz`)).status).to.equal(200);
}
