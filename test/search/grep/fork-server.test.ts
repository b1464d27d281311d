// grep, started from a shell that waits for what to start.
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { findGrep } from '../../../src/search/grep/find-grep.js';
import { type ForkedRun, ForkServers } from '../../../src/search/grep/fork-server.js';
import { untilEnded } from '../../helpers/processes.js';
import { PROJECT } from '../../helpers/project.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

const never = new AbortController().signal;

describe('ForkServers', () => {
  let folder: TempFolder;
  let program: string;
  let servers: ForkServers;
  let fds: number[];
  beforeEach(async () => {
    folder = await tempFolder();
    fds = [];
    ({ program } = await findGrep());
    servers = new ForkServers([program, '-a', '-h', '-F'], { LC_ALL: 'C' });
  });
  afterEach(async () => {
    await servers.close();
    for (const fd of fds) closeSync(fd);
    await folder.remove();
  });

  async function textOf(text: string): Promise<number> {
    const path = join(folder.path, 'text');
    await writeFile(path, text);
    const fd = openSync(path, 'r');
    fds.push(fd);
    return fd;
  }

  const run = (options: Partial<ForkedRun>, signal = never) =>
    servers.run({ terms: ['o'], options: [], text: 0, maxBytes: 1000, ...options }, signal);
  /** Returns the process ids of the shells. */
  const shells = () =>
    (readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').match(/\d+/g) ?? []).filter((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('while read'),
    );

  it('returns the output and the exit status of grep', async () => {
    const text = await textOf('one\ntwo\nthree\n');
    expect(await run({ text })).to.deep.equal({ status: 0, stdout: Buffer.from('one\ntwo\n'), isComplete: true });
    const none = { status: 1, stdout: Buffer.from(''), isComplete: true };
    expect(await run({ text, terms: ['x', 'y'] })).to.deep.equal(none);
    const located = await run({ text, terms: ['thr', 'one'], options: ['-n', '-B', '1', '-A', '0'] });
    expect(String(located?.stdout)).to.equal('1:one\n2-two\n3:three\n');
  });

  it('never interprets terms', async () => {
    const terms = [
      '$(id)',
      '`id`',
      '-e x',
      "'",
      '"',
      '\\',
      '*',
      '; id',
      '&',
      '/proc/1/fd/2 -r',
      '%s',
      ' lead',
      'é\u{1f600}',
    ];
    const text = await textOf(terms.map((term) => `${term}\n`).join(''));
    for (const term of terms) expect(String((await run({ text, terms: [term] }))?.stdout)).to.equal(`${term}\n`);
    expect(String((await run({ text, terms }))?.stdout)).to.equal(terms.map((term) => `${term}\n`).join(''));
    // Fewer and shorter terms fully replace the previous ones.
    expect(String((await run({ text, terms: ['%'] }))?.stdout)).to.equal('%s\n');
  });

  it('rejects options that are unsafe in a shell', async () => {
    const text = await textOf('one\n');
    for (const word of ['$HOME', 'a b', '*', ';', '', "'", '>x', 'a\nb', '`', '~', '-é']) {
      const error = await run({ text, options: [word] }).then(
        () => undefined,
        (reason) => reason,
      );
      expect(error?.message, word).to.include('must be safe in a shell');
    }
    expect(String((await run({ text }))?.stdout)).to.equal('one\n');
  });

  it('reads the open text even if the file is replaced or removed', async () => {
    const text = await textOf('old one\n');
    await writeFile(join(folder.path, 'new'), 'new one\n');
    await rename(join(folder.path, 'new'), join(folder.path, 'text'));
    expect(String((await run({ text }))?.stdout)).to.equal('old one\n');
    await rm(join(folder.path, 'text'));
    expect(String((await run({ text }))?.stdout)).to.equal('old one\n');
  });

  it('keeps at most maxBytes of output', async () => {
    const text = await textOf('one\n'.repeat(100_000));
    const forked = await run({ text, maxBytes: 10 });
    expect(forked).to.deep.equal({ status: 0, stdout: Buffer.from('one\none\non'), isComplete: false });
    const edge = await textOf('one\n'.repeat(250));
    expect((await run({ text: edge, maxBytes: 1000 }))?.isComplete).to.equal(true);
    expect((await run({ text: edge, maxBytes: 999 }))?.isComplete).to.equal(false);
  });

  it('never mistakes text for the end marker', async () => {
    const lines = Array.from({ length: 300 }, (_, n) => `\0${n.toString(16).padStart(32, '0')}   0\n`).join('');
    const text = await textOf(lines);
    const forked = await run({ text, terms: ['0'], maxBytes: 1e6 });
    expect(String(forked?.stdout)).to.equal(lines);
  });

  it('reuses one shell for successive runs, and starts a limited number for concurrent ones', async () => {
    const text = await textOf('one\n');
    const before = shells().length;
    for (let n = 0; n < 5; n += 1) await run({ text });
    expect(shells()).to.have.length(before + 1);
    const all = await Promise.all(Array.from({ length: 10 }, () => run({ text })));
    expect(all.filter((forked) => forked === undefined)).to.have.length(6);
    for (const forked of all) if (forked !== undefined) expect(String(forked.stdout)).to.equal('one\n');
    expect(shells()).to.have.length(before + 4);
  });

  it('kills an aborted run, and stays usable', async () => {
    const slow = join(folder.path, 'slow');
    await writeFile(slow, `#!/bin/sh\necho $$ >'${folder.path}/pid'\nsleep 60\n`);
    await chmod(slow, 0o755);
    const script = join(folder.path, 'maybe-slow');
    await writeFile(
      script,
      `#!/bin/sh\nif [ -e '${folder.path}/fast' ]; then exec '${program}' "$@"; fi\nexec '${slow}'\n`,
    );
    await chmod(script, 0o755);
    await servers.close();
    servers = new ForkServers([script, '-F'], { LC_ALL: 'C', PATH: process.env.PATH ?? '' });
    const text = await textOf('one\n');
    const leaver = new AbortController();
    const left = run({ text }, leaver.signal).catch((error) => error);
    let pid = '';
    while (pid === '') {
      await sleep(5);
      pid = await readFile(join(folder.path, 'pid'), 'utf8').catch(() => '');
    }
    leaver.abort(new Error('left'));
    expect((await left).message).to.equal('left');
    await untilEnded(Number(pid));
    await writeFile(join(folder.path, 'fast'), '');
    expect(String((await run({ text }))?.stdout)).to.equal('one\n');
  });

  it('returns undefined when the shell is killed, and backs off after failures', async () => {
    const text = await textOf('one\n');
    await run({ text });
    const killed = shells().at(-1);
    process.kill(Number(killed), 'SIGKILL');
    expect(await run({ text })).to.equal(undefined);
    expect(await run({ text })).to.equal(undefined);
    await servers.close();
    servers = new ForkServers([program, '-F'], { LC_ALL: 'C' });
    expect((await run({ text, options: ['--no-such-option'] }))?.status).to.equal(2);
    await servers.close();
    servers = new ForkServers([join(folder.path, 'absent')], {});
    expect((await run({ text }))?.status).to.equal(127);
  });

  it('kills the grep of a killed shell, and returns undefined immediately', async () => {
    const slow = join(folder.path, 'slow');
    await writeFile(
      slow,
      `#!/bin/sh\necho $$ >'${folder.path}/pid.new'\nmv '${folder.path}/pid.new' '${folder.path}/pid'\nsleep 60\n`,
    );
    await chmod(slow, 0o755);
    servers = new ForkServers([slow], { PATH: process.env.PATH ?? '' });
    const forked = run({ text: await textOf('one\n') });
    let pid = '';
    while (pid === '') {
      await sleep(5);
      pid = await readFile(join(folder.path, 'pid'), 'utf8').catch(() => '');
    }
    process.kill(Number(shells().at(-1)), 'SIGKILL');
    expect(await forked).to.equal(undefined);
    await untilEnded(Number(pid));
  });

  it('leaves no file behind, and none open after its shell has exited', async () => {
    const names = () =>
      [...readdirSync('/dev/shm'), ...readdirSync('/tmp')].filter((name) => name.startsWith('grepd-')).toSorted();
    const open = () => readdirSync('/proc/self/fd').filter((fd) => nameOf(fd).includes('(deleted)')).length;
    const [namesBefore, openBefore] = [names(), open()];
    const text = await textOf('one\n');
    await run({ text });
    expect(names()).to.deep.equal(namesBefore);
    expect(open()).to.equal(openBefore + 1);
    process.kill(Number(shells().at(-1)), 'SIGKILL');
    while (open() > openBefore) await sleep(5);
  });

  it('ends its shells on close, including those that are being killed', async () => {
    const text = await textOf('one\n');
    const [shellsBefore, openBefore] = [shells().length, readdirSync('/proc/self/fd').length];
    await Promise.all([run({ text }), run({ text }), run({ text })]);
    const leaver = new AbortController();
    const left = run({ text }, leaver.signal).catch(() => {});
    leaver.abort();
    await left;
    expect(shells().length).to.be.above(shellsBefore);
    await servers.close();
    expect(shells()).to.have.length(shellsBefore);
    expect(readdirSync('/proc/self/fd')).to.have.length(openBefore);
    await servers.close();
  });

  it('does not keep its process alive, and does not outlive it', async () => {
    const module = pathToFileURL(join(PROJECT, 'dist/src/search/grep/fork-server.js')).href;
    const code = `
      import { ForkServers } from ${JSON.stringify(module)};
      import { openSync, readFileSync } from 'node:fs';
      const servers = new ForkServers([${JSON.stringify(program)}, '-F'], {});
      const text = openSync(${JSON.stringify(join(folder.path, 'text'))});
      const { stdout } = await servers.run({ terms: ['o'], options: [], text, maxBytes: 100 }, new AbortController().signal);
      console.log(readFileSync('/proc/self/task/' + process.pid + '/children', 'latin1').trim() + ' ' + stdout);`;
    await textOf('one\n');
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', code], {
      encoding: 'utf8',
      timeout: 9_000,
    });
    const [, pid, line] = /^(\d+) (one)\n/.exec(output) ?? [];
    expect(line).to.equal('one');
    await untilEnded(Number(pid));
  });

  function nameOf(fd: string): string {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  }
});
