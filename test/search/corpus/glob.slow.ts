import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { createGlob } from '../../../src/search/corpus/glob.js';
import { tempFolder } from '../../helpers/temp-folder.js';

describe('createGlob', () => {
  const cases: [pattern: string, matching: string[], others: string[]][] = [
    ['a.txt', ['a.txt'], ['A.txt', 'a-txt', 'aa.txt', 'a.txt2', '']],
    ['*', ['', 'a', '.hidden', 'a\nb', '愛'], []],
    ['*.txt', ['.txt', 'a.txt', 'a.txt.txt', 'ü.txt'], ['a.txt.gz', 'txt']],
    ['a*b*c', ['abc', 'aXbYc', 'abcabc'], ['ab', 'acb', 'abcd']],
    ['?', ['a', '愛', '😀', '\n'], ['', 'ab']],
    ['**?', ['a', 'ab'], ['']],
    ['[ab]', ['a', 'b'], ['c', 'ab', '']],
    ['[!ab]', ['c', '!', '😀'], ['a', 'b', '']],
    ['[^ab]', ['c', '^'], ['a']],
    ['[a-c-]', ['a', 'b', 'c', '-'], ['d']],
    ['[c-a]', [], ['a', 'b', 'c']],
    ['[]a]', [']', 'a'], ['b']],
    ['[!]a]', ['b'], [']', 'a']],
    ['[\\]a]', [']', 'a'], ['\\']],
    ['[à-ü😀-😎]', ['é', '😃'], ['z', '😡']],
    ['[a', ['[a'], ['a']],
    ['\\*', ['*'], ['a', '\\*']],
    ['\\', ['\\'], ['']],
    ['{a,b}', ['{a,b}'], ['a']],
    ['a.b', ['a.b'], ['axb']],
    ['$(id)', ['$(id)'], []],
  ];
  for (const [pattern, matching, others] of cases) {
    it(`decides which names match ${pattern}`, () => {
      const matches = createGlob(pattern);
      expect(matching.filter((name) => !matches(name))).to.deep.equal([]);
      expect(others.filter(matches)).to.deep.equal([]);
    });
  }

  it('is quick on patterns that cause exponential backtracking', () => {
    expect(createGlob(`${'*a'.repeat(100)}*b`)('a'.repeat(255))).to.equal(false);
  });

  it('matches the names that ls --ignore hides', async function () {
    this.timeout(60_000);
    const folder = await tempFolder();
    try {
      const letters = fc.constantFrom('a', 'b', 'c', '-', '!', '^', ']', '*');
      const names = fc.sample(fc.string({ unit: letters, minLength: 1, maxLength: 6 }), { numRuns: 300, seed: 1 });
      await Promise.all([...new Set(names)].map((name) => writeFile(join(folder.path, name), '')));
      const all = await shown(folder.path, []);
      const unit = fc.constantFrom(
        'a',
        'b',
        'c',
        '-',
        '!',
        '^',
        ']',
        '*',
        '*',
        '?',
        '[',
        '[a',
        '[!',
        ']',
        '\\a',
        '\\*',
      );
      const pattern = fc.string({ unit, minLength: 1, maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(pattern, async (glob) => {
          const ignored = new Set(await shown(folder.path, ['-I', glob]));
          expect(all.filter(createGlob(glob))).to.deep.equal(all.filter((name) => !ignored.has(name)));
        }),
        { numRuns: 500 },
      );
    } finally {
      await folder.remove();
    }
  });
});

async function shown(cwd: string, options: string[]): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ls', ['-A', ...options], { cwd, env: { LC_ALL: 'C' } });
  return stdout.split('\n').slice(0, -1);
}
