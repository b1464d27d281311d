import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import fc from 'fast-check';
import { findMistake } from '../../../src/search/pattern/regex-mistakes.js';
import { regex } from '../engines/generators.js';

/** Others: `REGEX_SEED=$RANDOM REGEX_RUNS=20000 npx mocha -g 'grep warns of'`. */
const SEED = Number(process.env.REGEX_SEED ?? 20_261_124);
const RUNS = Number(process.env.REGEX_RUNS ?? 300);

/** Kinds of mistakes that grep silently reads differently from other tools. */
const SILENT = ['repeats a repetition', 'backslash in brackets'];

const warningOf = (term: string) => {
  const { stderr, status } = spawnSync('grep', ['-E', '-e', term], {
    input: '',
    // Debian's grep warns of stray backslashes only if asked to.
    env: { LC_ALL: 'C.UTF-8', PATH: process.env.PATH, DEB_GREP_ENABLE_STRAY_BACKSLASH_WARN: '1' },
    encoding: 'utf8',
  });
  return { isRejected: status === 2, isWarnedOf: /warning: (stray \\|.* at start of expression)/.test(stderr) };
};

describe('findMistake', () => {
  for (const [term, position, fragment, advice] of [
    ['\\d+', 1, '\\d', '[0-9]'],
    ['a\\d{3}', 2, '\\d', '[0-9]'],
    ['\\D', 1, '\\D', '[^0-9]'],
    ['\\p{L}', 1, '\\p{L}', '[[:alpha:]]'],
    ['\\p{Lu}', 1, '\\p{Lu}', '[[:upper:]]'],
    ['\\P{N}', 1, '\\P{N}', '[^[:digit:]]'],
    ['a\\tb', 2, '\\t', 'tab'],
    ['\\/', 1, '\\/', 'Write / without a backslash'],
    ['(?=x)', 1, '(?=', 'ahead'],
    ['(?i)x', 1, '(?i)', '"ignore_case"'],
    ['(?:x)', 1, '(?:', 'Write ('],
    ['(?<name>x)', 1, '(?<name>', '\\1'],
    ['*a', 1, '*', '\\*'],
    ['é|+b', 3, '+', '\\+'],
    ['^{2}', 2, '{2}', '\\{2}'],
    ['a*?', 2, '*?', '"[^"]*"'],
    ['a++', 2, '++', '(…+)+'],
    ['[\\d.]', 2, '\\d', '0-9'],
    ['[^\\]]', 3, '\\]', '[^]a]'],
  ] as const) {
    it(`finds the mistake in ${term}`, () => {
      const mistake = findMistake(term);
      expect(mistake).to.include({ position, fragment });
      expect(mistake?.advice).to.include(advice);
    });
  }

  for (const term of [
    ...['\\w+\\b\\<x\\>\\s\\S\\W\\B', '(a)\\1', '\\.\\*\\[\\]\\{\\}\\^\\$\\\\', "\\`a\\'", '[.]?', '[[:digit:]]+'],
    ...['a**', '[\\.]', '[a\\\\]', '()', 'a|', 'a{1', 'x{,2}', '[]a]', '[^]a]', '愛+'],
  ]) {
    it(`finds no mistake in ${term}`, () => expect(findMistake(term)).to.equal(undefined));
  }

  describe('compared with grep', () => {
    before(function () {
      if (warningOf('\\d').isWarnedOf) return;
      console.warn('SKIPPED: findMistake compared with grep: this grep is older than 3.8 and does not warn');
      this.skip();
    });

    it(`finds what grep warns of, and what it misreads silently: ${RUNS} terms`, function () {
      this.timeout(3_600_000);
      const tally = { warned: 0, silent: 0, none: 0 };
      const fragments = ['\\d', '(?', '(*', '^*', '|+', '\\/', '{2}', 'a*?', '[\\w]', '\\q', '\\', ')', '{', '[^\\d]'];
      const term = fc.array(fc.oneof(regex, fc.constantFrom(...fragments)), { minLength: 1, maxLength: 3 });
      fc.assert(
        fc.property(term, (parts) => {
          const regex = parts.join('');
          const { isRejected, isWarnedOf } = warningOf(regex);
          // On an error, grep exits before it has printed all warnings.
          if (isRejected) return;
          const mistake = findMistake(regex);
          const isSilent = mistake !== undefined && SILENT.includes(mistake.kind);
          if (!isSilent) expect(mistake !== undefined, regex).to.equal(isWarnedOf);
          tally[isSilent ? 'silent' : isWarnedOf ? 'warned' : 'none'] += 1;
        }),
        { seed: SEED, numRuns: RUNS },
      );
      for (const count of Object.values(tally)) expect(count).to.be.above(RUNS / 50);
    });
  });
});
