import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { PROJECT } from '../helpers/project.js';
import { type Service, spawnService } from '../helpers/spawn-service.js';
import { type TempFolder, tempFolder } from '../helpers/temp-folder.js';

describe('a starting worker', () => {
  let service: Service | undefined;
  afterEach(async () => {
    service?.child.kill('SIGKILL');
    await service?.exited;
    service = undefined;
  });

  it('listens, becomes ready, and answers', async () => {
    service = spawnService({});
    const url = await service.url();
    expect((await fetch(`${url}/readyz`)).status).to.equal(200);
    const response = await fetch(`${url}/api/v1/json`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ action: 'search', dictionary: 'devils-dictionary.txt', term: 'HISTORY' }),
    });
    expect(await response.json()).to.include({ 'nr of entries': 1 });
    const id = response.headers.get('x-request-id');
    await service.until(() => service?.events('request').some((event) => event.id === id) === true);
  });

  it('lists invalid settings in one message, and exits with 1', async () => {
    service = spawnService({ PORT: 'x', LOG_LEVEL: 'loud', DICTIONARIES_DIR: '/nowhere' });
    expect(await service.exited).to.equal(1);
    expect(service.output()).to.equal(`grepd could not start: Invalid settings (environment variables):
  "PORT" must be an integer from 0 to 65535, got "x"
  "DICTIONARIES_DIR" must be a readable folder, got "/nowhere"
  "LOG_LEVEL" must be one of trace, debug, info, warn, error, fatal, silent, got "loud"
`);
  });

  it('exits with 1 if the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    try {
      service = spawnService({ PORT: String((other.address() as AddressInfo).port) });
      expect(await service.exited).to.equal(1);
      expect(service.output()).to.include('grepd could not start').and.include('EADDRINUSE');
    } finally {
      other.close();
    }
  });

  it('exits with 1 if a module is missing', async () => {
    const folder = await tempFolder();
    try {
      await cp(join(PROJECT, 'dist/src/entry.js'), join(folder.path, 'entry.js'));
      await writeFile(join(folder.path, 'package.json'), '{ "type": "module" }');
      await writeFile(
        join(folder.path, 'main.js'),
        "import './lost.js';\nexport const main = () => setInterval(() => {}, 1000);\n",
      );
      const child = spawn(process.execPath, [join(folder.path, 'entry.js')], { stdio: ['ignore', 'ignore', 'pipe'] });
      const [stderr, [status]] = await Promise.all([text(child.stderr), once(child, 'close')]);
      expect(status).to.equal(1);
      expect(stderr).to.include('grepd could not start').and.include('lost.js');
    } finally {
      await folder.remove();
    }
  });

  it('exits with 1 if there is no grep', async () => {
    let folder: TempFolder | undefined;
    try {
      folder = await tempFolder();
      service = spawnService({ PATH: join(folder.path, 'empty') });
      expect(await service.exited).to.equal(1);
      expect(service.output()).to.include('There is no grep in PATH');
    } finally {
      await folder?.remove();
    }
  });
});
