import { execFile } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseApiKeys } from '../../src/auth/api-keys.js';
import { PROJECT } from '../helpers/project.js';
import { type Service, spawnService } from '../helpers/spawn-service.js';
import { type TempFolder, tempFolder } from '../helpers/temp-folder.js';

describe('npm run key', function () {
  this.timeout(60_000);
  let folder: TempFolder;
  let service: Service | undefined;
  beforeEach(async () => {
    folder = await tempFolder();
    service = undefined;
  });
  afterEach(async () => {
    service?.child.kill('SIGKILL');
    await folder.remove();
  });

  /** Runs the command without building. */
  const run = (args: string[], env: Record<string, string> = {}) =>
    new Promise<{ status: number; stdout: string; stderr: string }>((resolve) => {
      const options = { env: { PATH: process.env.PATH, ...env } };
      execFile(
        process.execPath,
        [join(PROJECT, 'dist/src/cli/npm-script.js'), 'key', ...args],
        options,
        (error, stdout, stderr) => resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });

  it('adds the first key, without which the service does not start, and more while it runs', async () => {
    const file = join(folder.path, 'keys');
    await writeFile(file, '# who may use this');
    service = spawnService({ API_KEYS: file });
    expect(await service.exited).to.equal(1);
    expect(service.output()).to.include('API_KEYS=FILE npm run key -- NAME adds one');
    expect(await run(['first'], { API_KEYS: file })).to.include({ status: 0 });
    await writeFile(join(folder.path, 'invalid'), `${await readFile(file, 'utf8')}\nx rate=1\n`);
    service = spawnService({ API_KEYS: join(folder.path, 'invalid') });
    expect(await service.exited).to.equal(1);
    expect(service.output()).to.include('line 4 is not a name');
    service = spawnService({ API_KEYS: file });
    const url = await service.url();
    const send = (key: string) => fetch(`${url}/api/v1/dictionaries`, { headers: { Authorization: `Bearer ${key}` } });
    expect((await fetch(`${url}/healthz`)).status).to.equal(200);
    expect((await send('a key')).status).to.equal(401);

    const { status, stdout } = await run(['reader'], { API_KEYS: file });
    expect(status).to.equal(0);
    const [key = ''] = stdout.split('\n');
    expect(await readFile(file, 'utf8')).to.match(/^# who may use this\nfirst [0-9a-f]{64}\nreader [0-9a-f]{64}\n$/);
    while ((await send(key)).status !== 200) await new Promise((resolve) => setTimeout(resolve, 50));
    await service.until(() => service?.events('request').some(({ key }) => key === 'reader') ?? false);
    expect(service.output()).to.not.include(key);

    expect(await run(['reader'], { API_KEYS: file })).to.deep.include({ status: 1, stdout: '' });
    expect((await readFile(file, 'utf8')).split('\n')).to.have.length(4);
  });

  it('adds limits to the line, and explains invalid ones', async () => {
    const file = join(folder.path, 'limited');
    const limits = ['--dictionary', 'public-*', '--dictionary=my texts', '--action', 'search,count'];
    const more = ['--rate', '100/m', '--expires', '2099-01-31'];
    expect(await run(['guest', ...limits, ...more], { API_KEYS: file })).to.include({ status: 0 });
    const line = await readFile(file, 'utf8');
    expect(line).to.match(
      /^guest [0-9a-f]{64} dictionary=public-\* dictionary=my\\ texts action=search,count rate=100\/m expires=2099-01-31\n$/,
    );
    expect(parseApiKeys(line)[0]?.limits?.dictionaries).to.deep.equal(['my\\ texts', 'public-*']);
    for (const [args, message] of [
      [['--action', 'serch'], '"action" must be one of search, count, frequencies, all, list, upload, got "serch".'],
      [['--rate', '1/d'], 'got "1/d".'],
      [['--expires', '1/2/2099'], '"expires" must be a date like 2027-01-31, got "1/2/2099".'],
      [['--expires', '2020-02-29'], 'The key would have expired already.'],
      [['--expires', '2099-01-01', '--expires', '2099-01-01'], '"expires" more than once.'],
      [['--dictionary', 'a/b'], 'got "a/b".'],
      [['--dictionaries', 'a'], "Unknown option '--dictionaries'"],
    ] as const) {
      const { status, stdout, stderr } = await run(['other', ...args], { API_KEYS: file });
      expect([status, stdout, stderr.includes(message)], stderr).to.deep.equal([1, '', true]);
    }
    expect(await readFile(file, 'utf8')).to.equal(line);
  });

  it('creates a file that only its owner can read', async () => {
    const file = join(folder.path, 'new');
    expect(await run(['a'], { API_KEYS: file })).to.include({ status: 0 });
    expect(await run(['b'], { API_KEYS: file })).to.include({ status: 0 });
    expect((await stat(file)).mode & 0o777).to.equal(0o600);
    expect(
      (await readFile(file, 'utf8'))
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    ).to.deep.equal(['a', 'b']);
  });

  it('prints the line if no file is set, and rejects invalid names and files', async () => {
    const { stdout } = await run(['reader']);
    expect(stdout).to.match(/\nreader [0-9a-f]{64}\n$/);
    for (const args of [[], ['two', 'names'], ['a b'], ['"'], ['x'.repeat(65)]]) {
      const { status, stderr } = await run(args);
      expect([status, stderr.includes('npm run key -- NAME')], args.join()).to.deep.equal([1, true]);
    }
    await writeFile(join(folder.path, 'wrong'), 'not a key\n');
    expect((await run(['a'], { API_KEYS: join(folder.path, 'wrong') })).stderr).to.include('line 1');
  });
});
