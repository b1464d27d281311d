import { expect } from 'chai';
import { unknownDictionaryError } from '../../../src/search/corpus/default-dictionary.js';
import { createNameFilter } from '../../../src/search/corpus/name-filter.js';
import { selectorOf, selectorOfMatching } from '../../../src/search/dictionary-selector.js';
import { SelectorResolver } from '../../../src/search/visibility/selector-resolver.js';

describe('SelectorResolver', () => {
  const globs = ['exact.txt', 'packed.txt.gz', 'public-*'];
  const all = selectorOfMatching(globs);
  let listed: Record<string, string>;
  let lookUps: string[];
  let defaultName: string | undefined;
  beforeEach(() => {
    listed = { 'exact.txt': 'exact.txt', 'packed.txt.gz': 'packed.txt.gz', 'public-a': 'public-a' };
    lookUps = [];
    defaultName = 'public-a';
  });

  const resolver = new SelectorResolver({
    isVisible: createNameFilter(globs),
    all,
    listedName: (name) => {
      lookUps.push(name);
      const found = listed[name];
      if (found === undefined) throw unknownDictionaryError(name);
      return found;
    },
    defaultName: async () => defaultName,
  });
  const messageOf = async (selector: string | undefined) => {
    try {
      return await resolver.resolve(selector);
    } catch (error) {
      return (error as Error).message;
    }
  };

  it('forwards a name that can only lead to visible dictionaries, synchronously and unchecked', () => {
    for (const name of ['public-a', 'public-nope', 'public-a/b.txt', 'exact.txt/b'])
      expect(resolver.resolve(name)).to.equal(name);
    expect(lookUps).to.deep.equal([]);
  });

  it('rejects names of others as unknown without a look-up, so that it takes the same time', async () => {
    for (const name of [
      'secret',
      'public',
      'Public-a',
      'secret/public-a',
      '',
      '/public-a',
      './public-a',
      '../public-a',
    ])
      expect(await messageOf(name)).to.equal(`There is no dictionary named ${JSON.stringify(name)}.`);
    expect(lookUps).to.deep.equal([]);
  });

  it('reports the first unknown name of several, also if it is in a visible folder', async () => {
    const selector = selectorOf(['public-a/nope', 'secret']);
    expect(await messageOf(selector)).to.equal('There is no dictionary named "public-a/nope".');
  });

  it('finds the visible dictionary of which a name omits the suffix', async () => {
    listed['packed.txt'] = 'packed.txt';
    expect(await resolver.resolve('packed.txt')).to.equal('packed.txt.gz');
    delete listed['packed.txt.gz'];
    expect(await messageOf('packed.txt')).to.equal('There is no dictionary named "packed.txt".');
  });

  it('rejects a visible name that leads to a hidden dictionary with a suffix', async () => {
    expect(await resolver.resolve('exact.txt')).to.equal('exact.txt');
    listed['exact.txt'] = 'exact.txt.gz';
    expect(await messageOf('exact.txt')).to.equal('There is no dictionary named "exact.txt".');
  });

  it('resolves several names in order, and reports the first that does not exist', async () => {
    expect(await resolver.resolve(selectorOf(['packed.txt', 'exact.txt']))).to.equal(
      selectorOf(['exact.txt', 'packed.txt.gz']),
    );
    expect(await messageOf(selectorOf(['public-nope', 'secret', 'exact.txt']))).to.include('"public-nope"');
    expect(await messageOf(selectorOf(['public-a', 'secret', 'zzz']))).to.include('"secret"');
  });

  it('narrows all dictionaries to the visible ones', () => {
    expect(resolver.resolve('*')).to.equal(all);
  });

  it('resolves the default dictionary, and reports if there is none', async () => {
    expect(await messageOf(undefined)).to.equal('public-a');
    defaultName = undefined;
    expect(await messageOf(undefined)).to.equal('There are no dictionaries.');
  });

  it('notices that a name has begun to lead to a hidden dictionary', async () => {
    const several = selectorOf(['exact.txt', 'public-a']);
    for (const selector of ['exact.txt', several, all, 'public-nope', 'exact.txt/a'])
      await resolver.assertUnchanged(selector);
    for (const other of ['exact.txt.gz', undefined]) {
      if (other === undefined) delete listed['exact.txt'];
      else listed['exact.txt'] = other;
      for (const selector of ['exact.txt', several]) {
        const failure = await resolver.assertUnchanged(selector).catch((error) => error);
        expect(failure).to.have.property('code', 'dictionary_changed');
      }
    }
  });
});
