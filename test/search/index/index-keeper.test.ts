import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { processIdentity } from '../../../src/concurrency/process-identity.js';
import { Dictionaries } from '../../../src/search/corpus/dictionaries.js';
import { IndexKeeper } from '../../../src/search/index/index-keeper.js';
import { IndexStore } from '../../../src/search/index/index-store.js';
import { createSearchCounts } from '../../../src/search/search-counts.js';
import { PROJECT } from '../../helpers/project.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

const MIB = 2 ** 20;
const NEVER = new AbortController().signal;

describe('IndexKeeper', function () {
  this.timeout(30_000);
  let folder: TempFolder;
  let dictionaries: Dictionaries;
  let store: IndexStore;
  let keeper: IndexKeeper;
  const counts = createSearchCounts().index;
  const events: [event: string, dictionary: string][] = [];
  beforeEach(async () => {
    folder = await tempFolder();
    // Their files changed long ago, so they can be indexed.
    dictionaries = await Dictionaries.open(join(PROJECT, 'dictionaries'));
    store = new IndexStore(folder.path, dictionaries.root.path);
    events.length = 0;
    const all = (await dictionaries.list()).dictionaries;
    const { bytes } = all.toSorted((a, b) => b.bytes - a.bytes)[1] as { bytes: number };
    const record = (event: string) => (of: { dictionary: string }) => events.push([event, of.dictionary]);
    const log = {
      onBuildStart: record('start'),
      onBuildEnd: record('end'),
      onBuildFailed: record('failed'),
      onRejected: record('rejected'),
    };
    const options = { dir: folder.path, minBytes: bytes, maxBytes: 64 * MIB, log };
    keeper = new IndexKeeper({ dictionaries, options, counts });
  });
  afterEach(async () => {
    await keeper.close();
    await folder.remove();
  });

  async function describeLarge() {
    const { dictionaries: all } = await dictionaries.list();
    return all.toSorted((a, b) => b.bytes - a.bytes)[0] as (typeof all)[number];
  }

  async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await isTrue())) await sleep(20);
  }

  it('indexes the dictionaries above the threshold, and removes what is left over', async () => {
    store.create();
    const gone = join(folder.path, 'gone');
    mkdirSync(gone);
    const other = new IndexStore(folder.path, gone);
    other.create();
    rmSync(gone, { recursive: true });
    writeFileSync(store.pathOf('gone.txt'), '');
    symlinkSync('1-1', store.lockPath);

    const large = await describeLarge();
    expect(await keeper.stateOf(large, NEVER)).to.equal('none');
    keeper.start();
    await until(async () => (await keeper.stateOf(large, NEVER)) === 'current' && counts.bytes > 0);
    expect(events).to.deep.equal([
      ['start', large.name],
      ['end', large.name],
    ]);
    expect(counts).to.deep.include({ builds: { built: 1, failed: 0 }, indexedBytes: large.bytes, bytes: store.bytes });
    expect(readdirSync(folder.path)).to.deep.equal([basename(dirname(store.lockPath))]);
    expect(store.list().map(({ path }) => path)).to.deep.equal([store.pathOf(large.name)]);
  });

  it('builds nothing while another process holds the lock', async () => {
    store.create();
    symlinkSync(processIdentity(process.ppid), store.lockPath);
    keeper.start();
    await sleep(1_000);
    expect(events).to.deep.equal([]);
    expect(store.list()).to.deep.equal([]);
  });
});
