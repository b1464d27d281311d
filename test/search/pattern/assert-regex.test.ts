import { expect } from 'chai';
import type { AppError } from '../../../src/errors.js';
import { assertRegex, assertRegexes } from '../../../src/search/pattern/assert-regex.js';
import { regexSize } from '../../../src/search/pattern/regex-size.js';

describe('assertRegex', () => {
  const messageOf = (term: string) => {
    try {
      assertRegex({ term, syntax: 'regex' });
      return 'none';
    } catch (error) {
      expect((error as AppError).code).to.equal('invalid_request');
      return (error as AppError).message;
    }
  };

  it('reports the mistake, its position, and what to write instead', () => {
    expect(messageOf('a\\d+')).to.equal(
      '"term" must be a POSIX extended regular expression; \\d at character 2 has no meaning in one. Write [0-9] for a digit. Try "a[0-9]+".',
    );
  });

  it('keeps the term out of the log', () => {
    try {
      assertRegex({ term: 'secret\\d', syntax: 'regex' });
      expect.fail('did not throw');
    } catch (error) {
      expect((error as AppError).reason).to.equal('"term" has a mistake: stray backslash');
    }
  });

  it('limits the size after repetitions are expanded', () => {
    expect(messageOf('(a{1,100}){1,100}')).to.equal('none');
    expect(messageOf('(a{1,100}){1,101}')).to.equal(
      '"term" must be at most 10000 characters long after its repetitions are expanded, got 10100.',
    );
  });

  for (const [term, size] of [
    ['', 0],
    ['a(bc){2}.', 6],
    ['a|bc', 3],
    ['a*b+c?', 4],
    ['a{2,}', 3],
    ['(a{1,3}|[bc]\\w){2}x', 11],
    ['((a{10}){10}){10}', 1000],
    ['(a', 1],
    ['a)b', 3],
  ] as const) {
    it(`computes the size of ${term || 'the empty term'}`, () => expect(regexSize(term)).to.equal(size));
  }

  it('accepts any literal term', () => {
    for (const syntax of ['literal', 'word'] as const) assertRegex({ term: '\\d(?=x)a*?', syntax });
  });
});

describe('assertRegexes', () => {
  it('limits the size of all together, and names the field of the one that exceeds it', () => {
    const terms = ['a{6000}', 'b', 'c{5000}'].map((term, at) => ({
      term,
      syntax: 'regex' as const,
      field: `any_of[${at}]`,
    }));
    expect(() => assertRegexes(terms.slice(0, 2))).to.not.throw();
    expect(() => assertRegexes(terms)).to.throw(/^"any_of\[2\]" must be at most 10000 characters long/);
    expect(() => assertRegexes(terms.map((each) => ({ ...each, syntax: 'literal' as const })))).to.not.throw();
  });
});
