import { expect } from 'chai';
import { findLiterals } from '../../../src/search/pattern/regex-literals.js';

describe('findLiterals', () => {
  const examples: [regex: string, ...runs: string[]][] = [
    ['love.*hate', 'love', 'hate'],
    ['^love$', 'love'],
    ['lov?e', 'lo', 'e'],
    ['lov*e', 'lo', 'e'],
    ['lov{0,3}e', 'lo', 'e'],
    ['lov{,3}e', 'lo', 'e'],
    ['lov{00}e', 'lo', 'e'],
    ['lo+ve', 'lo', 'ove'],
    ['lo{2}ve', 'lo', 'ove'],
    ['lo{1,}ve', 'lo', 'ove'],
    ['愛é+b', '愛é', 'éb'],
    ['a😀?b', 'a', 'b'],
    ['a(bc)d', 'abcd'],
    ['a((b)c(d))e', 'abcde'],
    ['a(bc)?d', 'a', 'd'],
    ['a(bc)+d', 'abc', 'bcd'],
    ['a(b.c)+d', 'ab', 'c', 'b', 'cd'],
    ['a(bc|d)efg', 'a', 'efg'],
    ['(ab)\\1c', 'ab', 'c'],
    ['a\\.b\\*c\\\\', 'a.b*c\\'],
    ['\\(a\\|b\\)\\{2\\}', '(a|b){2}'],
    ['a]b}c', 'a]b}c'],
    ['a\\b\\.\\<c', 'a', '.', 'c'],
    ['ab\\dc', 'ab', 'c'],
    ['ab\\éc', 'ab', 'c'],
    ['a[bc]d', 'a', 'd'],
    ['a[]x]d', 'a', 'd'],
    ['a[^]x]d', 'a', 'd'],
    ['a[[:alpha:]x]d', 'a', 'd'],
    ['a[[.].]x]d', 'a', 'd'],
    ['a[[=]=]x]d', 'a', 'd'],
    ['a[\\]d]', 'a', 'd]'],
    ['a[^^]]d', 'a', ']d'],
    ['a[\u2028]b', 'a', 'b'],
  ];
  for (const [regex, ...runs] of examples) {
    it(`finds ${runs.join(' and ')} in ${JSON.stringify(regex)}`, () => {
      expect(findLiterals(regex).filter((run) => run !== '')).to.deep.equal(runs);
    });
  }

  const without = {
    alternatives: ['ab|cd', 'ab|', '|ab', '(ab|cd)', '(ab|cd)+'],
    'nothing but optional parts': ['(ab)*', 'a?', '.', '[ab]', '^$'],
    'a repetition of nothing': [
      '*ab',
      '^*ab',
      'a|*b',
      '(*ab)',
      '(+ab)',
      '{2}ab',
      '\\b?ab',
      "\\'*ab",
      '\\`+ab',
      '$+ab',
      'ab()',
    ],
    'a repetition of a repetition': ['ab**', 'ab+?', 'ab{2}{3}', '(ab)*+'],
    'a brace that begins no interval': ['ab{1', 'ab{', 'ab{x}', 'ab{,}', 'ab{ 1}', 'ab{-1}'],
    'unbalanced delimiters': ['ab)', '(ab', 'ab\\', 'ab[', 'ab[]', 'ab[^]c', 'ab[[:alpha:]', 'ab[[.x]'],
    'a bracket that ends within a name': ['ab[[:a:]x[.:]]', 'ab[[=x]c'],
  };
  for (const [what, regexes] of Object.entries(without)) {
    it(`finds none with ${what}`, () => {
      for (const regex of regexes) expect(findLiterals(regex).join(''), regex).to.equal('');
    });
  }

  it('takes little time for long expressions', () => {
    const long = [['(', 'a', ')'], ['(', 'a', ')+'], ['(a)+'], ['a+'], ['.a'], ['[['], ['[[:'], ['[]'], ['a{']];
    for (const [open = '', inner = '', close = ''] of long) {
      const startMs = performance.now();
      findLiterals(open.repeat(10_000) + inner + close.repeat(10_000));
      expect(performance.now() - startMs, open + close).to.be.below(1000);
    }
  });
});
