import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import sinon from 'sinon';
import { Dictionaries } from '../../../src/search/corpus/dictionaries.js';
import { buildDictionary } from '../../../src/search/index/build-dictionary.js';
import { IndexStore } from '../../../src/search/index/index-store.js';
import { PROJECT } from '../../helpers/project.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

const MIB = 2 ** 20;
const DICTIONARY = 'king-james-bible.txt';

describe('buildDictionary without room for an index', () => {
  let folder: TempFolder;
  let dictionaries: Dictionaries;
  let store: IndexStore;
  before(async () => {
    dictionaries = await Dictionaries.open(join(PROJECT, 'dictionaries'));
  });
  beforeEach(async () => {
    folder = await tempFolder();
    store = new IndexStore(folder.path, dictionaries.root.path);
    store.create();
  });
  afterEach(() => folder.remove());

  const build = (options: { maxBytes: number }) =>
    buildDictionary({ dictionaries, store, dictionary: DICTIONARY, ...options });
  const failureOf = (building: Promise<unknown>) =>
    building.then(
      () => undefined,
      (error: Error) => error,
    );
  const files = () => readdirSync(dirname(store.lockPath));

  it('builds nothing if the index may not fit', async () => {
    const failure = await failureOf(build({ maxBytes: MIB / 4 }));
    expect(failure).to.include({ name: 'NoRoomError' });
    expect(files()).to.deep.equal(['root']);
  });

  it('stops when the index turns out not to fit, and leaves nothing behind', async () => {
    // Another index takes the space after the estimate.
    let checks = 0;
    const sizes = sinon.stub(store, 'bytes').get(() => {
      checks += 1;
      return checks <= 2 ? 0 : 1.9 * MIB;
    });
    const failure = await failureOf(build({ maxBytes: 2 * MIB }));
    sizes.restore();
    expect(failure).to.include({ name: 'NoRoomError' });
    expect(failure?.message).to.equal('The index needs more than the 1 MiB that the others leave');
    expect(files()).to.deep.equal(['root']);
    expect(await build({ maxBytes: 2 * MIB })).to.include({ outcome: 'built' });
    expect(store.list()).to.have.length(1);
  });
});
