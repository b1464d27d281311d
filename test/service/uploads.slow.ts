// Uploads to a service that ends meanwhile.
import { mkdirSync, readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { describeWithMounts, fullDisk, withMounts } from '../helpers/mounts.js';
import { type Service, spawnService } from '../helpers/spawn-service.js';
import { type TempFolder, tempFolder } from '../helpers/temp-folder.js';

describe('an upload to a service that ends', function () {
  this.timeout(30_000);
  let folder: TempFolder;
  let service: Service;
  let socket: Socket;
  let env: Record<string, string>;
  beforeEach(async () => {
    folder = await tempFolder();
    env = { DICTIONARIES_DIR: join(folder.path, 'dictionaries'), UPLOADS: 'true', DRAIN_TIMEOUT_MS: '2000' };
    mkdirSync(join(env.DICTIONARIES_DIR as string, 'folder'), { recursive: true });
    service = spawnService(env);
  });
  afterEach(async () => {
    socket.destroy();
    service.child.kill('SIGKILL');
    await service.exited;
    await folder.remove();
  });

  const files = () => readdirSync(join(env.DICTIONARIES_DIR as string, 'folder'));

  /** Sends half of a text. */
  async function beginUpload(): Promise<void> {
    const { port } = new URL(await service.url());
    socket = connect(Number(port), '127.0.0.1').on('error', () => {});
    socket.write('PUT /api/v1/texts/folder/a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n');
    socket.write('x'.repeat(100_000));
    while (files().length === 0) await sleep(10);
    expect(files()[0]).to.match(/^\.upload-/);
  }

  it('leaves nothing behind when a drain cuts it off', async () => {
    await beginUpload();
    service.child.kill('SIGTERM');
    await service.exited;
    expect(files()).to.deep.equal([]);
  });

  it('is finished if it is quick enough for the drain', async () => {
    await beginUpload();
    service.child.kill('SIGTERM');
    await service.until(() => service.events('draining').length > 0);
    socket.write('x'.repeat(100_000));
    await service.exited;
    expect(files()).to.deep.equal(['a.txt']);
  });

  it('leaves a hidden file behind after a crash, which the next start removes', async () => {
    await beginUpload();
    service.child.kill('SIGKILL');
    await service.exited;
    expect(files()).to.have.length(1);
    service = spawnService(env);
    await service.url();
    while (files().length > 0) await sleep(10);
  });
});

describeWithMounts('an upload to a full disk', function () {
  this.timeout(30_000);

  it('gets 507, and leaves nothing behind', async () => {
    const folder = await tempFolder();
    const service = spawnService(
      { DICTIONARIES_DIR: folder.path, UPLOADS: 'true' },
      undefined,
      withMounts(fullDisk(folder.path)),
    );
    try {
      const url = await service.url();
      const response = await fetch(`${url}/api/v1/texts/a.txt`, { method: 'PUT', body: 'x'.repeat(10_000) });
      expect(response.status).to.equal(507);
      const listing = await fetch(`${url}/api/v1/json`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ action: 'list', options: ['-a'] }),
      });
      expect(((await listing.json()) as { results: string[] }).results).to.deep.equal(['full']);
    } finally {
      service.child.kill('SIGKILL');
      await service.exited;
      await folder.remove();
    }
  });
});
