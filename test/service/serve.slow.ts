// A worker in the foreground, as `npm run serve` runs it, and the programs that it runs.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { childrenOf, untilEnded } from '../helpers/processes.js';
import { PROJECT } from '../helpers/project.js';
import { slowGrep } from '../helpers/slow-grep.js';
import { type Service, spawnService } from '../helpers/spawn-service.js';
import { type TempFolder, tempFolder } from '../helpers/temp-folder.js';

describe('npm run serve', function () {
  this.timeout(60_000);

  let npm: ChildProcess | undefined;
  afterEach(() => {
    if (npm?.pid !== undefined && npm.exitCode === null) process.kill(-npm.pid, 'SIGKILL');
  });

  /** Starts it in a process group of its own, like a shell. */
  async function serve(): Promise<{ npm: ChildProcess; url: string; closed: Promise<unknown> }> {
    const env = { PATH: process.env.PATH, PORT: '0', WAIT_ROUTE: 'true' };
    const child = spawn('npm', ['run', 'serve'], {
      cwd: PROJECT,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    npm = child;
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (data: string) => {
      output += data;
    });
    const closed = once(child, 'close');
    for (;;) {
      const url = /"url":"([^"]+)"/.exec(output)?.[1];
      if (url !== undefined) return { npm: child, url, closed };
      await sleep(20);
    }
  }

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    it(`answers outstanding requests when ${signal} hits the whole process group twice`, async () => {
      const { npm, url, closed } = await serve();
      const outstanding = fetch(`${url}/wait?seconds=2`, { headers: { Connection: 'close' } });
      await sleep(300);
      const group = -(npm.pid ?? 0);
      process.kill(group, signal);
      await sleep(300);
      process.kill(group, signal);
      expect((await outstanding).status).to.equal(200);
      await closed;
    });
  }
});

describe('a worker', () => {
  let folder: TempFolder;
  let service: Service | undefined;
  beforeEach(async () => {
    folder = await tempFolder();
  });
  afterEach(async () => {
    service?.child.kill('SIGKILL');
    await service?.exited;
    await folder.remove();
  });

  it('answers outstanding requests when the reader of its log has exited', async () => {
    service = spawnService({ WAIT_ROUTE: 'true' });
    const outstanding = fetch(`${await service.url()}/wait?seconds=1`, { headers: { Connection: 'close' } });
    await sleep(300);
    service.child.stdout?.destroy();
    service.child.kill('SIGINT');
    expect((await outstanding).status).to.equal(200);
    expect(await service.exited).to.equal(0);
  });

  for (const LOG_TERMS of ['false', 'true']) {
    it(`logs search terms only with LOG_TERMS=true: ${LOG_TERMS}`, async () => {
      const started = spawnService({ LOG_TERMS });
      service = started;
      const headers = { Referer: 'http://a/?term=secret' };
      await (await fetch(`${await started.url()}/?term=secret&dictionary=moby-dick`, { headers })).text();
      await started.until(() => started.events('request').length > 0);
      expect(started.events('request')[0]).to.include({ path: '/', action: 'search', dictionary: 'moby-dick' });
      expect(started.output().includes('secret')).to.equal(LOG_TERMS === 'true');
    });
  }

  it('ends its long-running programs when it is killed', async () => {
    const grep = await slowGrep(folder.path);
    // Large enough that grep takes a while.
    const file = await open(join(folder.path, 'large.txt'), 'w');
    await file.truncate(70_000_000);
    await file.close();
    service = spawnService({ PATH: grep.PATH, DICTIONARIES_DIR: folder.path, WAIT_ROUTE: 'true' });
    const url = await service.url();
    const answers = [
      fetch(`${url}/api/v1/json`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ action: 'search', dictionary: 'large.txt', term: 'a' }),
      }),
      fetch(`${url}/wait?seconds=60`),
    ].map((answer) => answer.catch(() => 'lost'));
    const worker = service.child.pid ?? 0;
    while ((await grep.started()).length < 1 || childrenOf(worker).length < 2) await sleep(5);
    const pids = childrenOf(worker);
    expect(pids).to.include.members(await grep.started());
    service.child.kill('SIGKILL');
    expect(await Promise.all(answers)).to.deep.equal(['lost', 'lost']);
    await Promise.all(pids.map(untilEnded));
  });
});
