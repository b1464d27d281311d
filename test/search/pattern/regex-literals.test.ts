import { expect } from 'chai';
import { runsOf } from '../../../src/search/pattern/regex-literals.js';

describe('required literals of a regular expression', () => {
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
    it(`are ${runs.join(' and ')} in ${JSON.stringify(regex)}`, () => {
      expect(runsOf(regex).filter((run) => run !== '')).to.deep.equal(runs);
    });
  }

  const without = {
    'a choice': ['ab|cd', 'ab|', '|ab', '(ab|cd)', '(ab|cd)+'],
    'nothing that must be there': ['(ab)*', 'a?', '.', '[ab]', '^$'],
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
    'an end too few or too many': ['ab)', '(ab', 'ab\\', 'ab[', 'ab[]', 'ab[^]c', 'ab[[:alpha:]', 'ab[[.x]'],
    'an end that is within a name': ['ab[[:a:]x[.:]]', 'ab[[=x]c'],
  };
  for (const [what, regexes] of Object.entries(without)) {
    it(`are none with ${what}`, () => {
      for (const regex of regexes) expect(runsOf(regex).join(''), regex).to.equal('');
    });
  }

  it('are found in little time', () => {
    const long = [['(', 'a', ')'], ['(', 'a', ')+'], ['(a)+'], ['a+'], ['.a'], ['[['], ['[[:'], ['[]'], ['a{']];
    for (const [open = '', inner = '', close = ''] of long) {
      const startMs = performance.now();
      runsOf(open.repeat(10_000) + inner + close.repeat(10_000));
      expect(performance.now() - startMs, open + close).to.be.below(1000);
    }
  });
});
