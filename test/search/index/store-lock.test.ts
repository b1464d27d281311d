import { readdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'chai';
import { processIdentity } from '../../../src/concurrency/process-identity.js';
import { OperatorError } from '../../../src/errors.js';
import { IndexStore } from '../../../src/search/index/index-store.js';
import { withStoreLock } from '../../../src/search/index/store-lock.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

describe('withStoreLock', () => {
  let folder: TempFolder;
  let store: IndexStore;
  const messages: string[] = [];
  beforeEach(async () => {
    folder = await tempFolder();
    store = new IndexStore(folder.path, folder.path);
    messages.length = 0;
  });
  afterEach(() => folder.remove());

  const run = (work: () => Promise<void>, signal = new AbortController().signal) =>
    withStoreLock({ store, signal, onWait: (message) => messages.push(message), timeoutMs: 150 }, work).then(
      () => undefined,
      (error: Error) => error,
    );

  it('holds the lock while the work runs, and releases it if the work fails', async () => {
    const failure = await run(async () => {
      expect(readlinkSync(store.lockPath)).to.equal(processIdentity(process.pid));
      throw new Error('the work has failed');
    });
    expect(failure?.message).to.equal('the work has failed');
    expect(readdirSync(dirname(store.lockPath))).to.deep.equal(['root']);
  });

  it('takes the lock of a process that has ended', async () => {
    store.create();
    symlinkSync('1-1', store.lockPath);
    expect(await run(async () => {})).to.equal(undefined);
    expect(messages).to.deep.equal([]);
  });

  it('fails, and leaves the lock alone, if another process holds it for too long', async () => {
    store.create();
    symlinkSync(processIdentity(process.pid), store.lockPath);
    const failure = await run(async () => {});
    const holder = `process ${process.pid}`;
    expect(failure)
      .to.be.instanceOf(OperatorError)
      .with.property('message', `Indexes are locked by ${holder}, which has not finished in 0.15 s. Try again later.`);
    expect(messages).to.deep.equal([`Waiting for ${holder}, which builds or removes indexes.`]);
    expect(readlinkSync(store.lockPath)).to.equal(processIdentity(process.pid));
  });

  it('stops waiting when it is interrupted', async () => {
    store.create();
    symlinkSync(processIdentity(process.pid), store.lockPath);
    const reason = new OperatorError('Interrupted.');
    expect(await run(async () => {}, AbortSignal.abort(reason))).to.equal(reason);
  });
});
