// Compares searches of some files of a dictionary with grep. Programs also decide which files the
// globs select: `grep --include`, and pathname expansion in bash. Not a test file itself.
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { isCompressed } from '../../../src/search/corpus/compressed.js';
import { compareBytes } from '../../../src/search/corpus/dictionary-root.js';
import type { SearchEngine } from '../../../src/search/engine.js';
import { searchQuery } from '../../helpers/queries.js';
import type { ReferenceFile } from '../../helpers/reference.js';
import { compareAll, compareSearch, query } from './differential.js';
import { bytes } from './generators.js';

const SPECIAL_TEXTS = [
  '',
  '\n',
  '\xef\xbb\xbflove\nab',
  'a\0love\0\nlove',
  '\xfflove\r\n',
  'a\n\n%\nlove\n%\nb',
  'love',
];

/** Names of files. None of them is also the name of a folder. */
const NAMES = ['a', 'b', 'ab', 'a.txt', 'b.txt', 'ab.gz', 'b-1', 'b-2', 'b-10', '!a', '[a]', 'a\nb', '-', 'Ä'];
const FOLDERS = ['', 'd/', 'd/d/', 'd/e/', 'e/', 'e/d/f/'];

/** Each file with CRLF takes a grep of its own for some questions. */
const CRLF_INTERVAL = 13;

/** A dictionary, and a folder in which its files have the same paths. */
interface Dictionary {
  name: string;
  files: ReferenceFile[];
  cwd: string;
}

/**
 * Writes a folder of files, one with a single file, and links.
 *
 * @param count the number of files of the folder
 */
export function writeDictionaries(dictionariesDir: string, count: number, seed: number): Dictionary[] {
  const texts = [
    ...fc.sample(bytes, { seed, numRuns: 60 }),
    ...SPECIAL_TEXTS.map((text) => Buffer.from(text, 'latin1')),
  ];
  const numbers = Array.from({ length: count }, (_, number) => number);
  const paths = numbers.map((number) => {
    const folder = FOLDERS[number % FOLDERS.length];
    const numberInFolder = Math.floor(number / FOLDERS.length);
    const name = NAMES[numberInFolder] ?? `b-${numberInFolder}`;
    return `${folder}${name}`;
  });
  const write = (name: string, path: string, number: number): ReferenceFile => {
    const generated = texts[(number * 7 + seed) % texts.length] as Buffer;
    const text = number % CRLF_INTERVAL === 0 ? generated : withoutCr(generated);
    mkdirSync(dirname(join(dictionariesDir, name, path)), { recursive: true });
    writeFileSync(join(dictionariesDir, name, path), isCompressed(path) ? gzipSync(text) : text);
    return { path: `${name}/${path}`, bytes: text };
  };
  const files = paths.map((path, number) => write('some', path, number));
  files.sort((a, b) => compareBytes(a.path, b.path));
  symlinkSync('some', join(dictionariesDir, 'link'));
  const linked = files.map(({ path, bytes }) => ({ path: path.replace('some', 'link'), bytes }));
  const only = write('alone', 'b-1', seed);
  const some = { name: 'some', files, cwd: join(dictionariesDir, 'some') };
  const cwd = join(dictionariesDir, 'alone');
  return [
    some,
    some,
    some,
    { ...some, name: 'link', files: linked },
    { name: 'alone', files: [only], cwd },
    { name: 'alone/b-1', files: [only], cwd },
  ];
}

const unit = fc.constantFrom(
  'a',
  'b',
  '.',
  '-',
  '1',
  '*',
  '*',
  '?',
  '[ab]',
  '[!a]',
  '[0-9]',
  '\\*',
  '\\[',
  '[',
  '!',
  'Ä',
);
const name = fc.oneof(
  fc.constantFrom('a*', 'b-*', '*.txt', '*.gz', 'b-?', 'b', '[!b]*', 'b-*[02468]', '*1*', '*[!t]', 'a?*'),
  fc.string({ unit, minLength: 1, maxLength: 4 }).map((glob) => glob.replace(/^!/, '\\!')),
);
const component = fc.constantFrom('*', '**', '**', 'd', 'e', '?', '[de]');
const last = fc.constantFrom('*', '**', 'a*', 'b-*', '*.txt', '[!b]*', 'b');
const path = fc.tuple(fc.array(component, { minLength: 1, maxLength: 3 }), last).map((names) => names.flat().join('/'));

function globsOf(glob: fc.Arbitrary<string>) {
  return fc.oneof(
    fc.record({ included: fc.array(glob, { minLength: 1, maxLength: 3 }), excluded: fc.constant<string[]>([]) }),
    fc.record({ included: fc.array(glob, { maxLength: 2 }), excluded: fc.array(glob, { minLength: 1, maxLength: 2 }) }),
  );
}

const question = fc.record({
  dictionary: fc.nat(),
  globs: fc.oneof(
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('names' as const), ...{ globs: globsOf(name) } }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('paths' as const), ...{ globs: globsOf(path) } }) },
  ),
  query,
});

/** How many questions had which outcome, and for how many of them only some files were read. */
export interface Tally {
  asked: number;
  found: number;
  partial: number;
}

/**
 * Asks all engines generated questions.
 *
 * @param onlyExcludes whether to select all files but some
 */
export async function compareSelections(
  engines: readonly SearchEngine[],
  dictionaries: readonly Dictionary[],
  { seed, questions, onlyExcludes = false }: { seed: number; questions: number; onlyExcludes?: boolean },
  tally: Tally,
): Promise<void> {
  for (const { dictionary, globs, query } of fc.sample(question, { seed, numRuns: questions })) {
    const { name, files, cwd } = dictionaries[dictionary % dictionaries.length] as Dictionary;
    const { excluded } = globs.globs;
    const included = onlyExcludes ? [] : globs.globs.included;
    const selected =
      globs.kind === 'names' ? selectNames(cwd, included, excluded) : selectPaths(cwd, included, excluded);
    const folder = name.replace('/b-1', '');
    const read = files.filter(({ path }) => selected.has(path.slice(folder.length + 1)));
    const { search, ...options } = query;
    const asked = { dictionary: name, files: [...excluded.map((glob) => `!${glob}`), ...included], ...options };
    const outcomes: string[] = [];
    for (const engine of engines) {
      outcomes.push(
        search.syntax === undefined
          ? await compareAll(engine, read, searchQuery(asked))
          : await compareSearch(engine, read, searchQuery({ ...asked, ...search })),
      );
    }
    tally.asked += 1;
    if (outcomes[0] === 'found' || (outcomes[0] === 'all' && read.length > 0)) tally.found += 1;
    if (read.length > 0 && read.length < files.length) tally.partial += 1;
  }
}

function withoutCr(text: Buffer): Buffer {
  return Buffer.from(text.toString('latin1').replaceAll('\r', ''), 'latin1');
}

/** Returns the files that grep reads: of the options that match a name, the last one counts. */
function selectNames(cwd: string, included: string[], excluded: string[]): Set<string> {
  const options = [...included.map((glob) => `--include=${glob}`), ...excluded.map((glob) => `--exclude=${glob}`)];
  // Lists the files without such a line, even if they are empty.
  const paths = run(cwd, 'grep', ['-RLZ', ...options, '-e', 'no such line', '.']);
  return new Set(paths.map((path) => path.slice('./'.length)));
}

const EXPAND = `shopt -s globstar nullglob; IFS=
for glob; do for path in $glob; do [ -f "$path" ] && printf '%s\\0' "$path"; done; done; true`;

function selectPaths(cwd: string, included: string[], excluded: string[]): Set<string> {
  const expand = (globs: string[]) => run(cwd, 'bash', ['-c', EXPAND, 'bash', ...globs]);
  const selected = new Set(expand(included.length === 0 ? ['**'] : included));
  for (const path of expand(excluded)) selected.delete(path);
  return selected;
}

/** Runs a program, and returns what it prints, separated by NUL. */
function run(cwd: string, program: string, args: string[]): string[] {
  const { stdout, stderr, error } = spawnSync(program, args, { cwd, env: { ...process.env, LC_ALL: 'C.UTF-8' } });
  if (error !== undefined) throw error;
  expect(String(stderr)).to.equal('');
  return String(stdout).split('\0').slice(0, -1);
}
