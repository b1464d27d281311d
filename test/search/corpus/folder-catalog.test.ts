import { existsSync } from 'node:fs';
import { chmod, cp, link, mkdir, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import sinon, { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { Dictionaries } from '../../../src/search/corpus/dictionaries.js';
import { DictionaryRoot, ForbiddenError, NotFoundError } from '../../../src/search/corpus/dictionary-root.js';
import { type CatalogCounts, createCatalogCounts, FolderCatalog } from '../../../src/search/corpus/folder-catalog.js';
import type { FolderSnapshot } from '../../../src/search/corpus/folder-snapshot.js';
import { Pace } from '../../../src/search/corpus/pace.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

const pace = () => new Pace(new AbortController().signal);

/** The kernel may take the time of a change from its last tick. */
const TICK_MS = 10;

describe('FolderCatalog', () => {
  let folder: TempFolder;
  let root: DictionaryRoot;
  let catalog: FolderCatalog;
  let counts: CatalogCounts;
  /** Makes all changes look old enough to be settled. */
  let clock: SinonFakeTimers;
  beforeEach(async () => {
    folder = await tempFolder();
    await write({
      'book/a.txt': 'a\n',
      'book/b.txt': 'b\n',
      'book/part/c.txt': 'c\n',
      'out.txt': 'o\n',
      'out2.txt': 'o\n',
    });
    await symlink('../out.txt', path('book/link'));
    await symlink('book', path('alias'));
    await cp(path('book'), path('copy'), { recursive: true, verbatimSymlinks: true });
    await sleep(TICK_MS);
    root = await DictionaryRoot.open(folder.path);
    counts = createCatalogCounts();
    catalog = new FolderCatalog(root, counts);
    clock = useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
  });
  afterEach(async () => {
    clock.restore();
    await folder.remove();
  });

  const path = (name: string) => join(folder.path, name);
  const find = (name = 'book'): Promise<FolderSnapshot> => catalog.find(name, root.stat(name), pace());

  async function write(files: Record<string, string>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(path(name)), { recursive: true });
      await writeFile(path(name), text);
    }
  }

  /** What a new catalog finds. */
  async function read(name: string): Promise<string[]> {
    const snapshot = await new FolderCatalog(root, createCatalogCounts()).find(name, root.stat(name), pace());
    return versionsIn(snapshot);
  }
  const versionsIn = ({ files }: FolderSnapshot) =>
    files.map((file) => `${file.path} ${file.realPath} ${file.version}`);

  it('finds the files in byte order, with those that links lead to', async () => {
    const { files, bytes, realPath, isSettled } = await find('alias');
    expect(files.map(({ path, realPath }) => [path, realPath])).to.deep.equal([
      ['alias/a.txt', 'book/a.txt'],
      ['alias/b.txt', 'book/b.txt'],
      ['alias/link', 'out.txt'],
      ['alias/part/c.txt', 'book/part/c.txt'],
    ]);
    expect({ bytes, realPath, isSettled }).to.deep.equal({ bytes: 8, realPath: 'book', isSettled: true });
  });

  it('finds the folders, even empty ones', async () => {
    for (const name of ['book/part/empty', 'book/.hidden/part']) await mkdir(path(name), { recursive: true });
    expect((await find('alias')).subfolders).to.have.members(['alias/part', 'alias/part/empty']);
    expect((await find('book/part')).subfolders).to.deep.equal(['book/part/empty']);
  });

  it('omits what is hidden, not a file, or linked from elsewhere', async () => {
    await write({ 'book/.hidden': 'h\n', 'book/SOURCES.md': 's\n', 'book/.git/config': 'c\n' });
    await symlink('/etc/passwd', path('book/outside'));
    await symlink('part', path('book/folder-link'));
    await symlink('nowhere', path('book/nowhere'));
    const { files } = await find();
    expect(files.map(({ path }) => path)).to.deep.equal(['book/a.txt', 'book/b.txt', 'book/link', 'book/part/c.txt']);
  });

  it('returns the same snapshot while nothing changes, and knows it without I/O', async () => {
    expect(catalog.get('book')).to.equal(undefined);
    const snapshot = await find();
    expect(await find()).to.equal(snapshot);
    expect(catalog.get('book')).to.equal(snapshot);
    expect(counts).to.deep.equal({ folders: 1, files: 4, packedBytes: 0, lookUps: { unchanged: 1, read: 1 } });
    await find('copy');
    expect(counts).to.deep.include({ folders: 2, files: 8, lookUps: { unchanged: 1, read: 2 } });
  });

  const replaceLink = async (name: string, target: string) => {
    await symlink(target, path('.link'));
    await rename(path('.link'), path(name));
  };
  const replace = async (name: string, text: string) => {
    await writeFile(path('.new'), text);
    await rename(path('.new'), path(name));
  };
  /** Makes a change, and then sets the modification time back. */
  const withOldTime = async (name: string, change: () => Promise<void>) => {
    const { atime, mtime } = await stat(path(name));
    await change();
    await utimes(path(name), atime, mtime);
  };

  const changes: [title: string, change: () => Promise<unknown>][] = [
    ['a file is rewritten in place', () => writeFile(path('book/a.txt'), 'A\n')],
    [
      'a file is rewritten, and its time set back',
      () => withOldTime('book/a.txt', () => write({ 'book/a.txt': 'A\n' })),
    ],
    ['a file is replaced', () => replace('book/a.txt', 'A\n')],
    ['a file is touched', () => utimes(path('book/a.txt'), 1, 1)],
    ['a file is added', () => write({ 'book/d.txt': 'd\n' })],
    ['a file is removed', () => rm(path('book/a.txt'))],
    ['a file is renamed', () => rename(path('book/a.txt'), path('book/z.txt'))],
    [
      'two files are swapped',
      async () => {
        await rename(path('book/a.txt'), path('book/z.txt'));
        await rename(path('book/b.txt'), path('book/a.txt'));
        await rename(path('book/z.txt'), path('book/b.txt'));
      },
    ],
    ['a file is replaced by a link', () => replaceLink('book/a.txt', '../out.txt')],
    ['a file gets a second name', () => link(path('book/a.txt'), path('hard-link'))],
    ['the mode of a file changes', () => chmod(path('book/a.txt'), 0o640)],
    ['the mode of the folder changes', () => chmod(path('book'), 0o750)],
    ['the mode of a subfolder changes', () => chmod(path('book/part'), 0o750)],
    ['a file in a subfolder is rewritten in place', () => writeFile(path('book/part/c.txt'), 'C\n')],
    ['a file is added in a subfolder', () => write({ 'book/part/d.txt': 'd\n' })],
    ['a subfolder is added', () => write({ 'book/new/d.txt': 'd\n' })],
    ['an empty subfolder is added', () => mkdir(path('book/new'))],
    ['a subfolder is removed', () => rm(path('book/part'), { recursive: true })],
    [
      'a subfolder is replaced',
      async () => {
        await rename(path('book/part'), path('.part'));
        await rename(path('copy/part'), path('book/part'));
      },
    ],
    [
      'a subfolder is replaced by a link',
      async () => {
        await rename(path('book/part'), path('.part'));
        await symlink('../copy/part', path('book/part'));
      },
    ],
    [
      'the folder is replaced',
      async () => {
        await rename(path('book'), path('.book'));
        await rename(path('copy'), path('book'));
      },
    ],
    ['a link is retargeted', () => replaceLink('book/link', '../out2.txt')],
    ['the target of a link is rewritten in place', () => writeFile(path('out.txt'), 'O\n')],
    ['the target of a link is replaced', () => replace('out.txt', 'o\n')],
    ['the target of a link is removed', () => rm(path('out.txt'))],
    ['the target of a link becomes a link', () => replaceLink('out.txt', 'out2.txt')],
    ['the target of a link becomes a link to the outside', () => replaceLink('out.txt', '/etc/passwd')],
  ];
  for (const [title, change] of changes) {
    it(`returns a new snapshot if ${title}`, async () => {
      const before = await find();
      expect(await find()).to.equal(before);
      await change();
      const after = await find();
      expect(after).to.not.equal(before);
      expect(versionsIn(after)).to.deep.equal(await read('book'));
      expect(await find()).to.equal(after);
      expect(counts.lookUps).to.deep.equal({ unchanged: 2, read: 2 });
    });
  }

  it('returns a new snapshot if the link that names the folder is retargeted, even to an equal folder', async () => {
    const before = await find('alias');
    await replaceLink('alias', 'copy');
    const after = await find('alias');
    expect(after).to.not.equal(before);
    expect(after.realPath).to.equal('copy');
    expect(await find('alias')).to.equal(after);
  });

  it('notices a link whose missing target appears', async () => {
    await rm(path('out.txt'));
    const before = await find();
    expect(await find()).to.equal(before);
    await rename(path('out2.txt'), path('out.txt'));
    expect((await find()).files).to.have.length(before.files.length + 1);
  });

  it('has the same files after a change that affects none', async () => {
    const before = await find();
    await write({ 'book/.hidden': 'h\n' });
    const after = await find();
    expect(after).to.not.equal(before);
    expect(after.hasSameFiles(before)).to.equal(true);
    expect(after.version).to.equal(before.version).and.not.equal(undefined);
    await writeFile(path('book/a.txt'), 'A\n');
    expect((await find()).hasSameFiles(after)).to.equal(false);
    expect((await find()).version).to.not.equal(after.version);
  });

  describe('of a folder that has not settled', () => {
    it('reads it again each time, since its next change may not show', async () => {
      clock.restore();
      const before = await find();
      expect({ isSettled: before.isSettled, version: before.version }).to.deep.equal({
        isSettled: false,
        version: undefined,
      });
      expect(await find()).to.not.equal(before);
      expect(counts.lookUps).to.deep.equal({ unchanged: 0, read: 2 });
    });

    for (const [title, name] of [
      ['a file', 'book/a.txt'],
      ['a folder', 'book/part'],
      ['the target of a link', 'out.txt'],
    ] as const) {
      it(`waits two seconds after a change of ${title}`, async () => {
        await chmod(path(name), 0o700);
        const { ctimeMs } = await stat(path(name));
        clock.setSystemTime(ctimeMs + 1_990);
        expect(await find()).to.have.property('isSettled', false);
        clock.setSystemTime(ctimeMs + 2_010);
        expect(await find()).to.have.property('isSettled', true);
      });
    }

    it('has a version if its files have settled', async () => {
      await write({ 'book/.hidden': 'h\n' });
      const { ctimeMs } = await stat(path('book'));
      clock.setSystemTime(ctimeMs + 1_999);
      const { isSettled, version } = await find();
      expect(isSettled).to.equal(false);
      expect(version).to.be.a('string');
    });
  });

  it('never knows a folder on a file system of unknown kind', async function () {
    const folder = '/proc/sys/kernel';
    if (!existsSync(`${folder}/random/boot_id`)) this.skip();
    const proc = await DictionaryRoot.open(folder);
    const inProc = new FolderCatalog(proc, counts);
    // Later than any time in /proc.
    clock.setSystemTime(Date.now() + 600_000);
    const snapshot = await inProc.find('random', proc.stat('random'), pace());
    expect(snapshot.files).to.not.deep.equal([]);
    expect(snapshot.isSettled).to.equal(false);
    expect(await inProc.find('random', proc.stat('random'), pace())).to.not.equal(snapshot);
  });

  for (const name of ['book/a.txt', 'book/part', 'out.txt']) {
    it(`throws ForbiddenError while ${name} is not readable`, async () => {
      const before = await find();
      const { mode } = await stat(path(name));
      await chmod(path(name), 0);
      expect(await find().catch((error) => error)).to.be.an.instanceOf(ForbiddenError);
      await chmod(path(name), mode);
      expect(versionsIn(await find())).to.have.length(before.files.length);
    });
  }

  it('throws NotFoundError for a folder that was removed', async () => {
    await find();
    const resolved = root.stat('book');
    await rm(path('book'), { recursive: true });
    expect(await catalog.find('book', resolved, pace()).catch((error) => error)).to.be.an.instanceOf(NotFoundError);
    expect(catalog.get('book')).to.equal(undefined);
    expect(counts).to.deep.include({ folders: 0, files: 0 });
  });

  it('stops when the signal aborts', async () => {
    const controller = new AbortController();
    const reason = new Error('time is up');
    controller.abort(reason);
    const expired = new Pace(controller.signal);
    sinon.stub(expired, 'isExpired').get(() => true);
    expect(await catalog.find('book', root.stat('book'), expired).catch((error) => error)).to.equal(reason);
    const snapshot = await find();
    expect(await catalog.find('book', root.stat('book'), expired).catch((error) => error)).to.equal(reason);
    expect(await find()).to.equal(snapshot);
  });

  it('forgets a folder once its name leads to none that is readable', async () => {
    const changes: [change: () => Promise<void>, code: string | undefined][] = [
      [() => rm(path('book'), { recursive: true }), 'unknown_dictionary'],
      [() => chmod(path('book'), 0), 'unreadable_dictionary'],
      [() => chmod(path('out.txt'), 0), 'unreadable_dictionary'],
      [() => rename(path('book'), path('.book')).then(() => writeFile(path('book'), 'a file\n')), undefined],
    ];
    for (const [change, code] of changes) {
      const dictionaries = await Dictionaries.open(folder.path, undefined, counts);
      await dictionaries.find('book');
      expect(dictionaries.knownFolder('book')).to.not.equal(undefined);
      expect(counts).to.include({ folders: 1, files: 4 });
      await change();
      expect(
        await dictionaries.find('book').then(
          () => undefined,
          (error) => error.code,
        ),
      ).to.equal(code);
      if (code !== undefined) expect(dictionaries.knownFolder('book')).to.equal(undefined);
      await rm(path('book'), { recursive: true, force: true });
      await write({ 'book/a.txt': 'a\n', 'book/b.txt': 'b\n', 'book/c.txt': 'c\n' });
      await chmod(path('out.txt'), 0o644);
      await symlink('../out.txt', path('book/link'));
    }
  });

  it('looks a folder up once for all that ask before the look-up starts', async () => {
    const dictionaries = await Dictionaries.open(folder.path);
    const lookUp = sinon.spy(FolderCatalog.prototype, 'find');
    try {
      for (const callCount of [1, 2]) {
        const [first, second] = await Promise.all([dictionaries.find('book'), dictionaries.find('book')]);
        expect(lookUp.callCount).to.equal(callCount);
        expect(first?.snapshot).to.equal(second?.snapshot);
      }
      const first = dictionaries.find('book');
      while (lookUp.callCount === 2) await new Promise((resolve) => setImmediate(resolve));
      await Promise.all([first, dictionaries.find('book')]);
      expect(lookUp.callCount).to.equal(4);
    } finally {
      lookUp.restore();
    }
  });
});
