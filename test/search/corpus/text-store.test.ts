import { mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { AppError } from '../../../src/errors.js';
import { partialFileName } from '../../../src/search/corpus/partial-files.js';
import { TextStore } from '../../../src/search/corpus/text-store.js';
import { toStoreError } from '../../../src/search/corpus/text-store-errors.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

/** No process has this id (proc_sys_kernel(5), pid_max). */
const NO_PROCESS = '4194305-1';

describe('TextStore', () => {
  let folder: TempFolder;
  let store: TextStore;
  beforeEach(async () => {
    folder = await tempFolder();
    mkdirSync(join(folder.path, 'folder/deep'), { recursive: true });
    store = await TextStore.open(folder.path);
  });
  afterEach(async () => {
    await store.close();
    await folder.remove();
  });

  const NEW = { replace: false };
  const names = (path = '') => readdirSync(join(folder.path, path)).sort();
  const bodyOf = async function* (...chunks: string[]) {
    for (const chunk of chunks) yield Buffer.from(chunk);
  };
  const create = (path: string) => writeFileSync(join(folder.path, path), '');
  const codeOf = (promise: Promise<unknown>) =>
    promise.then(
      () => 'none',
      (error) => (error as AppError).code,
    );

  /** The name of a file that a crashed process left behind, here or on another machine. */
  const staleName = (machine?: string) => {
    const [, , here, , , ...random] = partialFileName().split(/[.-]/);
    return `.upload-${machine ?? here}-${NO_PROCESS}-${random.join('-')}`;
  };

  it('removes what a crash has left behind, at the next start and upload', async () => {
    for (const path of ['', 'folder', 'folder/deep']) create(join(path, staleName()));
    symlinkSync(folder.path, join(folder.path, 'loop'));
    await store.removeStaleFiles();
    expect([names(), names('folder'), names('folder/deep')]).to.deep.equal([['folder', 'loop'], ['deep'], []]);
    create(join('folder', staleName()));
    await store.put('folder/a.txt', bodyOf('a'), NEW);
    expect(names('folder')).to.deep.equal(['a.txt', 'deep']);
  });

  it('keeps the files of running processes, of other machines, and of others', async () => {
    const kept = [partialFileName(), staleName('0123456789ab'), '.upload-notes', '.hidden'];
    for (const name of kept) create(name);
    await store.removeStaleFiles();
    expect(names()).to.include.members(kept);
  });

  it('removes the files of other machines after an hour', async () => {
    const name = staleName('0123456789ab');
    create(name);
    const old = new Date(Date.now() - 61 * 60 * 1000);
    utimesSync(join(folder.path, name), old, old);
    await store.removeStaleFiles();
    expect(names()).to.deep.equal(['folder']);
  });

  it('leaves nothing behind if the body fails', async () => {
    const broken = async function* () {
      yield Buffer.from('a');
      throw new Error('broken');
    };
    const error = await store.put('a.txt', broken(), NEW).catch((cause) => cause);
    expect(error).to.have.property('message', 'broken');
    expect(names()).to.deep.equal(['folder']);
  });

  it('does not replace a text that appears during the upload', async () => {
    const late = async function* () {
      yield Buffer.from('late');
      create('a.txt');
    };
    expect(await codeOf(store.put('a.txt', late(), NEW))).to.equal('text_exists');
    expect(names()).to.deep.equal(['a.txt', 'folder']);
  });

  it('rejects more than eight uploads at the same time', async () => {
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const waiting = async function* () {
      await finished;
      yield Buffer.from('a');
    };
    const uploads = Array.from({ length: 8 }, (_, index) => store.put(`${index}.txt`, waiting(), NEW));
    expect(await codeOf(store.put('9.txt', bodyOf('a'), NEW))).to.equal('too_busy');
    finish();
    await Promise.all(uploads);
    expect(await codeOf(store.put('9.txt', bodyOf('a'), NEW))).to.equal('none');
  });

  it('waits for uploads when it closes', async () => {
    const upload = store.put('a.txt', bodyOf('a', 'b'), NEW);
    await store.close();
    expect(names()).to.deep.equal(['a.txt', 'folder']);
    await upload;
  });

  for (const [system, code] of [
    ['ENOSPC', 'disk_full'],
    ['EDQUOT', 'disk_full'],
    ['EROFS', 'unwritable_folder'],
    ['EACCES', 'unwritable_folder'],
    ['EMFILE', 'too_busy'],
    ['EISDIR', 'invalid_request'],
    ['EEXIST', 'text_exists'],
  ] as const) {
    it(`reports ${system} as ${code}`, () => {
      const error = toStoreError(Object.assign(new Error(system), { code: system }), 'a.txt');
      expect(error).to.be.instanceOf(AppError).and.have.property('code', code);
    });
  }
});
