import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { processIdentity } from '../../src/concurrency/process-identity.js';
import { IndexStore } from '../../src/search/index/index-store.js';
import { describeWithMounts, fullDisk, withMounts } from '../helpers/mounts.js';
import type { Outcome } from '../helpers/operator.js';
import { PROJECT } from '../helpers/project.js';
import { type TempFolder, tempFolder } from '../helpers/temp-folder.js';

const COMMAND = join(PROJECT, 'dist/src/cli/npm-script.js');
const TEXTS = join(PROJECT, 'dictionaries');

describe('npm run index', function () {
  this.timeout(60_000);
  let folder: TempFolder;
  /** An empty dictionaries folder. */
  let texts: string;
  let dir: string;
  beforeEach(async () => {
    folder = await tempFolder();
    texts = join(folder.path, 'texts');
    dir = join(folder.path, 'indexes');
    mkdirSync(texts);
  });
  afterEach(() => folder.remove());

  const envOf = (env: Record<string, string>) => ({ PATH: process.env.PATH, INDEX_DIR: dir, ...env });

  function run(
    args: string[],
    env: Record<string, string> = { DICTIONARIES_DIR: TEXTS },
    enter: readonly string[] = [],
  ) {
    const [program = '', ...rest] = [...enter, process.execPath, COMMAND, 'index', ...args];
    return new Promise<Outcome>((resolve) =>
      execFile(program, rest, { cwd: folder.path, env: envOf(env) }, (error, stdout, stderr) =>
        resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
      ),
    );
  }
  const own = () => ({ DICTIONARIES_DIR: texts });
  const storeOf = (root: string) => new IndexStore(dir, root);
  const namesIn = (store: IndexStore) => readdirSync(dirname(store.lockPath));

  it('builds the indexes of large dictionaries that lack one, lists them, and drops them', async () => {
    expect(await run(['--list'])).to.deep.equal({ status: 0, stdout: 'There are no indexes.\n', stderr: '' });

    const env = { DICTIONARIES_DIR: TEXTS, INDEX_MIN_MB: '4' };
    const built = await run([], env);
    expect(built).to.include({ status: 0 });
    expect(built.stderr).to.match(/^king-james-bible\.txt: 4\.4 MB of text, an index of 0\.\d MB, \d+\.\d s\n$/);
    const again = await run([], env);
    expect(again).to.deep.equal({ ...built, stderr: '' });

    const { stdout } = await run(['--list']);
    expect(stdout).to.match(
      /^dictionary +text MB +index MB +age +state\nking-james-bible\.txt +4\.4 +0\.\d +\d+ s +current\n$/,
    );
    expect(await run(['--drop'])).to.include({ status: 0, stdout: 'Dropped all 1 indexes.\n' });
    expect(namesIn(storeOf(TEXTS))).to.deep.equal(['root']);
  });

  it('builds the indexes of named dictionaries of any size, and drops named ones', async () => {
    const built = await run(['moby-dick', 'devils-dictionary.txt']);
    expect(built).to.include({ status: 0, stdout: 'The indexes are current.\n' });
    expect(built.stderr).to.match(/^moby-dick: .*\ndevils-dictionary\.txt: .*\n$/);
    expect((await run(['moby-dick'])).stderr).to.equal('moby-dick: unchanged\n');
    expect(await run(['--drop', 'moby-dick', 'nope'])).to.deep.equal({
      status: 1,
      stdout: '',
      stderr: 'There is no index of "nope".\n',
    });
    expect((await run(['--drop', 'moby-dick'])).stdout).to.equal('Dropped the index of moby-dick.\n');
    expect((await run(['--list'])).stdout)
      .to.include('devils-dictionary.txt')
      .and.not.include('moby-dick');
  });

  it('waits for files that changed just now, and says which files it left out', async () => {
    writeFileSync(join(texts, 'new.txt'), 'one\n');
    mkdirSync(join(texts, 'mixed'));
    writeFileSync(join(texts, 'mixed', 'a.txt'), 'two\n');
    writeFileSync(join(texts, 'mixed', 'b.txt.gz'), gzipSync('three\n'));
    writeFileSync(join(texts, 'packed.txt.gz'), gzipSync('four\n'));
    const { status, stderr } = await run(['new.txt', 'mixed', 'packed.txt'], own());
    const [waiting, ...outcomes] = stderr.split('\n');
    expect(waiting).to.equal('Waiting for new.txt, which changed within the last 2 s.');
    const compressed = '1 file compressed by gzip, in which no block can be reached alone';
    expect(outcomes[0]).to.match(/^new\.txt: 0\.0 MB of text, an index of 0\.\d MB, \d\.\d s$/);
    expect(outcomes[1]).to.match(new RegExp(`^mixed: 0\\.0 MB .* s; not indexed: ${compressed}$`));
    expect(outcomes[2]).to.equal(`packed.txt: no index; not indexed: ${compressed}`);
    expect(outcomes[3]).to.equal('Some dictionaries could not be indexed: see above.');
    expect(status).to.equal(1);
    expect(storeOf(texts).list()).to.have.length(2);
  });

  it('lists stale and damaged indexes, and those of dictionaries that are gone', async () => {
    const names = ['changed.txt', 'cut.txt', 'gone.txt', 'kept.txt'];
    for (const name of names) copyFileSync(join(TEXTS, 'devils-dictionary.txt'), join(texts, name));
    expect(await run(names, own())).to.include({ status: 0 });
    const store = storeOf(texts);
    utimesSync(join(texts, 'changed.txt'), 1, 1);
    truncateSync(store.pathOf('cut.txt'), 1000);
    rmSync(join(texts, 'gone.txt'));
    const states = async () =>
      (await run(['--list'], own())).stdout
        .trim()
        .split('\n')
        .slice(1)
        .map((row) => row.split(/ {2,}/))
        .map((cells) => `${cells[0]}: ${cells[4]}`);
    expect(await states()).to.deep.equal([
      'changed.txt: stale',
      'cut.txt: damaged (truncated)',
      'gone.txt: gone',
      'kept.txt: current',
    ]);
    const rebuilt = await run(['cut.txt'], own());
    expect(rebuilt.stderr).to.match(/^cut\.txt: its index was damaged \(truncated\)\ncut\.txt: 0\.4 MB/);
    expect(await states()).to.include('cut.txt: current');
  });

  it('drops the indexes of dictionaries folders that are gone together with all others', async () => {
    copyFileSync(join(TEXTS, 'devils-dictionary.txt'), join(texts, 'a.txt'));
    await run(['a.txt'], own());
    rmSync(texts, { recursive: true });
    expect((await run(['--drop'])).stdout).to.equal(
      `Dropped all 0 indexes. Dropped those of folders that are gone: ${texts}.\n`,
    );
    expect(readdirSync(dir)).to.have.length(1);
  });

  for (const [what, args, env, message] of [
    ['an unknown dictionary', ['nope'], {}, /^There is no dictionary named "nope"\.\n$/],
    [
      'a file of a folder',
      ['moby-dick/x'],
      {},
      /^"moby-dick\/x" is part of the dictionary "moby-dick"\. Index "moby-dick"\.\n$/,
    ],
    ['unknown options', ['--nope'], {}, /^Unknown option '--nope'.*\nUsage: npm run index/s],
    ['--list with names', ['--list', 'a'], {}, /^--list takes no other arguments\nUsage: /],
    [
      'INDEX=false',
      [],
      { INDEX: 'false' },
      /^INDEX is false, so grepd uses no indexes\. Set it to true to build some\.\n$/,
    ],
    [
      'another engine',
      [],
      { SEARCH_ENGINE: 'clickhouse', CLICKHOUSE_URL: 'http://a:8123/b' },
      /^SEARCH_ENGINE is clickhouse, but only the engine grep uses indexes\.\n$/,
    ],
    ['invalid settings', [], { INDEX_MAX_MB: '0' }, /^Invalid settings .*INDEX_MAX_MB/s],
    [
      'a missing dictionaries folder',
      [],
      { DICTIONARIES_DIR: '/nonexistent' },
      /^Invalid settings .*DICTIONARIES_DIR/s,
    ],
    [
      'too little room',
      ['king-james-bible.txt'],
      { INDEX_MAX_MB: '1' },
      /: failed: The index may take 2 MiB, and the others take 0 MiB of 1 MiB\. Raise INDEX_MAX_MB, or drop other indexes\.\n/,
    ],
    [
      'an INDEX_DIR that is no folder',
      ['moby-dick'],
      { INDEX_DIR: join(COMMAND, 'x') },
      /^(INDEX_DIR is not a folder|Invalid settings)/,
    ],
  ] as const) {
    it(`fails with a message for ${what}`, async () => {
      const outcome = await run([...args], { DICTIONARIES_DIR: TEXTS, ...env });
      expect(outcome).to.include({ status: 1, stdout: '' });
      expect(outcome.stderr).to.match(message);
      expect(outcome.stderr).to.not.match(/^ {4}at /m);
    });
  }

  it('waits for a process that holds the lock', async () => {
    const store = storeOf(TEXTS);
    store.create();
    symlinkSync(processIdentity(process.pid), store.lockPath);
    const { child, stderr } = start(['moby-dick'], TEXTS);
    const waiting = `Waiting for process ${process.pid}, which builds or removes indexes.\n`;
    while (!stderr().includes(waiting)) await sleep(10);
    expect(store.list()).to.deep.equal([]);
    rmSync(store.lockPath);
    expect(await once(child, 'close')).to.deep.equal([0, null]);
    expect(namesIn(store)).to.have.length(2);
  });

  it('leaves neither a draft nor its lock behind when it is interrupted', async () => {
    const text = Buffer.alloc(64 * 2 ** 20, 'a line of some text\n');
    writeFileSync(join(texts, 'large.txt'), text);
    const store = storeOf(texts);
    const { child, stderr } = start(['large.txt'], texts);
    while (!store.isBuilding('large.txt')) await sleep(10);
    // As npm and the terminal do.
    child.kill('SIGINT');
    child.kill('SIGINT');
    expect(await once(child, 'close')).to.deep.equal([130, null]);
    expect(stderr()).to.match(/Interrupted\.\n$/);
    expect(namesIn(store)).to.deep.equal(['root']);
  });

  function start(args: string[], root: string): { child: ChildProcess; stderr: () => string } {
    const env = envOf({ DICTIONARIES_DIR: root });
    const child = spawn(process.execPath, [COMMAND, 'index', ...args], { cwd: folder.path, env });
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (more: string) => {
      text += more;
    });
    return { child, stderr: () => text };
  }

  it('fails with a message if INDEX_DIR is not writable', async function () {
    if (process.getuid?.() === 0) this.skip();
    mkdirSync(dir);
    chmodSync(dir, 0o500);
    const outcome = await run(['moby-dick']);
    expect(outcome.stderr).to.match(
      /^INDEX_DIR is not writable\. Give grepd permission, or set it to another folder: EACCES/,
    );
  });

  describeWithMounts('on special file systems', () => {
    const inMounts = (script: string) => run(['moby-dick'], undefined, withMounts(script));

    it('fails with a message if the disk is full', async () => {
      storeOf(TEXTS).create();
      const store = dirname(storeOf(TEXTS).lockPath);
      const outcome = await inMounts(`${fullDisk(store)}; ln -s '${TEXTS}' '${store}/root'`);
      expect(outcome).to.include({ status: 1, stdout: '' });
      expect(outcome.stderr).to.match(/^moby-dick: failed: The disk of INDEX_DIR is full\..*: ENOSPC/);
    });

    it('fails with a message on a read-only file system', async () => {
      mkdirSync(dir);
      const script = `mount --bind '${dir}' '${dir}'; mount -o remount,ro,bind '${dir}'`;
      const created = await inMounts(script);
      expect(created).to.include({ status: 1, stdout: '' });
      expect(created.stderr).to.match(/^INDEX_DIR can't be created, as on a read-only file system\..*: ENOENT/);
      storeOf(TEXTS).create();
      const written = await inMounts(script);
      expect(written).to.include({ status: 1, stdout: '' });
      expect(written.stderr).to.match(/^INDEX_DIR is on a read-only file system\..*: EROFS/);
    });

    it('indexes no files on a file system that may not show changes', async () => {
      writeFileSync(join(texts, 'a.txt'), 'one\n');
      // ramfs is not among the file systems known to be local.
      const script = `mount -t ramfs none '${texts}'; echo one >'${texts}/a.txt'`;
      const outcome = await run(['a.txt'], own(), withMounts(script));
      expect(outcome).to.include({ status: 1, stdout: '' });
      expect(outcome.stderr).to.include(
        'a.txt: no index; not indexed: 1 file on a network or unknown file system, which may not show changes\n',
      );
    });
  });
});
