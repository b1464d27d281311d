import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { regexPatterns } from '../../../src/http/pages/regex-patterns.js';
import { findMistake } from '../../../src/search/pattern/regex-mistakes.js';

/** Returns the first match in a text, or `undefined`. */
function firstMatch(text: string, options: readonly string[]): string | undefined {
  const env = { LC_ALL: 'C.UTF-8', PATH: process.env.PATH };
  const { status, stdout, stderr } = spawnSync('grep', [...options], { input: `${text}\n`, env, encoding: 'utf8' });
  expect(stderr).to.equal('');
  return status === 0 ? stdout.split('\n')[0] : undefined;
}

describe('regexPatterns', () => {
  it('has ten patterns', () =>
    expect(new Set(regexPatterns.map(({ pattern }) => pattern))).to.have.property('size', 10));

  for (const { pattern, example } of regexPatterns) {
    it(`has an example that matches ${pattern}`, () => {
      expect(findMistake(pattern)).to.equal(undefined);
      expect(firstMatch(example, ['-E', '-o', '-e', pattern]))
        .to.be.a('string')
        .and.not.equal('');
      // Only as a regular expression.
      expect(firstMatch(example, ['-F', '-e', pattern])).to.equal(undefined);
    });
  }
});
