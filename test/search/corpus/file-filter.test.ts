import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { createFileFilter, selectFiles } from '../../../src/search/corpus/file-filter.js';
import { Pace } from '../../../src/search/corpus/pace.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

describe('createFileFilter', () => {
  const cases: [globs: string[], selected: string[], others: string[]][] = [
    [['a.txt'], ['a.txt', 'sub/a.txt', 'x/y/a.txt'], ['a.txt.gz', 'sub/b.txt', 'a.txt/b']],
    [['*.txt'], ['a.txt', '.txt', 'x/y/b.txt'], ['a.gz', 'a.txt/b']],
    [['/*.txt'], ['a.txt'], ['sub/a.txt']],
    [['sub/*'], ['sub/a', 'sub/b.txt'], ['sub', 'sub/x/a', 'x/sub/a']],
    [['sub?a', 'sub[/]a', 'sub[!b]a', 'sub[.-0]a'], ['subxa'], ['sub/a']],
    [
      ['s/[a', '[a/b]'],
      ['s/[a', '[a/b]'],
      ['s/a', 'a', 'b'],
    ],
    [['**'], ['a', 'x/y/z'], []],
    [['**/a'], ['a', 'x/a', 'x/y/a'], ['ba', 'x/ba']],
    [['sub/**'], ['sub/a', 'sub/x/y'], ['sub', 'subs/a', 'x/sub/a']],
    [['sub/**/a'], ['sub/a', 'sub/x/a', 'sub/x/y/a'], ['sub/xa', 'a', 'suba']],
    [['**/x/**/a'], ['x/a', 'b/x/a', 'x/x/a', 'x/b/c/a'], ['a', 'x/b', 'bx/a']],
    [['**/a?/**/b/*'], ['a1/b/c', 'x/a1/a2/b/c', 'a1/b/b/b/c'], ['a1/b', 'a/b/c', 'a1/b/c/d']],
    [
      ['a**b', '/c**d'],
      ['ab', 'a12b', 'x/ab', 'cd'],
      ['a/b', 'c/d'],
    ],
    [['!a*'], ['b', 'sub/b', 'abc/b'], ['a', 'sub/abc']],
    [['*.txt', '!a*'], ['b.txt'], ['a.txt', 'a', 'b']],
    [['!a*', '*.txt'], ['b.txt'], ['a.txt', 'a', 'b']],
    [
      ['*.txt', '*.md', '!a*', '!x/**'],
      ['b.txt', 'y/b.md'],
      ['a.txt', 'x/b.txt', 'b.gz'],
    ],
    [['!**'], [], ['a', 'x/b']],
    [['\\!a'], ['!a', 'x/!a'], ['a', 'b']],
    [['!\\!a'], ['a', 'b'], ['!a']],
    [['!!a'], ['a'], ['!a']],
    [['[!]a'], ['[!]a'], ['!a', 'a']],
    [
      ['\\*', 'x\\/\\?'],
      ['*', 'y/*', 'x/?'],
      ['a', 'y/?'],
    ],
    [['\\\\/a'], ['\\/a'], ['/a', 'a']],
    [['*.TXT'], ['a.TXT'], ['a.txt']],
    [
      ['愛?', '[à-ü]/*'],
      ['愛😀', 'é/a'],
      ['愛', 'z/a'],
    ],
    [
      ['{a,b}', '$(id)', '-e'],
      ['{a,b}', '$(id)', '-e'],
      ['a', 'b'],
    ],
    [['', '!'], [], ['a', 'x/a']],
    [[], ['a', 'x/a'], []],
  ];
  for (const [globs, selected, others] of cases) {
    it(`decides which files ${JSON.stringify(globs)} selects`, () => {
      const isSelected = createFileFilter(globs, 'dictionary/inner');
      const within = (names: string[]) => names.map((name) => `dictionary/inner/${name}`);
      expect(within(selected).filter((path) => !isSelected(path))).to.deep.equal([]);
      expect(within(others).filter(isSelected)).to.deep.equal([]);
    });
  }

  it('compares the base name if the dictionary is a single file', () => {
    const isSelected = (glob: string) => createFileFilter([glob], 'folder/a.txt')('folder/a.txt');
    expect(['a.txt', '*.txt', '/a.txt', '**/a.txt'].filter((glob) => !isSelected(glob))).to.deep.equal([]);
    expect(['folder', 'folder/a.txt', 'folder/**', '!a.txt', '*.gz'].filter(isSelected)).to.deep.equal([]);
    expect(createFileFilter(['*.txt.gz'], 'a.txt')('a.txt.gz')).to.equal(true);
  });

  it('is fast on globs that could cause exponential backtracking', () => {
    const names = `d/${'a/'.repeat(2_000)}a`;
    expect(createFileFilter([`${'**/a/'.repeat(50)}b`], 'd')(names)).to.equal(false);
    expect(createFileFilter([`${'*a'.repeat(120)}*b`], 'd')(`d/${'a'.repeat(255)}`)).to.equal(false);
    expect(createFileFilter([`**/${'**/*a*a/'.repeat(30)}b`], 'd')(`d/${'aaaa/'.repeat(800)}a`)).to.equal(false);
  });

  describe('compared with other programs', () => {
    let folder: TempFolder;
    let paths: string[];
    before(async () => {
      folder = await tempFolder();
      const names = ['a', 'b', 'ab', 'a.b', 'ba.a', '!a', 'c-', '[a]'];
      const folders = ['', 'a/', 'b/', 'a/b/', 'a/b/c/', 'c/a.b/', 'c/a/a/'].map((path) => path.replace('a/', 'a_/'));
      paths = folders.flatMap((path) => names.map((name) => `${path.replaceAll('b/', 'b_/')}${name}`));
      for (const path of paths) {
        mkdirSync(dirname(join(folder.path, path)), { recursive: true });
        writeFileSync(join(folder.path, path), 'line\n');
      }
    });
    after(() => folder.remove());

    const selectedBy = (globs: string[]) => {
      const isSelected = createFileFilter(globs, 'd');
      return paths.filter((path) => isSelected(`d/${path}`)).sort();
    };

    it('selects the files that grep --include and --exclude select', () => {
      const unit = fc.constantFrom('a', 'b', '.', '*', '*', '?', '[ab]', '[!a]', '[a-c-]', '\\a', '\\*', '[', '-', '_');
      const name = fc.string({ unit, minLength: 1, maxLength: 5 });
      const globs = fc.record({
        included: fc.array(name, { maxLength: 3 }),
        excluded: fc.array(name, { maxLength: 2 }),
      });
      fc.assert(
        fc.property(globs, ({ included, excluded }) => {
          // Of several options that match, grep obeys the last.
          const options = [
            ...included.map((glob) => `--include=${glob}`),
            ...excluded.map((glob) => `--exclude=${glob}`),
          ];
          const expected = run(folder.path, 'grep', ['-rlZ', ...options, '-e', 'line', '.']);
          const actual = selectedBy([...included, ...excluded.map((glob) => `!${glob}`)]);
          expect(actual).to.deep.equal(expected.map((path) => path.slice('./'.length)).sort());
        }),
        { numRuns: 150, seed: 1 },
      );
    });

    it('selects the files that pathname expansion in bash finds', () => {
      const name = fc.constantFrom(
        'a',
        'b',
        '*',
        'a*',
        '?',
        '*_',
        '[ab]_',
        '[!b]*',
        '**',
        '**',
        '**',
        'c',
        '*.*',
        '!a',
      );
      const glob = fc.array(name, { minLength: 2, maxLength: 5 }).map((names) => names.join('/'));
      const script =
        'shopt -s globstar nullglob; IFS=; for path in $1; do [ -f "$path" ] && printf "%s\\0" "$path"; done; true';
      fc.assert(
        fc.property(glob, (each) => {
          const expected = run(folder.path, 'bash', ['-c', script, 'bash', each]);
          expect(selectedBy([each.startsWith('!') ? `\\${each}` : each])).to.deep.equal([...new Set(expected)].sort());
        }),
        { numRuns: 150, seed: 1 },
      );
    });
  });
});

describe('selectFiles', () => {
  const files = ['d/a.txt', 'd/b.txt', 'd/c.gz'].map((path) => ({ path }));
  const pace = () => new Pace(new AbortController().signal);

  it('returns the selected files in order', async () => {
    const [a, b] = files;
    expect(await selectFiles(files, ['*.txt'], 'd', pace())).to.deep.equal([a, b]);
    expect(await selectFiles(files, ['*.md'], 'd', pace())).to.deep.equal([]);
  });

  it('returns the same array if all files are selected', async () => {
    expect(await selectFiles(files, undefined, 'd', pace())).to.equal(files);
    expect(await selectFiles(files, ['!*.md'], 'd', pace())).to.equal(files);
  });

  it('stops when its signal aborts', async () => {
    const reason = new Error('enough');
    const many = Array.from({ length: 100_000 }, () => ({ path: `d/${'a'.repeat(200)}` }));
    const aborted = new Pace(AbortSignal.abort(reason));
    const failure = selectFiles(many, [`${'*a'.repeat(60)}*b`], 'd', aborted).catch((error) => error);
    expect(await failure).to.equal(reason);
  });
});

/** Runs a program, and returns what it prints, separated by NUL. */
function run(cwd: string, program: string, args: string[]): string[] {
  try {
    const output = execFileSync(program, args, { cwd, env: { ...process.env, LC_ALL: 'C.UTF-8' }, encoding: 'utf8' });
    return output.split('\0').slice(0, -1);
  } catch (error) {
    // grep selects no file.
    if ((error as { status?: number }).status === 1) return [];
    throw error;
  }
}
