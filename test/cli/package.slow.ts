// The installed package, as a new user meets it.
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { commandEntries } from '../../src/cli/command-table.js';
import { API_ROUTE, routes } from '../../src/http/routes.js';
import { type InstalledPackage, installPackage } from '../helpers/installed-package.js';
import { findProcesses } from '../helpers/processes.js';
import { PROJECT } from '../helpers/project.js';

describe('the installed package', function () {
  this.timeout(120_000);
  let installed: InstalledPackage;
  before(async () => {
    installed = await installPackage();
    mkdirSync(join(installed.folder, 'texts'));
    writeFileSync(join(installed.folder, 'texts/a.txt'), 'one love\ntwo\nthree love\n');
  });
  after(() => installed.remove());

  const grepd = (command: string, env?: Record<string, string>) => installed.grepd(command, env);

  it('has the program, the client with its types, and neither tests nor sources', () => {
    const { files } = installed;
    expect(files).to.include.members([
      'lib/src/cli/main.js',
      'lib/src/client/index.js',
      'lib/src/client/index.d.ts',
      'lib/src/browser/base.css',
      'docs/reference/grepd.1',
      'LICENSE',
      'README.md',
    ]);
    expect(files.filter((path) => /(^|\/)test\/|\.map$|(?<!\.d)\.ts$|^dictionaries/.test(path))).to.deep.equal([]);
  });

  it('has an SBOM with its dependencies, and not those of development', async () => {
    const { stdout } = await installed.sh(`cd '${PROJECT}' && npm run --silent sbom`);
    const { components } = JSON.parse(stdout) as { components: { name: string }[] };
    const names = components.map(({ name }) => name);
    expect(names).to.include.members(['koa', 'pm2', 'joi']).and.not.include.members(['mocha']);
  });

  it('prints its version, and the help of each command', async () => {
    const { version } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'));
    expect(await grepd('--version')).to.deep.equal({ status: 0, stdout: `${version}\n`, stderr: '' });
    expect(await grepd('')).to.include({ status: 1, stdout: '' });
    const helps = await Promise.all(commandEntries.map(([name]) => grepd(`${name} --help`)));
    for (const [at, [name]] of commandEntries.entries()) {
      expect(helps[at]).to.include({ status: 0, stderr: '' });
      expect(helps[at]?.stdout).to.include(`Usage: grepd ${name}`);
    }
  });

  it('serves a folder in the foreground, writes nothing into the package, and ends on Ctrl-C', async () => {
    const before = readdirSync(installed.path, { recursive: true });
    const child = installed.spawn(['serve', 'texts', '--port', String(installed.port)]);
    const exited = once(child, 'close');
    let output = '';
    child.stdout.resume();
    child.stderr.setEncoding('utf8').on('data', (data: string) => {
      output += data;
    });
    while (!output.includes('\n') && child.exitCode === null) await sleep(10);
    expect(output).to.equal(
      `grepd serves ${join(installed.folder, 'texts')} at ${installed.url}, to anyone on this machine. Ctrl-C stops it.\n`,
    );
    expect(await grepd('search --no-json love')).to.deep.equal({
      status: 0,
      stdout: 'a.txt:1:one love\na.txt:3:three love\n',
      stderr: '',
    });
    child.kill('SIGINT');
    expect((await exited)[0]).to.equal(0);
    expect(readdirSync(installed.path, { recursive: true })).to.deep.equal(before);
  });

  it('searches as grep does, with its exit statuses', async () => {
    const child = installed.spawn(['serve', join(PROJECT, 'dictionaries'), '--port', String(installed.port)]);
    const exited = once(child, 'close');
    child.stdout.resume();
    await once(child.stderr, 'data');
    try {
      const whale = await grepd('search -w whale --dictionary moby-dick');
      expect(
        whale.stdout
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line))
          .every(({ text }) => /whale/.test(text)),
      ).to.equal(true);
      expect(await grepd('search no-such-text')).to.deep.equal({ status: 1, stdout: '', stderr: '' });
      expect(await grepd('search love --dictionary nope')).to.include({ status: 2, stdout: '' });
      expect(await grepd('search')).to.include({ status: 2, stdout: '' });
      expect(await grepd('search --nope a')).to.include({ status: 2, stdout: '' });
      expect((await grepd('completion dictionaries')).stdout).to.include('\nmoby-dick\n');
      // 31,102 lines, of which the reader wants one.
      const head = await installed.sh('grepd search -e e --dictionary king-james-bible.txt --no-json | head -n 1');
      expect(head.stdout).to.match(/^king-james-bible\.txt:1:Ge1:1 /);
      expect(head.stderr).to.equal('');
    } finally {
      child.kill('SIGINT');
      await exited;
    }
  });

  it('says what is missing or wrong', async () => {
    expect((await grepd('start')).stderr)
      .to.include('"DICTIONARIES_DIR" is required')
      .and.include('grepd start FOLDER');
    expect((await grepd('start nowhere')).stderr).to.include('"--dictionaries-dir" must be a readable folder, got "');
    expect((await grepd('start texts --port x')).stderr).to.include('"--port" must be an integer from 0 to 65535');
    for (const command of ['stop', 'reload', 'status', 'logs'])
      expect((await grepd(command)).stderr).to.include('grepd is not running. Start it with grepd start.');
    expect(await grepd('search love')).to.include({ status: 2, stdout: '' });
    expect(await grepd('stop now')).to.include({ status: 1, stderr: 'Unexpected argument "now".\n' });
  });

  it('creates keys, and builds and lists indexes, in folders of the user', async () => {
    const key = await grepd('key reader --api-keys keys');
    expect(key.stdout).to.include('Authorization: Bearer ').and.include(join(installed.folder, 'keys'));
    expect(readFileSync(join(installed.folder, 'keys'), 'utf8')).to.match(/^reader [0-9a-f]{64}\n$/);
    const env = { DICTIONARIES_DIR: join(PROJECT, 'dictionaries'), INDEX_MIN_MB: '4' };
    expect(await grepd('index', env)).to.include({ status: 0 });
    expect((await grepd('index --list', env)).stdout).to.match(/^king-james-bible\.txt .* current$/m);
    expect(existsSync(join(installed.folder, 'home/.cache/grepd/index'))).to.equal(true);
    expect((await grepd('load')).stderr).to.include('CLICKHOUSE_URL');
  });

  it('exports the client', async () => {
    const program =
      "import { createClient } from 'grepd/client'; console.log(typeof createClient({ url: 'http://a' }).search);";
    writeFileSync(join(installed.folder, 'program.mjs'), program);
    const outcome = await installed.sh(`'${process.execPath}' program.mjs`);
    expect(outcome).to.deep.equal({ status: 0, stdout: 'function\n', stderr: '' });
  });

  it('starts, is upgraded in place, and is reloaded under load without losing a request', async () => {
    const { port, url } = installed;
    const options = `--port ${port} --workers 2 --keep-alive-timeout-ms 1000 --log-level warn`;
    const started = await grepd(`start '${join(PROJECT, 'dictionaries')}' ${options}`);
    expect(started.stderr).to.equal('');
    expect(started.stdout).to.include(`grepd is running at ${url} with 2 workers.`);
    const { stdout: table } = await grepd('status');
    expect(table).to.match(/^grepd is ready at .*\n\npid +status .*\n\d+ +online .*\n\d+ +online /);
    const versionOf = async () => {
      const response = await fetch(`${url}/openapi.json`, { headers: { Connection: 'close' } });
      return ((await response.json()) as Document).info.version;
    };
    const before = await versionOf();

    // Workers run from a copy of the code, also if they start again before the reload.
    await installed.upgrade('98.0.0');
    const [, pid] = /^(\d+) +online/m.exec(table) ?? [];
    process.kill(Number(pid), 'SIGKILL');
    while (!/^\d+ +online .* 1$/m.test((await grepd('status')).stdout)) await sleep(100);
    for (let times = 0; times < 4; times += 1) expect(await versionOf()).to.equal(before);

    const load = startLoad(url);
    try {
      await installed.upgrade('99.0.0');
      const reloaded = await grepd('reload');
      expect(reloaded).to.deep.equal({
        status: 0,
        stdout: `grepd has been reloaded and is running at ${url}.\n`,
        stderr: '',
      });
      expect(await versionOf()).to.equal('99.0.0');

      // A version that can't start changes nothing.
      await installed.upgrade('99.0.1');
      writeFileSync(join(installed.path, 'lib/src/main.js'), "throw new Error('broken');\n");
      const broken = await grepd('reload');
      expect(broken).to.include({ status: 1, stdout: '' });
      expect(broken.stderr).to.include('Nothing was reloaded').and.include('broken');
      expect(await versionOf()).to.equal('99.0.0');
    } finally {
      await load.stop();
    }
    expect(load.failures).to.deep.equal([]);
    expect(load.answered()).to.be.above(50);

    expect((await grepd('logs --nostream --lines 5')).stdout).to.include('grepd-out.log');
    expect(await grepd('stop')).to.deep.equal({ status: 0, stdout: 'grepd has stopped.\n', stderr: '' });
    expect(findProcesses(`God Daemon (${installed.folder}`)).to.deep.equal([]);
  });

  it('leaves no PM2 behind when it fails to start, and ends one without workers', async () => {
    await installed.upgrade('99.0.2');
    const daemons = () => findProcesses(`God Daemon (${installed.folder}`);
    const env = { CLICKHOUSE_URL: 'http://127.0.0.1:1' };
    const options = `--search-engine clickhouse --workers 1 --port ${installed.port}`;
    expect((await grepd(`start texts ${options}`, env)).stderr).to.include('grepd is running but not ready: ');
    expect(daemons()).to.deep.equal([]);
    const pm2Home = join(installed.folder, 'home/.local/state/grepd/pm2');
    await installed.sh('node_modules/pm2/bin/pm2 ping', { PM2_HOME: pm2Home });
    expect(daemons()).to.have.length(1);
    expect(await grepd('stop')).to.include({ status: 1 });
    expect(daemons()).to.deep.equal([]);
  });

  it('keeps PM2 in PM2_HOME if that is set', async () => {
    await installed.upgrade('99.0.2');
    const env = { PM2_HOME: 'own-pm2' };
    try {
      expect(await grepd(`start texts --port ${installed.port} --workers 1`, env)).to.include({ status: 0 });
      expect(existsSync(join(installed.folder, 'own-pm2/grepd-current'))).to.equal(true);
      expect(await grepd('status')).to.include({ status: 1 });
      expect(await grepd('status', env)).to.include({ status: 0 });
    } finally {
      expect(await grepd('stop', env)).to.include({ status: 0 });
    }
  });
});

interface Document {
  info: { version: string };
}

/** Clients that never retry, with kept connections and with one for each request. */
function startLoad(url: string) {
  const failures: string[] = [];
  let answered = 0;
  let isStopping = false;
  const request = { action: 'search', dictionary: 'devils-dictionary.txt', term: 'ABATIS' };
  const run = async (path: string, connection: string) => {
    const body = path === API_ROUTE ? { method: 'POST', body: JSON.stringify(request) } : {};
    while (!isStopping) {
      const headers = { 'Content-Type': 'application/json', Connection: connection };
      await fetch(url + path, { ...body, headers })
        .then(async (response) => {
          const text = await response.text();
          if (response.status === 200) answered += 1;
          else failures.push(`${path}: ${response.status} ${text}`);
        })
        .catch((error) => failures.push(`${path}: ${error.cause ?? error}`));
      await sleep(20);
    }
  };
  const clients = ['close', 'keep-alive'].flatMap((connection) =>
    [API_ROUTE, routes.total.path].map((path) => run(path, connection)),
  );
  const stop = async () => {
    isStopping = true;
    await Promise.all(clients);
  };
  return { failures, answered: () => answered, stop };
}
