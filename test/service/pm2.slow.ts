import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { makeOperator, type Operator } from '../helpers/operator.js';
import { unsharedSearch } from '../helpers/queries.js';
import { slowGrep } from '../helpers/slow-grep.js';

describe('grepd under PM2', function () {
  this.timeout(120_000);

  let operator: Operator;
  beforeEach(async () => {
    operator = await makeOperator();
  });
  afterEach(() => operator.leave());

  const search = (number = 0) =>
    fetch(`${operator.url}/api/v1/json`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Connection: 'close' },
      body: JSON.stringify(unsharedSearch(number)),
    });
  const statuses = async () => (await operator.workers()).map(({ pm2_env }) => pm2_env.status);

  it('starts, answers, finishes outstanding requests when it is stopped, and starts again', async () => {
    const { PATH, release, started } = await slowGrep(operator.folder);
    expect(await operator.start({ PATH })).to.deep.include({ status: 0, stderr: '' });
    expect(await statuses()).to.deep.equal(['online', 'online']);

    const pids = (await operator.workers()).map(({ pid }) => pid);
    const outstanding = Array.from({ length: 6 }, (_, number) => search(number));
    while ((await started()).length < 6) await sleep(10);
    const stopped = operator.sh('npm stop');
    // PM2 stops one worker after the other.
    while (!(await statuses()).includes('stopping')) await sleep(10);
    await release();
    for (const response of await Promise.all(outstanding)) {
      expect(response.status).to.equal(200);
      expect(await response.json()).to.include({ 'nr of entries': 1 });
    }
    expect(await stopped).to.include({ status: 0 });
    expect(await statuses()).to.deep.equal(['stopped', 'stopped']);
    for (const pid of pids) expect(() => process.kill(pid, 0)).to.throw('ESRCH');

    expect(await operator.start({ WORKERS: '1' })).to.include({ status: 0 });
    expect(await statuses()).to.deep.equal(['online']);
    expect((await search()).status).to.equal(200);
  });

  it('starts with the settings of the shell, not with those of an earlier start', async () => {
    await writeFile(join(operator.folder, 'only.txt'), 'one\n');
    const first = await operator.start({ DICTIONARIES_DIR: operator.folder, LOG_LEVEL: 'warn' });
    expect(first.stdout).to.include('{"action":"all","dictionary":"only.txt","nresults":3}');
    expect(await operator.sh('npm stop')).to.include({ status: 0 });
    expect(await operator.start()).to.include({ status: 0 });
    expect(await (await search()).json()).to.include({ 'nr of entries': 1 });
  });

  it('reports that there is no dictionary yet', async () => {
    const empty = join(operator.folder, 'empty');
    await mkdir(empty);
    expect((await operator.start({ DICTIONARIES_DIR: empty })).stdout).to.include(`put text files into ${empty}`);
  });

  it('does not start twice', async () => {
    expect(await operator.start()).to.include({ status: 0 });
    const again = await operator.start();
    expect(again.status).to.equal(0);
    expect(again.stdout).to.include('grepd is already running').and.include(operator.url);
    const other = await operator.start({ PORT: '1' });
    expect(other.status).to.equal(1);
    expect(other.stderr).to.include('grepd is already running, but with other settings');
    expect(await operator.workers()).to.have.length(2);
  });

  it('does not start with invalid settings, and prints all of them', async () => {
    const { status, stderr } = await operator.start({ WORKERS: '0', SEARCH_QUEUE: 'long' });
    expect(status).to.equal(1);
    expect(stderr).to.include('"WORKERS" must be').and.include('"SEARCH_QUEUE" must be');
  });

  it('does not start if the port is in use', async () => {
    const other = createServer().listen(operator.port, '127.0.0.1');
    await once(other, 'listening');
    try {
      const { status, stderr } = await operator.start();
      expect(status).to.equal(1);
      expect(stderr).to.include('EADDRINUSE').and.include(String(operator.port));
      expect(await operator.workers()).to.deep.equal([]);
    } finally {
      other.close();
    }
  });

  it('prints why the workers did not become ready, and leaves none behind', async () => {
    const program = join(operator.folder, 'grep');
    await writeFile(program, '#!/bin/sh\necho "some other grep"\n');
    await chmod(program, 0o755);
    const { status, stderr } = await operator.start({ PATH: `${operator.folder}:${process.env.PATH}` });
    expect(status).to.equal(1);
    expect(stderr).to.include('is not GNU grep');
    expect(await operator.workers()).to.deep.equal([]);
    // PM2 must not restart a worker that was waiting to be restarted when it was deleted.
    await sleep(2_000);
    expect(await operator.workers()).to.deep.equal([]);
  });
});
