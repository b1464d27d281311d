import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { correctRegex } from '../../../src/search/pattern/correct-regex.js';
import { findMistake } from '../../../src/search/pattern/regex-mistakes.js';

const grep = (term: string, input: string) =>
  spawnSync('grep', ['-E', '-c', '-e', term], { input, env: { LC_ALL: 'C.UTF-8', PATH: process.env.PATH } });

describe('correctRegex', () => {
  for (const [regex, corrected, text] of [
    ['\\d+', '[0-9]+', 'a 5'],
    ['\\D', '[^0-9]', 'a'],
    ['(?:a|b)c', '(a|b)c', 'bc'],
    ['(?<year>\\d{4})-\\d', '([0-9]{4})-[0-9]', '1984-5'],
    ['.*?x', '.*x', 'ax'],
    ['a++', 'a+', 'aa'],
    ['a\\tb', 'a\tb', 'a\tb'],
    ['\\Aa\\Z', '^a$', 'a'],
    ['\\p{L}\\P{Lu}', '[[:alpha:]][^[:upper:]]', 'Ab'],
    ['a\\/b', 'a/b', 'a/b'],
    ['[\\d.]', '[0-9.]', '.'],
    ['[\\w-]', '[[:alnum:]_-]', 'a'],
    ['*a', '\\*a', '*a'],
    ['(?a', '\\(\\?a', '(?a'],
    ['[abc', '\\[abc', '[abc'],
    ['(a', '\\(a', '(a'],
    ['((a)', '\\((a)', '(a'],
    ['a\\', 'a\\\\', 'a\\'],
    ['\\d(', '[0-9]\\(', '5('],
  ] as const) {
    it(`corrects ${regex}`, () => {
      expect(correctRegex(regex)).to.equal(corrected);
      expect(findMistake(corrected)).to.equal(undefined);
      const { status, stdout } = grep(corrected, `${text}\n`);
      expect(status).to.equal(0);
      expect(String(stdout)).to.equal('1\n');
    });
  }

  for (const regex of ['a(?=b)', '(?i)a', '\\K', '[^\\]]', 'a+', '[a-z]', '']) {
    it(`has no correction of ${regex}`, () => expect(correctRegex(regex)).to.equal(undefined));
  }

  it('ends for every expression', () => {
    for (const part of ['\\d', '[', '(', '\\', '*?', '(?:', '(?']) {
      const corrected = correctRegex(part.repeat(15));
      if (corrected !== undefined) expect(grep(corrected, '').status, part).to.equal(1);
    }
  });
});
