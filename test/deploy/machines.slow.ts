// Several machines behind deploy/haproxy.cfg: what is lost when one of them is reloaded, stopped, killed, stands still or is cut off.
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
/** Long enough for the slow requests to be spread over all machines, and for what was sent meanwhile to be answered. */
const WHILE_MS = 2_500;

describeWith('three machines behind HAProxy', { names: ['haproxy'], packages: 'haproxy' }, function (program) {
  this.timeout(120_000);
  let folder: TempFolder;
  let network: Network;
  const operators = {} as Record<Server, Operator>;
  let balancer: Balancer;
  let load: LoggedLoad;
  const start = (operator: Operator) => operator.start({ TRUST_PROXY: '1', WAIT_ROUTE: 'true' });

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
    await sleep(WHILE_MS);
  });
  afterEach(() => load.end());

  /** Of a machine: PM2's daemon, and the workers. */
  async function pidsOf(operator: Operator): Promise<number[]> {
    const daemon = Number(readFileSync(join(operator.folder, 'pm2/pm2.pid'), 'utf8'));
    return [daemon, ...(await operator.workers()).map(({ pid }) => pid)];
  }

  /** Of the requests that a machine has done with, as its log has them: also those whose answer nobody got. */
  function idsAt(server: Server): string[] {
    const logs = join(operators[server].folder, 'pm2/logs');
    return readdirSync(logs).flatMap(
      (name) => readFileSync(join(logs, name), 'utf8').match(/(?<="id":")\d+-\d+-\d+(?=")/g) ?? [],
    );
  }

  /** What the load has lost. Whatever became of a request, no two machines were asked it. */
  async function lost(): Promise<ParsedRequest[]> {
    await load.end();
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
   * That they are lost can't be helped: they were sent to one machine and no other, before HAProxy noticed that it was gone, and ended after it had gone.
   */
  function expectUnderWay(
    asked: ParsedRequest[],
    server: Server,
    [goneAt, noticedAt]: [goneAt: number, noticedAt: number],
  ) {
    // Otherwise nothing is seen here to be lost at all.
    expect(asked).to.have.length.above(0);
    const elsewhere = new Set(SERVERS.filter((other) => other !== server).flatMap(idsAt));
    for (const one of asked) {
      const all = JSON.stringify({ ...one, goneAt, noticedAt });
      expect(elsewhere.has(one.id), all).to.equal(false);
      expect(one.sentAt, all).to.be.below(noticedAt);
      expect(one.endedAt, all).to.be.above(goneAt);
    }
    // Nobody meets it twice: a kept connection loses one request at most, and what is sent after one was lost is answered.
    expect(new Set(asked.map(({ client }) => client)).size).to.equal(asked.length);
  }

  it('tells by the command of docs/scaling.md whether they have the same dictionaries', async () => {
    const block =
      /```sh\n(for machine .*?)```/s.exec(readFileSync(join(PROJECT, 'docs/scaling.md'), 'utf8'))?.[1] ?? '';
    const addresses = SERVERS.map((server) => new URL(operators[server].url).host).join(' ');
    // In the shell of a machine, as the others are reached from there.
    const { stdout } = await operators.one.sh(block.replace(/(?<=machine in )[^;]+/, addresses));
    const counts = stdout
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/));
    expect(counts.map(([count, name]) => [count, name])).to.deep.equal(
      ['devils-dictionary.txt', 'king-james-bible.txt', 'moby-dick'].map((name) => ['3', `"name":"${name}"`]),
    );
  });

  it('loses nothing while one is reloaded', async () => {
    for (let times = 0; times < 2; times += 1) {
      expect(await operators.two.pm2('reload grepd')).to.include({ status: 0 });
    }
    expect(await lost()).to.deep.equal([]);
    for (const server of SERVERS) expect(idsAt(server), server).to.have.length.above(10);
  });

  it('loses nothing while one is taken out, stopped, started again and put back', async () => {
    const operator = operators.one;
    expect((await balancer.tell('set server grepd/one state drain')).trim()).to.equal('');
    expect(await operator.pm2('stop grepd')).to.include({ status: 0 });
    expect(await start(operator)).to.include({ status: 0 });
    expect((await balancer.tell('set server grepd/one state ready')).trim()).to.equal('');
    await untilAnswering('one');
    expect(await lost()).to.deep.equal([]);
  });

  // The latter are few: what HAProxy puts on a connection that it has kept, in the moment in which it hears of its end.
  it('loses only what is under way on one that is killed, or is sent there before that is noticed', async () => {
    const operator = operators.two;
    const pids = await pidsOf(operator);
    const killedAt = performance.now();
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await Promise.all(pids.map(untilEnded));
    await balancer.untilDown('two');
    const noticedAt = performance.now();
    expect(await start(operator)).to.include({ status: 0 });
    await untilAnswering('two');

    expectUnderWay(await lost(), 'two', [killedAt, noticedAt]);
  });

  it('loses nothing while one stands still, and is late with what is under way there', async () => {
    const pids = await pidsOf(operators.three);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    try {
      await balancer.untilDown('three');
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    }
    await untilAnswering('three');
    expect(await lost()).to.deep.equal([]);
  });

  it('loses only what is under way on one that is cut off, or is sent there before that is noticed', async function () {
    const { setCable } = network.machines[2] as Machine;
    if (setCable === undefined) this.skip();
    const cutAt = performance.now();
    await setCable(false);
    await balancer.untilDown('three');
    const noticedAt = performance.now();
    // What the cable lost is sent again by the kernels, and nothing need be lost if it is back soon.
    while (load.failed.length === 0) await sleep(100);
    await sleep(WHILE_MS);
    await setCable(true);
    await untilAnswering('three');

    expectUnderWay(await lost(), 'three', [cutAt, noticedAt]);
  });
});
