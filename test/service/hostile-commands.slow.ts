// Commands that overlap or contradict each other, a suspended PM2 daemon, a full disk.
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { describeWithMounts, fullDisk, withMounts } from '../helpers/mounts.js';
import { freePort, makeOperator, type Operator } from '../helpers/operator.js';
import { findProcesses } from '../helpers/processes.js';
import { losses, startLoad } from '../load/load.js';

/** Generous, as three concurrent builds leave the workers little of a small machine. */
const SETTINGS = {
  WAIT_ROUTE: 'true',
  NUMBERS_TIMEOUT_MS: '60000',
  SEARCH_TIMEOUT_MS: '60000',
};

describe('npm start, stop and reload', function () {
  this.timeout(200_000);
  let operator: Operator;
  beforeEach(async () => {
    operator = await makeOperator();
  });
  afterEach(() => operator.leave());

  const stop = () => operator.sh('npm stop');
  const isReady = (url = operator.url) =>
    fetch(`${url}/readyz`, { headers: { Connection: 'close' } }).then(
      ({ ok }) => ok,
      () => false,
    );
  /** Waits until a command holds the lock that all of them take. */
  async function untilLocked(command: string): Promise<void> {
    const lock = join(operator.folder, 'pm2/grepd.lock');
    for (;;) {
      const pid = await readFile(lock, 'utf8').catch(() => '');
      const line = await readFile(`/proc/${pid || 'none'}/cmdline`, 'utf8').catch(() => '');
      if (line.endsWith(`\0${command}\0`)) return;
      await sleep(10);
    }
  }

  it('stop all workers when a stop follows a start in progress', async () => {
    const started = operator.start();
    await untilLocked('start');
    expect(await stop()).to.include({ status: 0 });
    expect(await started).to.include({ status: 0 });
    expect((await operator.workers()).map(({ pm2_env }) => pm2_env.status)).to.deep.equal(['stopped', 'stopped']);
    expect(await isReady()).to.equal(false);
  });

  it('start all workers when a start follows a stop in progress', async () => {
    expect(await operator.start()).to.include({ status: 0 });
    const stopped = stop();
    await untilLocked('stop');
    expect(await operator.start()).to.include({ status: 0 });
    expect(await stopped).to.include({ status: 0 });
    expect((await operator.workers()).map(({ pm2_env }) => pm2_env.status)).to.deep.equal(['online', 'online']);
    expect(await isReady()).to.equal(true);
  });

  it('lose no request during two concurrent reloads and one with an invalid setting', async () => {
    expect(await operator.start(SETTINGS)).to.include({ status: 0 });
    const load = startLoad({ port: operator.port, idleMs: 700 });
    const reload = (env?: Record<string, string>) => operator.sh('npm run reload', env);
    const outcomes = await Promise.all([reload(), reload({ SEARCH_QUEUE: 'long' }), reload()]);
    await load.stop();
    expect(outcomes.map(({ status }) => status)).to.deep.equal([0, 1, 0]);
    expect(outcomes[1]?.stderr).to.include('"SEARCH_QUEUE" must be');
    expect(losses(load.tallies)).to.deep.equal([]);
    expect((await operator.workers()).map(({ pm2_env }) => pm2_env.status)).to.deep.equal(['online', 'online']);
  });

  it('move the service to another PORT by a reload', async () => {
    expect(await operator.start()).to.include({ status: 0 });
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const moved = await operator.sh('npm run reload', { PORT: String(port) });
    expect(moved).to.include({ status: 0, stderr: '' });
    expect(moved.stdout).to.include(url);
    expect(await isReady(url)).to.equal(true);
    expect(await isReady()).to.equal(false);
    const workers = async () => {
      const text = await (await fetch(`${url}/metrics`)).text();
      return /^grepd_workers (.*)$/m.exec(text)?.[1];
    };
    expect(await workers()).to.equal('2');
    expect(await operator.sh('npm run reload', { PORT: '' })).to.satisfy(
      // The default port may be in use on this machine.
      ({ status, stderr }: { status: number; stderr: string }) => status === 0 || stderr.includes('EADDRINUSE'),
    );
  });

  it("keep answering while PM2's daemon is suspended, and accept connections again when it resumes", async () => {
    expect(await operator.start({ KEEP_ALIVE_TIMEOUT_MS: '10000' })).to.include({ status: 0 });
    const [daemon = 0] = operator.daemons();
    const send = async () => {
      const response = await fetch(`${operator.url}/api/v1/dictionaries`);
      // undici reuses a connection once its response has been read.
      await response.arrayBuffer();
      return response.status;
    };
    expect(await Promise.all([send(), send(), send()])).to.deep.equal([200, 200, 200]);
    process.kill(daemon, 'SIGSTOP');
    try {
      for (let times = 0; times < 20; times += 1) expect(await send()).to.equal(200);
      const waiting = fetch(`${operator.url}/healthz?new`, { headers: { Connection: 'close' } });
      process.kill(daemon, 'SIGCONT');
      expect((await waiting).status).to.equal(200);
    } finally {
      process.kill(daemon, 'SIGCONT');
    }
    expect(await isReady()).to.equal(true);
  });

  it('reject a PM2_HOME that is not writable', async () => {
    const file = join(operator.folder, 'file');
    writeFileSync(file, '');
    for (const PM2_HOME of [file, join(file, 'inside')]) {
      for (const command of ['start', 'reload', 'stop']) {
        const run = `'${process.execPath}' dist/src/cli/npm-script.js ${command}`;
        const { status, stderr } = await operator.sh(run, { PM2_HOME });
        expect(status).to.equal(1);
        expect(stderr).to.match(/^PM2_HOME must be a directory that you can write to, got ".*": [^\n]*\n$/);
      }
    }
    expect(operator.daemons()).to.deep.equal([]);
  });
});

describeWithMounts('npm start and stop with a PM2_HOME', function () {
  this.timeout(100_000);
  let operator: Operator;
  let home: string;
  beforeEach(async () => {
    operator = await makeOperator();
    home = join(operator.folder, 'full');
    mkdirSync(home);
  });
  afterEach(async () => {
    for (const pid of findProcesses(`God Daemon (${home})`)) process.kill(pid, 'SIGKILL');
    await operator.leave();
  });

  /** Runs a shell script in a mount namespace. */
  const run = (mounts: string, script: string) => {
    const file = join(operator.folder, 'script');
    writeFileSync(file, script);
    const words = [...withMounts(mounts), 'sh', file].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
    return operator.sh(words.join(' '), { PM2_HOME: home });
  };
  const command = (name: string) => `'${process.execPath}' dist/src/cli/npm-script.js ${name}`;
  const pm2 = `'${process.execPath}' node_modules/pm2/bin/pm2`;

  it('on a full disk fail with a message', async () => {
    const { status, stderr } = await run(fullDisk(home), command('start'));
    expect(status).to.equal(1);
    expect(stderr).to.match(/^grepd can't write to PM2_HOME \(is its disk full\?\): ENOSPC[^\n]*\n$/);
  });

  it('on a disk that becomes full keep answering, and can be stopped', async () => {
    const curl = `curl -s -o /dev/null -w '%{http_code}\\n' ${operator.url}/?term=love`;
    const { status, stdout, stderr } = await run(
      `mount -t tmpfs -o size=1m none '${home}'`,
      `${command('start')} && cat /dev/zero >'${home}/x' 2>/dev/null
       ${command('reload')}; echo "reload $?"
       for n in 1 2 3 4 5 6 7 8 9 10; do ${curl}\\&n=$n; done; ${command('stop')}; echo "stop $?"; ${pm2} kill >/dev/null`,
    );
    expect(stderr).to.match(/^grepd can't write to PM2_HOME [^\n]*\n$/);
    expect(status).to.equal(0);
    expect(stdout).to.match(/\nreload 1\n(200\n){10}grepd has stopped\.\nstop 0\n$/);
  });
});
