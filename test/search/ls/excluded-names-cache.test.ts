import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { DictionaryRoot } from '../../../src/search/corpus/dictionary-root.js';
import { ExcludedNamesCache } from '../../../src/search/ls/excluded-names-cache.js';
import { excludedNamesIn } from '../../../src/search/ls/folders.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

const never = new AbortController().signal;
/** The kernel may take the time of a change from its last tick. */
const TICK_MS = 10;

describe('ExcludedNamesCache', () => {
  let folder: TempFolder;
  let root: DictionaryRoot;
  let cache: ExcludedNamesCache;
  /** Makes all changes look old enough to be settled. */
  let clock: SinonFakeTimers;
  beforeEach(async () => {
    folder = await tempFolder();
    await mkdir(path('book/part'), { recursive: true });
    for (const name of ['book/a.txt', 'book/SOURCES.md', 'book/part/b.txt', 'c.txt']) await writeFile(path(name), '');
    execFileSync('mkfifo', [path('fifo')]);
    await sleep(TICK_MS);
    root = await DictionaryRoot.open(folder.path);
    cache = new ExcludedNamesCache();
    clock = useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
  });
  afterEach(async () => {
    clock.restore();
    await folder.remove();
  });

  const path = (name: string) => join(folder.path, name);
  const find = (name = 'book') => excludedNamesIn(root, name, never, cache);

  it('keeps the names while the folder is unchanged', async () => {
    for (const [name, excluded] of [
      ['book', ['SOURCES.md']],
      ['book/part', []],
      ['', ['fifo']],
    ] as const) {
      const names = await find(name);
      expect([...(names ?? [])]).to.deep.equal(excluded);
      expect(await find(name)).to.equal(names);
    }
  });

  it('keeps them although files change, which has no effect on what is listed', async () => {
    const names = await find();
    await writeFile(path('book/a.txt'), 'changed\n');
    await chmod(path('book/a.txt'), 0);
    await writeFile(path('book/part/new.txt'), '');
    expect(await find()).to.equal(names);
  });

  const changes: [title: string, change: () => Promise<unknown>, excluded: string[]][] = [
    ['a special file is added', () => rename(path('fifo'), path('book/fifo')), ['SOURCES.md', 'fifo']],
    ['a file is replaced by a special file', () => rename(path('fifo'), path('book/a.txt')), ['SOURCES.md', 'a.txt']],
    ['a file is added', () => writeFile(path('book/new.txt'), ''), ['SOURCES.md']],
    ['a name is removed', () => rm(path('book/SOURCES.md')), []],
    ['a link to the outside is added', () => symlink('/etc', path('book/out')), ['SOURCES.md', 'out']],
    [
      'the folder is replaced',
      async () => {
        await rename(path('book'), path('.book'));
        await rename(path('.book/part'), path('book'));
      },
      [],
    ],
  ];
  for (const [title, change, excluded] of changes) {
    it(`reads the folder again if ${title}`, async () => {
      await find();
      await change();
      expect([...((await find()) ?? [])]).to.have.members(excluded);
    });
  }

  it('checks the permissions each time', async () => {
    for (const name of ['book', 'book/part']) {
      await find(name);
      await chmod(path('book'), 0o400);
      expect(await find(name), name).to.equal(undefined);
      await chmod(path('book'), 0o755);
    }
  });

  it('follows the links of a folder each time', async () => {
    await symlink('../c.txt', path('book/link'));
    expect([...((await find()) ?? [])]).to.deep.equal(['SOURCES.md']);
    await rm(path('c.txt'));
    expect([...((await find()) ?? [])]).to.have.members(['SOURCES.md', 'link']);
  });

  it('reads a folder each time that has not settled, since its next change may not show', async () => {
    clock.restore();
    await writeFile(path('book/new.txt'), '');
    const names = await find();
    expect(names).to.deep.equal(new Set(['SOURCES.md']));
    expect(await find()).to.not.equal(names);
  });

  it('reads a folder each time that is on a file system of unknown kind', async function () {
    const inProc = '/proc/sys/kernel';
    if (!existsSync(`${inProc}/random`)) this.skip();
    root = await DictionaryRoot.open(inProc);
    clock.setSystemTime(Date.now() + 600_000);
    const names = await find('random');
    expect(names).to.deep.equal(new Set());
    expect(await find('random')).to.not.equal(names);
  });
});
