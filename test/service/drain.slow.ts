import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { allChildrenOf, untilEnded } from '../helpers/processes.js';
import { unsharedSearch } from '../helpers/queries.js';
import { type SlowGrep, slowGrep } from '../helpers/slow-grep.js';
import { type Service, spawnService } from '../helpers/spawn-service.js';
import { type TempFolder, tempFolder } from '../helpers/temp-folder.js';

describe('a draining worker', () => {
  let folder: TempFolder;
  let grep: SlowGrep;
  let service: Service;
  let url: string;

  async function start(env: Record<string, string>): Promise<void> {
    service = spawnService({ PATH: grep.PATH, ...env });
    url = await service.url();
  }

  /** Begins this many searches, and waits until a grep has started for each. */
  async function beginSearches(count: number): Promise<{ responses: Promise<Response>[] }> {
    const responses = Array.from({ length: count }, (_, number) =>
      fetch(`${url}/api/v1/json`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(unsharedSearch(number)),
      }),
    );
    for (const response of responses) response.catch(() => {});
    while ((await grep.started()).length < count) await sleep(5);
    return { responses };
  }

  beforeEach(async () => {
    folder = await tempFolder();
    grep = await slowGrep(folder.path);
  });
  afterEach(async () => {
    await grep.release();
    service.child.kill('SIGKILL');
    await service.exited;
    await folder.remove();
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`answers outstanding requests and exits with 0 on ${signal}, even if it comes twice`, async () => {
      await start({});
      const { responses } = await beginSearches(3);
      service.child.kill(signal);
      await service.until(() => service.events('draining').length > 0);
      service.child.kill(signal);
      expect(await fetch(`${url}/healthz`).catch(() => 'refused')).to.equal('refused');
      await grep.release();
      for (const response of await Promise.all(responses)) {
        expect(response.status).to.equal(200);
        expect(await response.json()).to.include({ 'nr of entries': 1 });
      }
      expect(await service.exited).to.equal(0);
      expect(service.events('draining')).to.have.length(1);
      expect(service.events('drained')[0]).to.include({ status: 0 });
    });
  }

  it('closes everything that would keep the process running', async function () {
    this.timeout(60_000);
    // Replaces process.exit: the process must exit on its own.
    const code = `import { readFileSync } from 'node:fs';
    process.exit = (status) => {
      process.exitCode = status;
      const children = readFileSync('/proc/self/task/' + process.pid + '/children', 'latin1');
      console.error('still open:', process.getActiveResourcesInfo().join(' ') + ';', 'children:' + children);
    };`;
    service = spawnService(
      { SEARCH_TIMEOUT_MS: '60000', KEEP_ALIVE_TIMEOUT_MS: '1000' },
      `data:text/javascript,${encodeURIComponent(code)}`,
    );
    url = await service.url();
    const search = { action: 'search', dictionary: 'devils-dictionary.txt', term: 'love' };
    for (const body of [search, { ...search, syntax: 'regex' }, { action: 'list' }]) {
      const headers = { 'Content-Type': 'application/json' };
      const { status } = await fetch(`${url}/api/v1/json`, { method: 'POST', headers, body: JSON.stringify(body) });
      expect(status).to.equal(200);
    }
    for (const path of ['/total', '/metrics']) expect((await fetch(url + path)).status).to.equal(200);
    const shells = allChildrenOf(service.child.pid ?? 0);
    expect(shells).to.not.be.empty;
    service.child.kill('SIGTERM');
    expect(await service.exited).to.equal(0);
    // Standard output and standard error.
    expect(/still open: .*/.exec(service.output())?.[0]).to.equal('still open: PipeWrap PipeWrap; children:');
    for (const pid of shells) await untilEnded(pid);
  });

  it('aborts outstanding requests when the drain limit has passed', async () => {
    await start({ DRAIN_TIMEOUT_MS: '100', SEARCH_TIMEOUT_MS: '60000' });
    const { responses } = await beginSearches(1);
    service.child.kill('SIGTERM');
    expect(await responses[0]?.catch(() => 'cut off')).to.equal('cut off');
    expect(await service.exited).to.equal(0);
    expect(service.events('request')[0]).to.include({ path: '/api/v1/json', aborted: true });
    expect(service.events('drain timed out')[0]).to.include({ cutOff: 1, limitMs: 100 });
    for (const pid of await grep.started()) await untilEnded(pid);
  });
});
