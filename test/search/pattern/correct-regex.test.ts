import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import fc from 'fast-check';
import { correctRegex } from '../../../src/search/pattern/correct-regex.js';
import { findMistake } from '../../../src/search/pattern/regex-mistakes.js';

/** Others: `REGEX_SEED=$RANDOM REGEX_RUNS=20000 npx mocha -g 'what grep accepts'`. */
const SEED = Number(process.env.REGEX_SEED ?? 20_261_128);
const RUNS = Number(process.env.REGEX_RUNS ?? 400);

const grep = (term: string, input: string, option = '-c') =>
  spawnSync('grep', ['-E', option, '-e', term], { input, env: { LC_ALL: 'C.UTF-8', PATH: process.env.PATH } });

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
    ['(? a)', '(\\? a)', '? a'],
    ['[^\\]]x', '[^]]x', 'ax'],
    ['[a\\]]', '[]a]', ']'],
    ['[\\-\\d]', '[0-9-]', '-'],
    ['[\\w\\-.]+', '[[:alnum:]_.-]+', 'a-b'],
    ['[^\\n]*', '.*', 'a'],
    ['[\\s\\S]a', '.a', 'aa'],
    ['[\\p{L}\\n]', '[[:alpha:]]', 'a'],
    ['\\x41\\x2e\\u{42}', 'A\\.B', 'A.B'],
    ['\\Qa.b*\\E+', 'a\\.b\\*+', 'a.b**'],
    ['(?s)a\\d', 'a[0-9]', 'a1'],
    ['(a)\\g{1}', '(a)\\1', 'aa'],
    ['[\\d', '\\[[0-9]', '[5'],
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

  for (const regex of [
    // No equivalent, or none that is obvious.
    ...['a(?=b)', '(?i)a', '\\K', '\\n', '\\q', '\\p{Han}', '\\p{^L}', '(?>a)', '(?|a)', '[\\D]', '[\\P{L}]', '\\k<a>'],
    // The correction would mean something else.
    ...['(?:a)(b)\\1', '[\\n]', '[\\n^]', '[\\-^]', '[a-\\d]', '[\\d-z]', '(a(b)\\1'],
    // grep would reject the correction.
    ...['\\d[z-a]', '\\d[а-я]', '\\d[[:foo:]]', '\\d\\1', '\\da{1,99999}', '\\d[:a:]', '\\d[[.hyphen.]]'],
    ...['a+', '[a-z]', '', '\\d'.repeat(20), '('.repeat(20), `\\d${'a'.repeat(300)}`],
  ]) {
    it(`has no correction of ${regex.slice(0, 20)}`, () => expect(correctRegex(regex)).to.equal(undefined));
  }

  it(`returns what grep accepts, and what matches as the original does in JavaScript: ${RUNS} terms`, function () {
    this.timeout(3_600_000);
    const parts = fc.constantFrom(
      ...[
        '\\d',
        '\\D',
        '(?:',
        '(',
        ')',
        '|',
        '.*?',
        '+?',
        '*',
        '[\\d.]',
        '[^\\]]',
        '[\\w\\-.]',
        '[\\s\\S]',
        '[^\\n]',
        '\\/',
        '\\x41',
      ],
      ...['a', 'b', '.', '^', '$', '\\t', '[ab]', '[', '\\'],
    );
    const lines = ['', 'a', 'ab', '5', 'a5b', 'A.b', ']', '-', '/', '\t', 'a/b5', '55', '[a', 'b\\', 'aab.', '(a)'];
    let compared = 0;
    const check = (regex: string) => {
      const corrected = correctRegex(regex);
      if (corrected === undefined) return;
      expect(findMistake(corrected)).to.equal(undefined);
      const { status, stdout, stderr } = grep(corrected, `${lines.join('\n')}\n`, '-n');
      expect(String(stderr)).to.equal('');
      expect(status).to.be.oneOf([0, 1]);
      const original = compile(regex);
      if (original === undefined) return;
      compared += 1;
      const matching = lines.flatMap((line, at) => (original.test(line) ? [`${at + 1}:${line}\n`] : []));
      expect(String(stdout), corrected).to.equal(matching.join(''));
    };
    const term = fc.array(parts, { minLength: 1, maxLength: 5 }).map((all) => all.join(''));
    fc.assert(fc.property(term, check), { seed: SEED, numRuns: RUNS });
    expect(compared).to.be.above(RUNS / 20);
  });
});

/** Returns `undefined` if JavaScript rejects the expression, or reads some of it as GNU grep does not. */
function compile(regex: string): RegExp | undefined {
  try {
    // With `u`, JavaScript rejects what it would take literally.
    return new RegExp(regex, 'u');
  } catch {
    return undefined;
  }
}
