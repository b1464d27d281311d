// Operations under PM2 that must not lose a request.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { makeOperator, type Operator } from '../helpers/operator.js';
import { untilEnded } from '../helpers/processes.js';
import { PROJECT } from '../helpers/project.js';
import { losses, startLoad, type Tally } from '../load/load.js';

const KEEP_ALIVE_TIMEOUT_MS = 1_000;
const IDLE_MS = 700;
const ENV = { WAIT_ROUTE: 'true', LOG_LEVEL: 'warn', KEEP_ALIVE_TIMEOUT_MS: String(KEEP_ALIVE_TIMEOUT_MS) };

const REQUESTS = 6;
const ANSWERED = Array(REQUESTS).fill(200);

/** Starts requests that take so long, each on its own connection. */
async function slowRequests(
  { url }: Operator,
  seconds: number,
): Promise<{ statuses: () => Promise<(number | string)[]> }> {
  const requests = Array.from({ length: REQUESTS }, () =>
    fetch(`${url}/wait?seconds=${seconds}`, { headers: { Connection: 'close' } }).then(
      ({ status }) => status,
      (error: Error) => String(error.cause ?? error),
    ),
  );
  await sleep(300);
  return { statuses: () => Promise.all(requests) };
}

describe('grepd under PM2', function () {
  this.timeout(120_000);
  let operator: Operator;
  before(async () => {
    operator = await makeOperator();
  });
  after(() => operator.leave());

  // `kill` is last, as it ends the daemon.
  for (const command of ['reload grepd', 'restart grepd', 'stop grepd', 'delete grepd', 'scale grepd 1', 'kill']) {
    it(`answers outstanding requests on pm2 ${command}`, async () => {
      await operator.pm2('delete grepd');
      expect(await operator.start(ENV)).to.include({ status: 0 });
      // Longer than the 1.6 s after which PM2 kills by default.
      const { statuses } = await slowRequests(operator, 3);
      const done = operator.pm2(command);
      expect(await statuses()).to.deep.equal(ANSWERED);
      expect(await done).to.include({ status: 0 });
    });
  }
});

describe('grepd under PM2 and load', function () {
  this.timeout(120_000);

  let operator: Operator;
  beforeEach(async () => {
    operator = await makeOperator();
  });
  afterEach(() => operator.leave());

  async function start(env: Record<string, string> = {}): Promise<void> {
    expect(await operator.start({ ...ENV, ...env })).to.include({ status: 0 });
  }
  const pids = async () => (await operator.workers()).map(({ pid }) => pid);

  const total = (tallies: Tally[]) => tallies.reduce((sum, { answered }) => sum + answered, 0);

  for (const WORKERS of ['2', '1']) {
    it(`reloads and restarts ${WORKERS} workers under load without losing a request`, async () => {
      await start({ WORKERS });
      const load = startLoad({ port: operator.port, idleMs: IDLE_MS });
      try {
        for (const command of ['reload grepd', WORKERS === '1' ? 'reload grepd' : 'restart grepd', 'reload grepd']) {
          const before = await pids();
          expect(await operator.pm2(command)).to.include({ status: 0 });
          expect(await pids()).to.not.include.members(before);
        }
      } finally {
        await load.stop();
      }
      expect(losses(load.tallies)).to.deep.equal([]);
      for (const { kind, answered } of load.tallies) expect(answered, kind).to.be.above(0);
      expect(total(load.tallies)).to.be.above(500);
    });
  }

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`answers outstanding requests when pm2-runtime gets ${signal}`, async () => {
      const runtime = `exec '${process.execPath}' '${PROJECT}/node_modules/pm2/bin/pm2-runtime' ecosystem.config.js`;
      const pidFile = join(operator.folder, 'pid');
      const ended = operator.sh(`echo $$ >'${pidFile}'; ${runtime}`, ENV);
      while (!(await isReady())) await sleep(50);
      const { statuses } = await slowRequests(operator, 3);
      process.kill(Number(await readFile(pidFile, 'utf8')), signal);
      expect(await statuses()).to.deep.equal(ANSWERED);
      await ended;
    });
  }

  it("answers outstanding requests when PM2's daemon is killed, and exits", async () => {
    await start();
    const workers = await pids();
    const { statuses } = await slowRequests(operator, 3);
    process.kill(Number(await readFile(join(operator.folder, 'pm2/pm2.pid'), 'utf8')), 'SIGKILL');
    expect(await statuses()).to.deep.equal(ANSWERED);
    await Promise.all(workers.map(untilEnded));
  });

  it('loses only the outstanding requests of a worker that is killed', async () => {
    await start();
    const load = startLoad({ port: operator.port, idleMs: IDLE_MS, hungMs: 8_000 });
    await sleep(500);
    const before = await pids();
    process.kill(Number(before[0]), 'SIGKILL');
    while ((await onlineCount()) < 2 || (await pids()).includes(before[0] ?? 0)) await sleep(50);
    await sleep(500);
    await load.stop();
    // No client has more than one request outstanding, so at most this many were on the killed
    // worker.
    for (const { kind, failed, hung, answered } of load.tallies) {
      expect(answered, kind).to.be.above(0);
      expect(failed + hung, kind).to.be.at.most(kind === 'idle between requests' ? 16 : 8);
    }
    expect((await operator.workers()).map(({ pm2_env }) => pm2_env.status)).to.deep.equal(['online', 'online']);
  });

  it('replaces a worker that exceeds its memory without losing a request', async () => {
    // Less than any worker needs (grepd would reject it), so PM2 replaces every worker.
    const ecosystem = join(operator.folder, 'small.config.mjs');
    await writeFile(
      ecosystem,
      `import { apps as all } from '${PROJECT}/ecosystem.config.js';
       export const apps = [{ ...all[0], cwd: '${PROJECT}', max_memory_restart: '32M' }];`,
    );
    const env = { ...ENV, PM2_WORKER_INTERVAL: '2000' };
    expect(await operator.pm2(`start '${ecosystem}'`, env)).to.include({ status: 0 });
    const before = await pids();
    const load = startLoad({ port: operator.port, idleMs: IDLE_MS });
    try {
      while ((await pids()).some((pid) => before.includes(pid))) await sleep(100);
    } finally {
      await load.stop();
    }
    expect(losses(load.tallies)).to.deep.equal([]);
  });

  it('logs an uncaught error, answers outstanding requests, and replaces the worker', async () => {
    const trap = join(operator.folder, 'trap.mjs');
    await writeFile(trap, "process.on('SIGUSR2', () => Promise.reject(new Error('the trap')));");
    await start({ WORKERS: '1', NODE_OPTIONS: `--import=file://${trap}` });
    const [worker = 0] = await pids();
    const { statuses } = await slowRequests(operator, 2);
    process.kill(worker, 'SIGUSR2');
    expect(await statuses()).to.deep.equal(ANSWERED);
    await untilEnded(worker);
    while ((await onlineCount()) < 1 || !(await isReady())) await sleep(50);
    expect(await readFile(join(operator.folder, 'pm2/logs/grepd-out.log'), 'utf8')).to.include('the trap');
    expect(await readFile(join(operator.folder, 'pm2/pm2.log'), 'utf8')).to.match(/exited with code \[1\]/);
  });

  it('restarts a worker however often it crashes', async () => {
    // Kills every starting worker, for more crashes than PM2 tolerates by default.
    const trap = join(operator.folder, 'trap.mjs');
    const crashes = join(operator.folder, 'crashes');
    await writeFile(
      trap,
      `import { appendFileSync, existsSync, statSync } from 'node:fs';
       if (process.env.pm2_env !== undefined && !(existsSync('${crashes}') && statSync('${crashes}').size > 20)) {
         appendFileSync('${crashes}', '.');
         process.kill(process.pid, 'SIGKILL');
       }`,
    );
    const env = { WORKERS: '1', NODE_OPTIONS: `--import=file://${trap}` };
    expect(await operator.pm2('start ecosystem.config.js', env)).to.include({ status: 0 });
    while (!(await isReady())) await sleep(100);
    expect((await readFile(crashes)).length).to.equal(21);
    const [worker] = await operator.workers();
    expect(worker?.pm2_env).to.include({ status: 'online', restart_time: 21 });
  });

  async function onlineCount(): Promise<number> {
    return (await operator.workers()).filter(({ pm2_env }) => pm2_env.status === 'online').length;
  }

  async function isReady(): Promise<boolean> {
    return fetch(`${operator.url}/readyz`, { headers: { Connection: 'close' } }).then(
      ({ ok }) => ok,
      () => false,
    );
  }
});
