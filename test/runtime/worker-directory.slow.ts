import { existsSync, lstatSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Service, spawnService } from '../helpers/spawn-service.js';
import { type TempFolder, tempFolder } from '../helpers/temp-folder.js';

describe('openWorkerDirectory', function () {
  this.timeout(30_000);
  const all = `grepd-${process.getuid?.()}`;
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

  const start = async (TMPDIR: string, more: Record<string, string> = {}) => {
    service = spawnService({ TMPDIR, KEEP_ALIVE_TIMEOUT_MS: '1000', ...more });
    return {
      url: await service.url(),
      warnings: () => service?.events('no shared worker directory: rate limits count per worker') ?? [],
    };
  };
  const isAnswered = async (url: string) =>
    (await fetch(`${url}/api/v1/dictionaries`)).status === 200 &&
    (await (await fetch(`${url}/metrics`)).text()).includes('grepd_workers 1');

  it('creates a directory for its owner only, and removes it at exit', async () => {
    const { url, warnings } = await start(folder.path);
    expect(await isAnswered(url)).to.equal(true);
    expect(warnings()).to.deep.equal([]);
    expect(service?.events('listening')[0]).to.include({ openTo: 'anyone on this machine' });
    expect(lstatSync(join(folder.path, all)).mode & 0o777).to.equal(0o700);
    expect(readdirSync(join(folder.path, all))).to.have.length(1);
    service?.child.kill('SIGINT');
    expect(await service?.exited).to.equal(0);
    expect(readdirSync(join(folder.path, all))).to.deep.equal([]);
  });

  it('rejects a link in place of the directory, and removes nothing through it', async () => {
    const precious = join(folder.path, 'precious');
    mkdirSync(precious, { mode: 0o700 });
    writeFileSync(join(precious, '1-1-1'), 'a secret');
    writeFileSync(join(precious, 'id'), 'a secret');
    symlinkSync(precious, join(folder.path, all));
    const { url, warnings } = await start(folder.path, { RATE_LIMIT: '100/h' });
    expect(warnings()).to.have.length(1);
    expect(readdirSync(precious)).to.deep.equal(['1-1-1', 'id']);
    expect(await isAnswered(url)).to.equal(true);
  });

  it('removes the directories of dead processes, and nothing else', async () => {
    const own = join(folder.path, all);
    mkdirSync(own, { mode: 0o700 });
    for (const name of ['1-1-3000', 'notes']) mkdirSync(join(own, name));
    await start(folder.path);
    expect(existsSync(join(own, 'notes'))).to.equal(true);
    expect(existsSync(join(own, '1-1-3000'))).to.equal(false);
  });

  it('logs a path that is too long for sockets, and works without the directory', async () => {
    const long = join(folder.path, 'x'.repeat(80));
    mkdirSync(long);
    const { url, warnings } = await start(long, { RATE_LIMIT: '4/h' });
    expect(warnings()).to.have.length(1);
    const statuses = [];
    for (let times = 0; times < 6; times += 1) statuses.push((await fetch(`${url}/api/v1/dictionaries`)).status);
    expect(statuses).to.deep.equal([200, 200, 200, 200, 429, 429]);
  });
});
