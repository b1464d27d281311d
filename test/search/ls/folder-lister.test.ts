// Listings beyond the engine contract: strange names, many names, and failures of ls.
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readFile, rmdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import sinon from 'sinon';
import { TimeSlice } from '../../../src/concurrency/time-slice.js';
import { DictionaryRoot } from '../../../src/search/corpus/dictionary-root.js';
import { type Answer, collect, type ListQuery } from '../../../src/search/engine.js';
import { FolderLister } from '../../../src/search/ls/folder-lister.js';
import { excludedNamesIn } from '../../../src/search/ls/folders.js';
import { findLs, type Ls } from '../../../src/search/ls/run-ls.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';
import { codeOf } from '../engines/engine-contract.js';

const never = new AbortController().signal;

describe('FolderLister', () => {
  let folder: TempFolder;
  let root: string;
  beforeEach(async () => {
    folder = await tempFolder();
    root = join(folder.path, 'dictionaries');
    await mkdir(root);
  });
  afterEach(() => folder.remove());

  async function list(query: Partial<ListQuery> = {}, { ls, memoryMib = 256 }: { ls?: Ls; memoryMib?: number } = {}) {
    const lister = new FolderLister({
      root: await DictionaryRoot.open(root),
      ls: ls ?? (await findLs()),
      memoryBytes: memoryMib * 2 ** 20,
    });
    return (signal = never): Answer => lister.list({ folder: '', options: [], ...query }, signal);
  }
  const entries = async (query?: Partial<ListQuery>) => (await collect((await list(query))())).entries;

  /** Writes a shell script that replaces ls. */
  async function script(text: string): Promise<Ls> {
    const program = join(folder.path, 'ls');
    await writeFile(program, `#!/bin/sh\n${text}\n`);
    await chmod(program, 0o755);
    return { program };
  }

  const strange = [
    '"quoted"',
    '\\',
    '\\n',
    ' -> b',
    '!',
    ':',
    'a:',
    '\x07\b\t\n\v\f\r\x1b',
    '\x7f',
    '😀',
    'é',
    'é\\303\\251',
    '~',
    '#',
  ];

  it('returns strange names unchanged, in byte order', async () => {
    for (const name of strange) await writeFile(join(root, name), '');
    const inOrder = [...strange].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(await entries()).to.deep.equal(inOrder);
    const details = (await entries({ options: ['-l'] })).slice(1).map(String);
    expect(details.map((line, at) => line.endsWith(` ${inOrder[at]}`))).to.deep.equal(inOrder.map(() => true));
  });

  it('returns the paths of strange folders', async () => {
    for (const name of strange) await mkdir(join(root, name));
    const headings = (await entries({ options: ['-R'] })).map(String).filter((line) => line.startsWith('./'));
    expect(headings.sort()).to.deep.equal(strange.map((name) => `./${name}:`).sort());
  });

  it('returns invalid UTF-8 as U+FFFD, and omits links to the outside with such names', async () => {
    const touched = Buffer.concat([Buffer.from(`${root}/caf`), Buffer.from([0xe9])]);
    await writeFile(touched, '');
    await symlink('/etc/passwd', Buffer.concat([Buffer.from(`${root}/out`), Buffer.from([0xe9])]));
    expect(await entries()).to.deep.equal(['caf\ufffd']);
  });

  it('reports a folder whose name is not UTF-8 as unreadable', async () => {
    const odd = Buffer.concat([Buffer.from(`${root}/caf`), Buffer.from([0xe9])]);
    await mkdir(odd);
    await symlink('/etc/passwd', Buffer.concat([odd, Buffer.from('/out')]));
    expect(await collect((await list({ options: ['-R'] }))())).to.deep.equal({
      nrOfEntries: 2,
      entries: ['.:', 'caf\ufffd'],
      truncated: 'unreadable_folder',
    });
  });

  it('stops checking the links of a folder when the signal aborts', async () => {
    for (let n = 0; n < 200; n += 1) await symlink('nowhere', join(root, `link-${n}`));
    const opened = await DictionaryRoot.open(root);
    const controller = new AbortController();
    const pending = excludedNamesIn(opened, '', controller.signal).catch((error) => error);
    const reason = new Error('time is up');
    controller.abort(reason);
    expect(await pending).to.equal(reason);
    expect(await excludedNamesIn(opened, '', never)).to.have.property('size', 200);
  });

  it('yields to the event loop while it matches names', async () => {
    for (let n = 0; n < 500; n += 1) await writeFile(join(root, `name-${n}`), '');
    const start = await list({ filter: 'nothing' });
    // Each reading of the clock advances it by 1 ms, so a time slice of 5 ms lasts a few names.
    let now = 0;
    const clock = sinon.stub(performance, 'now').callsFake(() => {
      now += 1;
      return now;
    });
    const yielded = sinon.spy(TimeSlice.prototype, 'yieldToEventLoop');
    try {
      expect(await collect(start())).to.deep.equal({ nrOfEntries: 0, entries: [] });
      expect(yielded.callCount).to.be.above(50);
    } finally {
      clock.restore();
      yielded.restore();
    }
  });

  describe('with -R', () => {
    /** An ls that reads a swapped `sub` under -R, and logs each run. */
    async function swappedLs(): Promise<Ls> {
      await mkdir(join(root, 'sub'));
      await writeFile(join(root, 'sub/own.txt'), '');
      const { program } = await findLs();
      const swapped = `printf '".":\\n"sub"\\n\\n"./sub":\\n"secret.txt"\\n'`;
      return script(`echo run >>${folder.path}/log; case "$*" in *-R*) ${swapped};; *) exec ${program} "$@";; esac`);
    }
    const runs = async () => (await readFile(join(folder.path, 'log'), 'utf8')).split('\n').length - 1;

    it('lists a folder again if it may have been swapped before ls opened it', async () => {
      const start = await list({ options: ['-R'] }, { ls: await swappedLs() });
      expect((await collect(start())).entries).to.deep.equal(['.:', 'sub', '', './sub:', 'own.txt']);
      expect(await runs()).to.equal(2);
    });

    it('runs ls once if no folder has changed recently', async () => {
      const start = await list({ options: ['-R'] }, { ls: await swappedLs() });
      const clock = sinon.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
      try {
        await collect(start());
      } finally {
        clock.restore();
      }
      expect(await runs()).to.equal(1);
    });
  });

  it('omits names that cannot be part of a dictionary, in every folder', async () => {
    await mkdir(join(root, 'sub'));
    await mkdir(join(root, '.hidden'));
    for (const name of ['', 'sub/', '.hidden/']) {
      await writeFile(join(root, `${name}shown.txt`), '');
      await writeFile(join(root, `${name}SOURCES.md`), '');
      execFileSync('mkfifo', [join(root, `${name}fifo`)]);
      await symlink('/etc/passwd', join(root, `${name}out`));
      await symlink('/etc', join(root, `${name}out-folder`));
      await symlink('/dev/null', join(root, `${name}device`));
      await symlink('nowhere', join(root, `${name}nowhere`));
    }
    expect(await entries({ options: ['-R'] })).to.deep.equal(['.:', 'shown.txt', 'sub', '', './sub:', 'shown.txt']);
    expect(await entries({ options: ['-R', '-a'] })).to.deep.equal([
      '.:',
      '.hidden',
      'shown.txt',
      'sub',
      '',
      './.hidden:',
      'shown.txt',
      '',
      './sub:',
      'shown.txt',
    ]);
  });

  it('does not follow a swapped-in link to the outside', async () => {
    await mkdir(join(root, 'sub'));
    // ls finds its folder removed and replaced by a link to the outside.
    const ls = await script('rmdir ../sub; ln -s /etc ../sub; echo "ls: cannot open directory" >&2; exit 2');
    expect(await codeOf(collect((await list({ folder: 'sub' }, { ls }))()))).to.equal('unknown_folder');
  });

  it('returns many names in batches, and counts them', async function () {
    this.timeout(60_000);
    const names = Array.from({ length: 10_000 }, (_, at) => `name-${String(at).padStart(6, '0')}`);
    for (const name of names) await writeFile(join(root, name), '');
    const answer = (await list())();
    const batches: unknown[][] = [];
    for (;;) {
      const step = await answer.next();
      if (step.done) {
        expect(step.value).to.deep.equal({ nrOfEntries: 10_000 });
        break;
      }
      batches.push(step.value);
    }
    expect(batches.flat()).to.deep.equal(names);
    expect(batches.length).to.be.above(2);
  });

  it('kills ls when the signal aborts', async () => {
    const ls = await script('echo \'"a"\'; exec sleep 60');
    const controller = new AbortController();
    const answer = (await list({}, { ls }))(controller.signal);
    const reason = new Error('time is up');
    const timer = setTimeout(() => controller.abort(reason), 50);
    await answer.next().then(
      () => expect.fail('did not throw'),
      (error) => expect(error).to.equal(reason),
    );
    clearTimeout(timer);
  });

  it('kills ls when the reader leaves early', async () => {
    const ls = await script('echo $$ >../pid; yes \'"a name"\'');
    const answer = (await list({}, { ls }))();
    await answer.next();
    const pid = Number(await readFile(join(folder.path, 'pid'), 'utf8'));
    await answer.return({ nrOfEntries: 0 });
    expect(() => process.kill(pid, 0)).to.throw('ESRCH');
  });

  it('reports a folder that was removed during the listing', async () => {
    await mkdir(join(root, 'sub'));
    const start = await list({ folder: 'sub' }, { ls: await script('rmdir ../sub; ls -Q; exit 2') });
    expect(await codeOf(collect(start()))).to.equal('unknown_folder');
  });

  it('reports an unreadable folder if only ls detects it', async () => {
    const ls = await script('echo "ls: cannot open directory \'.\': Permission denied" >&2; exit 2');
    expect(await codeOf(collect((await list({}, { ls }))()))).to.equal('unreadable_folder');
  });

  it('reports an unreadable subfolder if only ls detects it', async () => {
    const ls = await script('echo \'"a"\'; echo "ls: cannot open directory \'./b\': Permission denied" >&2; exit 1');
    expect(await collect((await list({}, { ls }))())).to.deep.equal({
      nrOfEntries: 1,
      entries: ['a'],
      truncated: 'unreadable_folder',
    });
  });

  it('reports no unreadable subfolder that the caller may not see', async () => {
    const listWith = async (quoted: string) => {
      const ls = await script(`echo '"a"'; echo "ls: cannot open directory ${quoted}: Permission denied" >&2; exit 1`);
      return collect((await list({ isVisible: (name) => name === 'a' || name === 'seen' }, { ls }))());
    };
    for (const quoted of ["'./hidden'", "'./hidden/sub'", '\\"./it\'s\\"'])
      expect(await listWith(quoted), quoted).to.deep.equal({ nrOfEntries: 1, entries: ['a'] });
    for (const quoted of ["'./seen'", "'./seen/sub'"])
      expect(await listWith(quoted), quoted).to.include({ truncated: 'unreadable_folder' });
  });

  it('reports a subfolder that ls fails to read for another reason', async () => {
    const ls = await script('echo \'"a"\'; echo "ls: reading directory \'./b\': Input/output error" >&2; exit 1');
    expect(await collect((await list({}, { ls }))())).to.include({ nrOfEntries: 1, truncated: 'unreadable_folder' });
  });

  it('ignores a file that was removed during the listing', async () => {
    const ls = await script('echo \'"a"\'; echo "ls: cannot access \'b\': No such file or directory" >&2; exit 1');
    expect(await collect((await list({}, { ls }))())).to.deep.equal({ nrOfEntries: 1, entries: ['a'] });
  });

  it('reports that ls ran out of memory', async () => {
    const ls = await script('echo "ls: memory exhausted" >&2; exit 2');
    expect(await codeOf(collect((await list({}, { ls }))()))).to.equal('search_memory');
  });

  it('treats a killed ls as an exceeded memory limit', async () => {
    const ls = await script('echo \'"a"\'; kill -KILL $$');
    expect(await codeOf(collect((await list({}, { ls }))()))).to.equal('search_memory');
  });

  it('limits the memory of ls', async () => {
    const ls = await script('ulimit -v >&2; exit 2');
    await collect((await list({}, { ls, memoryMib: 64 }))()).then(
      () => expect.fail('did not throw'),
      (error) => expect(error.message).to.include(String(64 * 1024)),
    );
  });

  it('treats an unexplained failure of ls as a bug', async () => {
    await collect((await list({}, { ls: await script('exit 2') }))()).then(
      () => expect.fail('did not throw'),
      (error) => expect(error).to.have.property('name', 'LsError'),
    );
  });

  it('returns an empty answer for an empty folder', async () => {
    expect(await entries()).to.deep.equal([]);
    expect(await entries({ options: ['-R'] })).to.deep.equal(['.:']);
    const start = await list();
    await rmdir(root);
    expect(await codeOf(collect(start()))).to.equal('no_dictionaries');
  });
});

describe('findLs', () => {
  it('rejects a missing ls, and one that is not of coreutils', async () => {
    const { PATH } = process.env;
    const folder = await tempFolder();
    const find = () => findLs().catch((error) => error);
    try {
      process.env.PATH = folder.path;
      expect(await find())
        .to.have.property('message')
        .that.includes('There is no ls in PATH');
      await writeFile(join(folder.path, 'ls'), '#!/bin/sh\necho BusyBox; exit 1\n');
      await chmod(join(folder.path, 'ls'), 0o755);
      expect(await find())
        .to.have.property('message')
        .that.includes('is not the ls of GNU coreutils');
    } finally {
      process.env.PATH = PATH;
      await folder.remove();
    }
  });
});
