import { symlinkSync } from 'node:fs';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { Dictionaries } from '../../../../src/search/corpus/dictionaries.js';
import type { DictionaryFile } from '../../../../src/search/corpus/dictionary-file.js';
import { NotFoundError } from '../../../../src/search/corpus/dictionary-root.js';
import type { FolderSnapshot } from '../../../../src/search/corpus/folder-snapshot.js';
import { Pace } from '../../../../src/search/corpus/pace.js';
import { FolderPlan, FolderPlans, stepsFor } from '../../../../src/search/engines/grep/folder-plan.js';
import { maxFilesPerGrep } from '../../../../src/search/engines/grep/open-files.js';
import { type TempFolder, tempFolder } from '../../../helpers/temp-folder.js';

const MARK = '\ufeff';
const MIB = 1024 * 1024;

describe('FolderPlan', () => {
  const pace = new Pace(new AbortController().signal);
  let folder: TempFolder;
  let clock: SinonFakeTimers;
  beforeEach(async () => {
    folder = await tempFolder();
    clock = useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
  });
  afterEach(async () => {
    clock.restore();
    await folder.remove();
  });

  async function write(files: Record<string, string | Buffer>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder.path, name)), { recursive: true });
      await writeFile(join(folder.path, name), text);
    }
  }

  async function snapshotOf(name = 'book'): Promise<FolderSnapshot> {
    const { snapshot } = await (await Dictionaries.open(folder.path)).find(name);
    return snapshot as FolderSnapshot;
  }

  /** Returns the steps: the operands of a run, or the path of a file with a grep of its own. */
  async function stepsOf(
    plan: FolderPlan,
    { needsLfOnly = false, hasCrlf = async (_: DictionaryFile) => false } = {},
  ): Promise<(string | (string | undefined)[])[]> {
    const steps = await plan.steps(needsLfOnly, { root: folder.path, hasCrlf }, pace);
    return steps.map((step) => ('file' in step ? step.file.path : [...step.names]));
  }

  const create = async (name?: string) => FolderPlan.create(await snapshotOf(name), undefined, pace);

  it('lets one grep open all files by their names', async () => {
    await write({ 'book/a.txt': 'a\n', 'book/b/c.txt': 'c\n', 'book/-e': 'dash\n', 'book/b/-': 'dash\n' });
    expect(await stepsOf(await create())).to.deep.equal([['-e', 'a.txt', 'b/-', 'b/c.txt']]);
  });

  it('leaves out steps and operands of files that a search does not read', async () => {
    await write({
      'book/a': 'a\n',
      'book/b.gz': 'b',
      'book/c': 'c\n',
      'book/d': 'd\n',
      'book/e.gz': 'e',
      'book/f': 'f\n',
    });
    const plan = await create();
    const steps = await plan.steps(false, { root: folder.path, hasCrlf: async () => false }, pace);
    for (const [names, expected] of [
      ['abcdef', [['a'], 'b.gz', ['c', 'd'], 'e.gz', ['f']]],
      ['bd', ['b.gz', ['d']]],
      ['cf', [['c'], ['f']]],
      ['e', ['e.gz']],
      ['', []],
    ] as const) {
      const files = plan.snapshot.files.filter(({ path }) => names.includes(path.charAt('book/'.length)));
      const selected = [...stepsFor(files, steps)];
      expect(
        selected.map((step) => ('file' in step ? step.file.path.slice('book/'.length) : step.names)),
      ).to.deep.equal(expected);
      expect(selected.flatMap((step) => ('file' in step ? step.file : step.files))).to.deep.equal(files);
    }
  });

  it('does not let grep read its standard input for a file named -', async () => {
    await write({ 'book/-': 'dash\n', 'book/a': 'a\n' });
    expect(await stepsOf(await create())).to.deep.equal([['./-', 'a']]);
  });

  it('opens files for grep whose names contain a newline', async () => {
    await write({ 'book/a': 'a\n', 'book/b\nc': 'b\n', 'book/d\n/e': 'e\n' });
    expect(await stepsOf(await create())).to.deep.equal([['a', undefined, undefined]]);
  });

  it('opens files with a byte order mark for grep, and gives large ones a grep of their own', async () => {
    await write({ 'book/a': 'a\n', 'book/b': `${MARK}b\n`, 'book/c': MARK + 'c'.repeat(MIB), 'book/d': 'd\n' });
    expect(await stepsOf(await create())).to.deep.equal([['a', undefined], 'book/c', ['d']]);
  });

  it('gives files that need decoding a grep of their own', async () => {
    const utf16 = Buffer.from('\ufeffb\n', 'utf16le');
    await write({ 'book/a': 'a\n', 'book/b': utf16, 'book/c': 'c\n', 'book/d.latin1': 'd\n', 'book/e': 'e\n' });
    const plan = await create();
    for (const needsLfOnly of [false, true]) {
      expect(await stepsOf(plan, { needsLfOnly })).to.deep.equal([['a'], 'book/b', ['c'], 'book/d.latin1', ['e']]);
    }
  });

  it('limits the copies of files with a byte order mark for one grep', async () => {
    const text = MARK + 'x'.repeat(MIB - Buffer.byteLength(MARK));
    for (const name of ['a', 'b', 'c', 'd', 'e']) await write({ [`book/${name}`]: text });
    const four = [undefined, undefined, undefined, undefined];
    expect(await stepsOf(await create())).to.deep.equal([four, [undefined]]);
  });

  it('limits the files that grepd opens for one grep', async () => {
    await write({ 'target.txt': 'text\n', 'book/a': 'a\n' });
    const links = Array.from({ length: maxFilesPerGrep + 1 }, (_, n) => `link-${n}`);
    for (const name of links) symlinkSync('../target.txt', join(folder.path, 'book', name));
    const steps = await stepsOf(await create());
    expect(steps.map(({ length }) => length)).to.deep.equal([maxFilesPerGrep + 1, 1]);
  });

  it('gives files with CRLF a grep of their own only if that makes a difference', async () => {
    await write({ 'book/a': 'a\n', 'book/b': 'b\r\n', 'book/c': 'c\n' });
    const plan = await create();
    expect(await stepsOf(plan)).to.deep.equal([['a', 'b', 'c']]);
    expect(await stepsOf(plan, { needsLfOnly: true })).to.deep.equal([['a'], 'book/b', ['c']]);
    expect(await stepsOf(plan)).to.deep.equal([['a', 'b', 'c']]);
  });

  it('has large files scanned for CRLF, once and only if that makes a difference', async () => {
    await write({ 'book/a': 'x'.repeat(256 * 1024), 'book/b': 'b\n' });
    const plan = await create();
    const scanned: string[] = [];
    const hasCrlf = async ({ path }: DictionaryFile) => {
      scanned.push(path);
      return true;
    };
    expect(await stepsOf(plan, { hasCrlf })).to.deep.equal([['a', 'b']]);
    expect(scanned).to.deep.equal([]);
    for (let times = 0; times < 2; times += 1) {
      expect(await stepsOf(plan, { needsLfOnly: true, hasCrlf })).to.deep.equal(['book/a', ['b']]);
    }
    expect(scanned).to.deep.equal(['book/a']);
  });

  it('gives compressed files a grep of their own, without reading them', async () => {
    await write({ 'book/a': 'a\n', 'book/b.gz': `${MARK}not compressed\r\n`, 'book/c': 'c\n' });
    const plan = await create();
    for (const needsLfOnly of [false, true]) {
      expect(await stepsOf(plan, { needsLfOnly })).to.deep.equal([['a'], 'book/b.gz', ['c']]);
    }
  });

  it('opens files that links lead to, inside and outside of the folder', async () => {
    await write({ 'out.txt': 'out\n', 'book/b': 'b\n', 'book/c/d': 'd\n' });
    await symlink('../out.txt', join(folder.path, 'book/a'));
    await symlink('b', join(folder.path, 'book/b-link'));
    await symlink('../b', join(folder.path, 'book/c/b'));
    expect(await stepsOf(await create())).to.deep.equal([[undefined, 'b', undefined, undefined, 'c/d']]);
  });

  it('names the files of a folder that a link leads to', async () => {
    await write({ 'books/first/a': 'a\n', 'books/first/b/c': 'c\n' });
    await symlink('books/first', join(folder.path, 'link'));
    expect(await stepsOf(await create('link'))).to.deep.equal([['a', 'b/c']]);
  });

  it('throws NotFoundError if a file was replaced after it was found', async () => {
    await write({ 'book/a': 'a\n', 'book/b': 'b\n', new: 'b\n' });
    const plan = await create();
    await rename(join(folder.path, 'new'), join(folder.path, 'book/b'));
    expect(await stepsOf(plan).catch((error) => error)).to.be.an.instanceOf(NotFoundError);
  });

  describe('of a folder that has changed', () => {
    /** Adds a file, and removes the files that must not be read again. */
    async function changed(removed: string[]): Promise<FolderSnapshot> {
      await write({ 'book/new': `${MARK}new\r\n` });
      const snapshot = await snapshotOf();
      for (const name of removed) await rm(join(folder.path, name));
      return snapshot;
    }

    it('keeps what is known of the files that are still the same', async () => {
      await write({ 'book/a': 'a\n', 'book/b': 'b\r\n', 'book/c': `${MARK}c\n` });
      const before = await create();
      await stepsOf(before);
      const after = await FolderPlan.create(await changed(['book/a', 'book/b', 'book/c']), before, pace);
      expect(await stepsOf(after)).to.deep.equal([['a', 'b', undefined, undefined]]);
      expect(await stepsOf(after, { needsLfOnly: true })).to.deep.equal([['a'], 'book/b', [undefined], 'book/new']);
    });

    it('reads the files again that have changed', async () => {
      await write({ 'book/a': 'a\n', 'book/b': `${MARK}b\n` });
      const before = await create();
      await stepsOf(before);
      await write({ 'book/a': `${MARK}a\n`, 'book/b': 'b, longer\n' });
      const after = await FolderPlan.create(await snapshotOf(), before, pace);
      expect(await stepsOf(after)).to.deep.equal([[undefined, 'b']]);
    });

    it('is found through the plan of the same dictionary', async () => {
      await write({ 'book/a': 'a\n', 'book/b': 'b\n' });
      const plans = new FolderPlans();
      const snapshot = await snapshotOf();
      const before = await plans.get('book', snapshot, pace);
      await stepsOf(before);
      expect(await plans.get('book', snapshot, pace)).to.equal(before);
      const after = await plans.get('book', await changed(['book/a', 'book/b']), pace);
      expect(after).to.not.equal(before);
      expect(await stepsOf(after)).to.deep.equal([['a', 'b', undefined]]);
    });
  });
});
