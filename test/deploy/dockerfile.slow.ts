// Runs the instructions of the Dockerfile in temporary folders, without Docker.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { freePort } from '../helpers/operator.js';
import { PROJECT } from '../helpers/project.js';
import { type TempFolder, tempFolder } from '../helpers/temp-folder.js';

interface Image {
  /** The working directory. */
  folder: string;
  env: Record<string, string>;
  command: string[];
  healthCheck: string[];
  user: string;
}

describe('the Dockerfile', function () {
  this.timeout(300_000);
  let root: TempFolder;
  let image: Image;
  let container: ChildProcess | undefined;
  before(async () => {
    root = await tempFolder();
    image = build(readFileSync(join(PROJECT, 'deploy/Dockerfile'), 'utf8'), root.path);
  });
  after(async () => {
    if (container?.exitCode === null) container.kill('SIGKILL');
    await root.remove();
  });

  it('builds an image without build dependencies, that does not run as root', () => {
    expect(image.user).to.equal('node');
    expect(existsSync(join(image.folder, 'node_modules/koa'))).to.equal(true);
    for (const name of [
      'node_modules/typescript',
      'node_modules/mocha',
      'node_modules/playwright-core',
      'src',
      'test',
      '.git',
    ]) {
      expect(existsSync(join(image.folder, name)), name).to.equal(false);
    }
  });

  it('runs grepd, becomes healthy, and answers outstanding requests when it is stopped', async () => {
    const port = await freePort();
    const env = {
      PATH: process.env.PATH,
      HOME: root.path,
      ...image.env,
      PM2_HOME: join(root.path, 'pm2'),
      PM2_DEFAULT_LOG_PATH: join(image.folder, 'logs'),
      PORT: String(port),
      HOST: '127.0.0.1',
      WORKERS: '2',
      WAIT_ROUTE: 'true',
    };
    const [program = '', ...args] = image.command;
    const child = spawn(join(image.folder, program), args, {
      cwd: image.folder,
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let log = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    container = child;
    const exited = once(child, 'exit');
    const isHealthy = () => {
      const [check = '', ...rest] = image.healthCheck;
      try {
        execFileSync(check, rest, { env });
        return true;
      } catch {
        return false;
      }
    };
    expect(isHealthy()).to.equal(false);
    while (!isHealthy()) {
      if (child.exitCode !== null) throw new Error(`It exited with ${child.exitCode}`);
      await sleep(100);
    }
    const url = `http://127.0.0.1:${port}`;
    const search = await fetch(`${url}/api/v1/json`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ action: 'search', term: 'HISTORY, n.' }),
    });
    expect(await search.json()).to.include({ 'nr of entries': 1 });
    const slow = fetch(`${url}/wait?seconds=4`);
    await sleep(1_000);
    child.kill('SIGTERM');
    expect((await slow).status).to.equal(200);
    expect((await exited)[0]).to.equal(0);
    expect(log).to.include('"msg":"request"').and.include('"msg":"draining"');
    for (const name of readdirSync(join(image.folder, 'logs')))
      expect(realpathSync(join(image.folder, 'logs', name)), name).to.equal('/dev/null');
  });
});

/**
 * Runs the instructions that this Dockerfile uses (https://docs.docker.com/reference/dockerfile/).
 */
function build(dockerfile: string, root: string): Image {
  const stages = new Map<string, Image>();
  let image: Image = { folder: root, env: {}, command: [], healthCheck: [], user: 'root' };
  const at = (path: string) => join(image.folder, path);
  for (const line of dockerfile.split('\n').filter((line) => line !== '' && !line.startsWith('#'))) {
    const [instruction = ''] = line.split(' ', 1);
    const rest = line.slice(instruction.length + 1);
    const words = rest.split(' ');
    if (instruction === 'FROM') {
      const name = words[2] ?? 'last';
      image = { folder: join(root, name), env: {}, command: [], healthCheck: [], user: 'root' };
      mkdirSync(image.folder);
      stages.set(name, image);
    } else if (instruction === 'ENV') {
      const [name = '', value = ''] = rest.split('=', 2);
      image.env[name] = value;
    } else if (instruction === 'COPY') {
      const from = words[0]?.startsWith('--from=') ? words.shift()?.slice('--from='.length) : undefined;
      const target = words.pop() as string;
      for (const source of words) {
        const path =
          from === undefined
            ? join(PROJECT, source)
            : join(stages.get(from)?.folder ?? '', source.replace('/grepd/', ''));
        // Like Docker, follows links and copies the contents of a folder into the target.
        const into = target.endsWith('/') && !statSync(path).isDirectory() ? join(target, basename(source)) : target;
        cpSync(realpathSync(path), at(into), { recursive: true });
      }
    } else if (instruction === 'RUN') {
      const { PATH, HOME } = process.env;
      execFileSync('sh', ['-c', rest], { cwd: image.folder, env: { PATH, HOME, ...image.env }, stdio: 'pipe' });
    } else if (instruction === 'CMD') {
      image.command = JSON.parse(rest);
    } else if (instruction === 'HEALTHCHECK') {
      image.healthCheck = JSON.parse(rest.slice(rest.indexOf('[')));
    } else if (instruction === 'USER') {
      image.user = rest;
    } else {
      expect(instruction).to.be.oneOf(['WORKDIR', 'EXPOSE', 'STOPSIGNAL']);
    }
  }
  return image;
}
