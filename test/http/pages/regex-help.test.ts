import { expect } from 'chai';
import { renderRegexHelp } from '../../../src/http/pages/regex-help.js';
import { regexPatterns } from '../../../src/http/pages/regex-patterns.js';
import { ALL_DICTIONARIES, selectorOf } from '../../../src/search/dictionary-selector.js';

/** Returns the query of each link. */
function queriesIn({ text }: { text: string }): URLSearchParams[] {
  const addresses = [...text.matchAll(/<a href="\/\?([^"]*)"/g)].map(([, query = '']) => query);
  return addresses.map((query) => new URLSearchParams(query.replaceAll('&amp;', '&')));
}

describe('renderRegexHelp', () => {
  it('links each pattern to its search as a regular expression', () => {
    const queries = queriesIn(renderRegexHelp(undefined));
    expect(queries.map((query) => query.get('term'))).to.deep.equal(regexPatterns.map(({ pattern }) => pattern));
    for (const query of queries) expect([...query.keys()]).to.deep.equal(['term', 'syntax']);
    expect(queries.map((query) => query.get('syntax'))).to.deep.equal(regexPatterns.map(() => 'regex'));
  });

  for (const [selector, names] of [
    [ALL_DICTIONARIES, ['*']],
    [selectorOf(['b.txt', 'a.txt']), ['a.txt', 'b.txt']],
    ['"><b>', ['"><b>']],
  ] as const) {
    it(`searches the chosen texts: ${names}`, () => {
      const help = renderRegexHelp(selector);
      for (const query of queriesIn(help)) expect(query.getAll('dictionary')).to.deep.equal(names);
      expect(help.text).to.not.include('<b>');
    });
  }
});
