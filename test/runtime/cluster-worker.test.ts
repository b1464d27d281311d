import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { untilEnded } from '../helpers/processes.js';
import { PROJECT } from '../helpers/project.js';

describe('cluster worker', () => {
  let primary: ChildProcess;
  let output = '';
  beforeEach(async () => {
    output = '';
    primary = spawn(process.execPath, [join(PROJECT, 'dist/test/helpers/cluster-fixture.js')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    primary.stdout?.setEncoding('utf8').on('data', (data: string) => {
      output += data;
    });
    while (workers().length < 2) await sleep(5);
  });
  afterEach(async () => {
    primary.kill('SIGTERM');
    for (const { pid } of workers()) await untilEnded(pid);
  });

  const workers = () =>
    [...output.matchAll(/^worker (\d+) (\d+)$/gm)].map(([, pid, port]) => ({ pid: Number(pid), port: Number(port) }));

  it('returns connections that it is handed while it leaves', async () => {
    const [leaving, staying] = workers() as [{ pid: number; port: number }, { pid: number; port: number }];
    primary.kill('SIGUSR2');
    while (!output.includes('still')) await sleep(1);
    // The kernel accepts these. The primary, which doesn't know yet, hands half of them to the
    // leaving worker.
    const answers = Array.from({ length: 20 }, async () => {
      const request = get({ port: leaving.port, agent: false });
      const [response] = await once(request, 'response');
      return text(response);
    });
    await sleep(50);
    process.kill(leaving.pid, 'SIGTERM');
    const pids = new Set((await Promise.all(answers)).map(Number));
    expect([...pids]).to.include(staying.pid);
    await untilEnded(leaving.pid);
  });

  it('gets connections again after it ran out of file descriptors', async () => {
    const limit = (pid: number, files: number) =>
      execFileSync('prlimit', ['--pid', String(pid), `--nofile=${files}:20000`]);
    const filesOf = (pid: number) => readdirSync(`/proc/${pid}/fd`).length;
    for (const { pid } of workers()) limit(pid, filesOf(pid));
    const port = workers()[0]?.port;
    const answers = Array.from({ length: 20 }, async () => {
      const [response] = await once(get({ port, agent: false }), 'response');
      return text(response);
    });
    while (!workers().every(({ pid }) => output.includes(`lost ${pid}\n`))) await sleep(5);
    for (const { pid } of workers()) limit(pid, 20_000);
    const pids = workers().map(({ pid }) => pid);
    for (const pid of await Promise.all(answers)) expect(Number(pid)).to.be.oneOf(pids);
  });

  it('drains when its primary is gone', async () => {
    const closed = once(primary, 'close');
    primary.kill('SIGKILL');
    await closed;
    for (const { pid } of workers()) await untilEnded(pid);
  });
});
