// Several machines behind deploy/haproxy.cfg: which requests are lost when one of them is reloaded,
// stopped, killed, suspended or disconnected.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { type Balancer, openBalancer, SERVERS } from '../helpers/balancer.js';
import { LoggedLoad, type ParsedRequest } from '../helpers/logged-load.js';
import { type Machine, type Network, openNetwork } from '../helpers/network.js';
import { makeOperator, type Operator } from '../helpers/operator.js';
import { untilEnded } from '../helpers/processes.js';
import { describeWith } from '../helpers/programs.js';
import { PROJECT } from '../helpers/project.js';
import { type TempFolder, tempFolder } from '../helpers/temp-folder.js';

type Server = (typeof SERVERS)[number];

const CLIENTS = 15;
/** The proxy's own limit on idle connections is set for grepd's default. */
const DEFAULT_KEEP_ALIVE = { KEEP_ALIVE_TIMEOUT_MS: '' };
/** Longer than a slow request takes, so that some are outstanding on every machine. */
const LOAD_MS = 1_500;

describeWith('three machines behind HAProxy', { names: ['haproxy'], packages: 'haproxy' }, function (program) {
  this.timeout(120_000);
  let folder: TempFolder;
  let network: Network;
  const operators = {} as Record<Server, Operator>;
  let balancer: Balancer;
  let load: LoggedLoad;
  const start = (operator: Operator) => operator.start({ ...DEFAULT_KEEP_ALIVE, TRUST_PROXY: '1', WAIT_ROUTE: 'true' });

  before(async () => {
    folder = await tempFolder();
    network = await openNetwork(SERVERS.length);
    for (const [index, server] of SERVERS.entries()) {
      operators[server] = await makeOperator(PROJECT, network.machines[index]);
    }
    for (const { status, stderr } of await Promise.all(Object.values(operators).map(start))) {
      expect(status, stderr).to.equal(0);
    }
    const addresses = SERVERS.map((server) => new URL(operators[server].url).host);
    balancer = await openBalancer(program, folder.path, network.balancer, addresses);
  });
  after(async () => {
    await balancer?.close();
    await Promise.all(Object.values(operators).map(({ leave }) => leave()));
    await network?.close();
    await folder?.remove();
  });
  beforeEach(async () => {
    load = new LoggedLoad(balancer.socketPath, CLIENTS);
    await sleep(LOAD_MS);
  });
  afterEach(() => load.stop());

  /** Returns the process ids of PM2's daemon and of the workers of a machine. */
  async function pidsOf(operator: Operator): Promise<number[]> {
    const daemon = Number(readFileSync(join(operator.folder, 'pm2/pm2.pid'), 'utf8'));
    return [daemon, ...(await operator.workers()).map(({ pid }) => pid)];
  }

  /**
   * Returns the ids of the requests that a machine has logged, also of those whose answer was lost.
   */
  function idsAt(server: Server): string[] {
    const logs = join(operators[server].folder, 'pm2/logs');
    return readdirSync(logs).flatMap(
      (name) => readFileSync(join(logs, name), 'utf8').match(/(?<="id":")\d+-\d+-\d+(?=")/g) ?? [],
    );
  }

  /** Returns the failed requests. Every request must have reached one machine only. */
  async function failures(): Promise<ParsedRequest[]> {
    await load.stop();
    const ids = SERVERS.flatMap(idsAt);
    expect(ids).to.have.length.above(100);
    expect(new Set(ids).size).to.equal(ids.length);
    return load.failed;
  }

  async function untilAnswering(server: Server): Promise<void> {
    const before = idsAt(server).length;
    while (idsAt(server).length < before + 20) await sleep(100);
  }

  /**
   * Checks that losing these was inevitable: each was sent to this machine only, before HAProxy
   * marked it down, and failed after it was gone.
   */
  function expectInevitable(
    lost: ParsedRequest[],
    server: Server,
    [goneAt, noticedAt]: [goneAt: number, noticedAt: number],
  ) {
    // Otherwise this test can't detect lost requests.
    expect(lost).to.have.length.above(0);
    const elsewhere = new Set(SERVERS.filter((other) => other !== server).flatMap(idsAt));
    for (const request of lost) {
      const all = JSON.stringify({ ...request, goneAt, noticedAt });
      expect(elsewhere.has(request.id), all).to.equal(false);
      expect(request.sentAt, all).to.be.below(noticedAt);
      expect(request.endedAt, all).to.be.above(goneAt);
    }
    // A connection loses one request at most, and what is sent after it is answered.
    expect(new Set(lost.map(({ client }) => client)).size).to.equal(lost.length);
  }

  it('are compared by the command of docs/scaling.md, which finds the same dictionaries', async () => {
    const block =
      /```sh\n(for machine .*?)```/s.exec(readFileSync(join(PROJECT, 'docs/scaling.md'), 'utf8'))?.[1] ?? '';
    const addresses = SERVERS.map((server) => new URL(operators[server].url).host).join(' ');
    // In the shell of a machine, from where the others are reachable.
    const { stdout } = await operators.one.sh(block.replace(/(?<=machine in )[^;]+/, addresses));
    const counts = stdout
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/));
    expect(counts.map(([count, name]) => [count, name])).to.deep.equal(
      ['devils-dictionary.txt', 'king-james-bible.txt', 'moby-dick'].map((name) => ['3', `"name":"${name}"`]),
    );
  });

  it('lose nothing while one is reloaded', async () => {
    expect(await operators.two.pm2('reload grepd')).to.include({ status: 0 });
    expect(await failures()).to.deep.equal([]);
    for (const server of SERVERS) expect(idsAt(server), server).to.have.length.above(10);
  });

  it('lose nothing while one is drained, stopped, started again and put back', async () => {
    const operator = operators.one;
    expect((await balancer.send('set server grepd/one state drain')).trim()).to.equal('');
    expect(await operator.pm2('stop grepd')).to.include({ status: 0 });
    expect(await start(operator)).to.include({ status: 0 });
    expect((await balancer.send('set server grepd/one state ready')).trim()).to.equal('');
    await untilAnswering('one');
    expect(await failures()).to.deep.equal([]);
  });

  // HAProxy may also send a request on a kept connection just before it learns that the machine is
  // gone.
  it('lose only what is sent to one that is killed before HAProxy marks it down', async () => {
    const operator = operators.two;
    const pids = await pidsOf(operator);
    const killedAt = performance.now();
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await Promise.all(pids.map(untilEnded));
    await balancer.untilDown('two');
    const noticedAt = performance.now();
    expect(await start(operator)).to.include({ status: 0 });
    await untilAnswering('two');

    expectInevitable(await failures(), 'two', [killedAt, noticedAt]);
  });

  it('lose nothing while one is suspended', async () => {
    const pids = await pidsOf(operators.three);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    try {
      await balancer.untilDown('three');
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    }
    await untilAnswering('three');
    expect(await failures()).to.deep.equal([]);
  });

  it('lose only what is sent to one that is disconnected before HAProxy marks it down', async function () {
    const { setCable } = network.machines[2] as Machine;
    if (setCable === undefined) this.skip();
    const cutAt = performance.now();
    await setCable(false);
    await balancer.untilDown('three');
    const noticedAt = performance.now();
    // The kernels retransmit lost packets, so a short interruption loses nothing.
    while (load.failed.length === 0) await sleep(100);
    await sleep(LOAD_MS);
    await setCable(true);
    await untilAnswering('three');

    expectInevitable(await failures(), 'three', [cutAt, noticedAt]);
  });
});
