import { expect } from 'chai';
import { parseSearch } from '../../../src/cli/search/parse-search.js';
import { searchOptions } from '../../../src/cli/search/search-options.js';
import { defaultActions } from '../../../src/http/api/actions.js';

const requestOf = (...args: string[]) => parseSearch(args).request;
const object = { format: 'object' };

describe('parseSearch', () => {
  for (const [args, request] of [
    [['love'], { term: 'love' }],
    [['-e', '-v'], { term: '-v' }],
    [['--', '-v'], { term: '-v' }],
    [['-e', 'a', '-e', 'b'], { any_of: ['a', 'b'] }],
    [['-iw', 'love'], { term: 'love', ignore_case: true, syntax: 'word' }],
    [['-E', 'lo+ve'], { term: 'lo+ve', syntax: 'regex' }],
    [['-F', '-w', 'love'], { term: 'love', syntax: 'word' }],
    [['-A3', '-B', '2', '-m1', 'love'], { term: 'love', n_after: 3, n_before: 2, nresults: 1 }],
    [['-C', '2', '-A', '1', 'love'], { term: 'love', n_before: 2, n_after: 1 }],
    [['--dictionary', 'a', '--dictionary=b', 'x'], { term: 'x', dictionary: ['a', 'b'] }],
    [['--all-of', 'a', '--none-of', 'b'], { all_of: ['a'], none_of: ['b'] }],
    [['--format', 'kwic', '--width', '5', 'x'], { term: 'x', format: 'kwic', width: 5 }],
    [['--seed=-5', 'x'], { term: 'x', seed: -5 }],
  ] as const) {
    it(`understands ${args.join(' ')}`, () => {
      expect(requestOf(...args)).to.deep.equal({ ...object, ...request });
    });
  }

  it('has every field of the action, but that for pages', () => {
    const names = Object.keys(defaultActions.search.fields).filter((name) => name !== 'escape');
    expect(searchOptions).to.include.keys(names.map((name) => name.replaceAll('_', '-')));
  });

  it('counts without the format, which the action count lacks', () => {
    expect(parseSearch(['-c', 'love'])).to.deep.include({ isCount: true, request: { term: 'love' } });
  });

  it('reads the options of the output', () => {
    expect(parseSearch(['x'])).to.include({ json: undefined, color: 'auto', hasLineNumbers: true });
    const args = ['--no-json', '--color', 'never', '--no-line-number', '--url', 'http://a', '--key-file', 'k', 'x'];
    expect(parseSearch(args)).to.include({ json: false, color: 'never', hasLineNumbers: false });
    expect(parseSearch(args)).to.include({ url: 'http://a', keyFile: 'k' });
  });

  for (const [args, message] of [
    [['--n-after', 'x', 'love'], '"--n-after" must be an integer from 0 to 100, got "x".'],
    [['-A', '101', 'love'], '"--n-after" must be an integer from 0 to 100, got 101.'],
    [['--color', 'red', 'x'], '"--color" must be one of auto, always, never, got "red"'],
    [['a', 'b'], 'Unexpected argument "b": name dictionaries with --dictionary.'],
    [['-e', 'a', 'b'], 'Unexpected argument "b": name dictionaries with --dictionary.'],
    [['-w', '-E', 'a'], '"-w" can\'t be combined with "-E".'],
    [['--syntax', 'word', '-F', 'a'], '"--syntax" can\'t be combined with "-F".'],
    [['--nope', 'a'], "Unknown option '--nope'"],
  ] as const) {
    it(`rejects ${args.join(' ')}`, () => {
      expect(() => parseSearch([...args])).to.throw(message);
    });
  }
});
