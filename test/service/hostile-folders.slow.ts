// Systems without /proc, without space on a disk, or without a temporary folder.
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { processIdentity } from '../../src/concurrency/process-identity.js';
import { describeWithMounts, fullDisk, withMounts } from '../helpers/mounts.js';
import { freePort } from '../helpers/operator.js';
import { type Service, spawnService } from '../helpers/spawn-service.js';
import { type TempFolder, tempFolder } from '../helpers/temp-folder.js';

/** Every way to run grep, and the expected answer: the status and the number of entries. */
const queries: [body: object, status: number, entries?: number][] = [
  [{ action: 'search', term: 'love', dictionary: 'a.txt' }, 200, 2],
  [{ action: 'search', term: 'love', dictionary: 'a.txt', n_before: 1, format: 'object' }, 200, 2],
  [{ action: 'search', term: 'love', dictionary: 'a.txt', syntax: 'word' }, 200, 1],
  [{ action: 'search', term: 'l.v', dictionary: 'folder', syntax: 'regex' }, 200, 3],
  [{ action: 'search', term: 'love', dictionary: 'folder', unit: 'quote' }, 200, 3],
  [{ action: 'search', term: 'nothing', dictionary: 'folder' }, 200, 0],
  [{ action: 'search', term: '(', dictionary: 'folder', syntax: 'regex' }, 400],
  [{ action: 'search', term: 'love', dictionary: 'link-out' }, 404],
  [{ action: 'search', term: 'love', dictionary: '../secret' }, 404],
  [{ action: 'list', options: ['-R'] }, 200, 8],
];

describeWithMounts('a worker on a system without', function () {
  this.timeout(30_000);
  let folder: TempFolder;
  let dictionaries: string;
  let temporary: string;
  let service: Service | undefined;
  beforeEach(async () => {
    folder = await tempFolder();
    dictionaries = join(folder.path, 'dictionaries');
    temporary = join(folder.path, 'tmp');
    for (const path of [dictionaries, join(dictionaries, 'folder'), temporary]) mkdirSync(path);
    writeFileSync(join(folder.path, 'secret'), 'love\n');
    symlinkSync('../secret', join(dictionaries, 'link-out'));
    writeFileSync(join(dictionaries, 'a.txt'), 'one\nlove\nlover\n');
    for (const name of ['b.txt', 'c.txt', 'd.txt']) writeFileSync(join(dictionaries, 'folder', name), 'love\r\n');
  });
  afterEach(async () => {
    service?.child.kill('SIGKILL');
    await service?.exited;
    service = undefined;
    await folder.remove();
  });

  const start = (mounts: string, env: Record<string, string> = {}) => {
    service = spawnService(
      // A drain waits until kept connections have been idle for this long.
      { DICTIONARIES_DIR: dictionaries, TMPDIR: temporary, CACHE_BYTES: '0', KEEP_ALIVE_TIMEOUT_MS: '1000', ...env },
      undefined,
      withMounts(mounts),
    );
    return service;
  };

  async function expectAnswer(url: string, [body, status, entries]: (typeof queries)[number]): Promise<void> {
    const response = await fetch(`${url}/api/v1/json`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    const found = [response.status, answer['nr of entries'], answer.truncated];
    expect(found, JSON.stringify(body)).to.deep.equal([status, entries, undefined]);
  }

  async function expectAnswers(url: string): Promise<void> {
    // The second time, the worker may know what failed before.
    for (let times = 0; times < 2; times += 1) await Promise.all(queries.map((query) => expectAnswer(url, query)));
    for (const path of ['/readyz', '/api/v1/dictionaries', '/status', '/total', '/?term=love&dictionary=folder']) {
      expect((await fetch(url + path)).status, path).to.equal(200);
    }
  }

  const metric = async (url: string, name: string) => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return new RegExp(`^${name}(?:{.*})? (.*)$`, 'm').exec(text)?.[1];
  };

  async function expectEnd(): Promise<void> {
    service?.child.kill('SIGTERM');
    expect(await service?.exited).to.equal(0);
    expect(service?.events('bug')).to.deep.equal([]);
  }

  for (const [what, mounts] of [
    ['/proc', 'umount -l /proc'],
    ['a usable /proc', 'mount -t tmpfs none /proc'],
  ] as const) {
    it(`${what} answers correctly, counts for itself, and removes no directory of other services`, async () => {
      // This process is alive, which can't be seen without /proc.
      const other = join(temporary, `grepd-${process.getuid?.()}`, `${processIdentity(process.pid)}-1`);
      mkdirSync(other, { recursive: true, mode: 0o700 });
      const { url, events } = start(mounts);
      await expectAnswers(await url());
      expect(events('no shared worker directory: rate limits count per worker')).to.have.length(1);
      expect(await metric(await url(), 'grepd_metrics_complete')).to.equal('0');
      expect(await metric(await url(), 'grepd_worker_memory_bytes')).to.equal(undefined);
      await expectEnd();
      expect(existsSync(other)).to.equal(true);
    });
  }

  for (const [what, mounts] of [
    ['space in /dev/shm', fullDisk('/dev/shm')],
    ['a writable /dev/shm', 'mount -t tmpfs -o ro none /dev/shm'],
    ['/dev/shm', 'mount -t tmpfs none /dev'],
  ] as const) {
    it(`${what} answers correctly`, async () => {
      const devices = 'mknod -m 666 /dev/null c 1 3; mknod -m 666 /dev/urandom c 1 9';
      const { url } = start(what === '/dev/shm' ? `${mounts}; ${devices}` : mounts);
      await expectAnswers(await url());
      expect(await metric(await url(), 'grepd_metrics_complete')).to.equal('1');
      await expectEnd();
    });
  }

  it('a temporary folder answers correctly, and logs what it lacks', async () => {
    const { url, events } = start('mount -t tmpfs -o ro none /dev/shm', { TMPDIR: '/nowhere', RATE_LIMIT: '100/h' });
    await expectAnswers(await url());
    expect(events('no shared worker directory: rate limits count per worker')).to.have.length(1);
    expect(await metric(await url(), 'grepd_metrics_complete')).to.equal('0');
    await expectEnd();
  });

  it('a writable temporary folder answers correctly, and logs what it lacks', async () => {
    const { url, events } = start(`mount -t tmpfs -o ro none '${temporary}'; mount -t tmpfs -o ro none /dev/shm`);
    await expectAnswers(await url());
    expect(events('no shared worker directory: rate limits count per worker')).to.have.length(1);
    await expectEnd();
  });

  it('space in the temporary folder answers correctly, limits callers, and logs what it lacks', async () => {
    const maxRequests = 2 * queries.length + 5;
    const { url, events } = start(fullDisk(temporary), { RATE_LIMIT: `${maxRequests}/h` });
    await expectAnswers(await url());
    expect(events('metrics cover this worker only')).to.have.length(1);
    expect(await metric(await url(), 'grepd_metrics_complete')).to.equal('0');
    const send = async (address: string) => (await fetch(`${address}/api/v1/dictionaries`)).status;
    const statuses = await Promise.all(
      Array(maxRequests)
        .fill(await url())
        .map(send),
    );
    expect(statuses.filter((status) => status === 200).length).to.be.at.most(5);
    expect(new Set(statuses)).to.deep.equal(new Set([200, 429]));
    service?.child.kill('SIGTERM');
    // It can't hand over its counts.
    expect(await service?.exited).to.equal(1);
    expect(events('drain step failed')).to.have.length(1);
  });

  it('space in the temporary folder after a while keeps answering and counting', async () => {
    const small = `mount -t tmpfs -o size=256k none '${temporary}'`;
    const { url, child, events, until } = start(small);
    await expectAnswers(await url());
    const requests = Number(await metric(await url(), 'grepd_worker_requests_total'));
    writeUntilFull(`/proc/${child.pid}/root${temporary}/full`);
    await expectAnswers(await url());
    expect(Number(await metric(await url(), 'grepd_worker_requests_total'))).to.be.above(requests + queries.length);
    expect(await metric(await url(), 'grepd_metrics_complete')).to.equal('1');
    await until(() => events('failed to write counters').length === 1);
    await expectEnd();
  });

  it('space for its log answers correctly', async () => {
    const log = join(folder.path, 'log');
    mkdirSync(log);
    const port = await freePort();
    const { exited, child } = start(`${fullDisk(log)}; exec >>'${log}/log' 2>&1`, { PORT: String(port) });
    const url = `http://127.0.0.1:${port}`;
    const isUp = () =>
      fetch(`${url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    while (!(await isUp())) await new Promise((resolve) => setTimeout(resolve, 20));
    await expectAnswers(url);
    child.kill('SIGTERM');
    expect(await exited).to.equal(0);
  });
});

function writeUntilFull(path: string): void {
  try {
    writeFileSync(path, Buffer.alloc(1024 * 1024));
    expect.fail('the disk is not full');
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).to.equal('ENOSPC');
  }
}
