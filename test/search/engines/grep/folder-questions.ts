// Compares searches in folders with the grep program, in each way that grepd reads a folder. Not a
// test file itself.
import { writeFileSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { restore, useFakeTimers } from 'sinon';
import { isCompressed } from '../../../../src/search/corpus/compressed.js';
import { compareBytes } from '../../../../src/search/corpus/dictionary-root.js';
import type { SearchEngine, SearchQuery } from '../../../../src/search/engine.js';
import { openEngine } from '../../../../src/search/open-engine.js';
import { createSearchCounts, type SearchCounts } from '../../../../src/search/search-counts.js';
import { engineOptions, searchQuery } from '../../../helpers/queries.js';
import { type ReferenceFile, referenceAll } from '../../../helpers/reference.js';
import { type TempFolder, tempFolder } from '../../../helpers/temp-folder.js';
import { compareAll, compareSearch, query } from '../differential.js';
import { anyText, bytes, utf8 } from '../generators.js';

const SEED = Number(process.env.DIFFERENTIAL_SEED ?? 20_261_123);

/** How grepd reads a folder. */
type Way = 'opened by grepd' | 'packed' | 'opened by name';

const WAYS: readonly Way[] = ['opened by grepd', 'packed', 'opened by name'];

/** Names that a shell, an option parser or a parser of grep's output could misread. */
const HOSTILE_NAMES = [
  '-',
  '-x/-',
  '-x/-e',
  '-e',
  '-r',
  '--',
  '--help',
  '-z.gz',
  '\n',
  '\nlove',
  'a\nb',
  'a/-\n',
  ' ',
  ' two  spaces ',
  '\ttab',
  '$(x)',
  '$HOME',
  '`x`',
  '*',
  '?',
  '[a]',
  '{a,b}',
  '!',
  '#',
  '%',
  '&',
  '(',
  ';',
  '|',
  '\\',
  '\\n',
  '"',
  "'",
  "'quoted'.gz",
  '1:2-3',
  'a:1:love',
  'a-1-love',
  'a\x1b[mb',
  'a\x01b',
  'é',
  'e\u0301',
  'Ё',
  'Ёлка/Ё',
  '愛/😀.txt',
];

/** Ends of the names of other files. */
const HOSTILE_ENDS = ['', '', ' ', ' Ё', '*', '$(x)', '`x`', "'", '"', '\\', ';', '\t', '/-', '/-e', '/ *', '\r'];

/** What the generated texts rarely contain. One character per byte. */
const SPECIAL_TEXTS = [
  '',
  '\n',
  '\r',
  '\r\n',
  'love\r',
  'lover\r\r\n',
  '\xef\xbb\xbf',
  '\xef\xbb\xbf\r\n',
  '\xef\xbb\xbflove\nab',
  'a\0love\0\nlove',
  '\xfflove\xfe\n\xc3',
  `${'x'.repeat(5000)} love ${utf8('é')}${'y '.repeat(3000)}ab\n`,
  `love\n${'愛'.repeat(10)}\n${utf8('愛情 ').repeat(1000)}`,
  'a\n\n%\nlove\n%\nb',
];

/** Each of the other files with CRLF takes a grep of its own for some questions. */
const MAX_CRLF_FILES = 12;

interface Content {
  /** The path in the folder. */
  path: string;
  bytes: Buffer;
}

/** Generates the files of a folder, in byte order of their paths. */
function generateFiles(count: number, seed: number): Content[] {
  const generated = fc.sample(bytes, { seed, numRuns: 300 });
  if (count === 1) return [{ path: '-', bytes: Buffer.concat(generated.slice(0, 20)) }];
  const specials = SPECIAL_TEXTS.map((text) => Buffer.from(text, 'latin1'));
  const numbered = Array.from({ length: Math.max(0, count - HOSTILE_NAMES.length) }, (_, index) => {
    return `f${String(index).padStart(4, '0')}${HOSTILE_ENDS[index % HOSTILE_ENDS.length]}`;
  });
  const paths = [...HOSTILE_NAMES, ...numbered].slice(0, count).sort(compareBytes);
  return paths.map((path, index) => {
    const texts = index % 3 === 1 ? specials : generated;
    const text = texts[Math.floor(index / 3) % texts.length] as Buffer;
    const hasCrlf = index < MAX_CRLF_FILES || index === count - 1;
    return { path, bytes: hasCrlf ? text : Buffer.from(text.toString('latin1').replaceAll('\r', ''), 'latin1') };
  });
}

/** Writes a dictionary. Returns what a search of it must read. */
async function writeFolder(
  root: string,
  name: string,
  contents: readonly Content[],
  { withLinks = false } = {},
): Promise<ReferenceFile[]> {
  for (const parent of new Set(contents.map(({ path }) => dirname(path)))) {
    await mkdir(join(root, name, parent), { recursive: true });
  }
  for (const { path, bytes } of contents) {
    // Quicker than asynchronous calls for thousands of small files.
    writeFileSync(join(root, name, path), isCompressed(path) ? gzipSync(bytes) : bytes);
  }
  const files = contents.map(({ path, bytes }) => ({ path: `${name}/${path}`, bytes }));
  return withLinks ? addLinks(root, name, files) : files;
}

/** Adds links to a file of the folder and to another file. */
async function addLinks(root: string, name: string, files: ReferenceFile[]): Promise<ReferenceFile[]> {
  const [inside] = files as [ReferenceFile];
  const outside = { path: '-outside', bytes: Buffer.from('outside\nlove ab\n') };
  await writeFile(join(root, outside.path), outside.bytes);
  await symlink(basename(inside.path), join(root, name, 'link inside'));
  await symlink(`../${outside.path}`, join(root, name, "link 'outside'"));
  return inOrder([
    ...files,
    { ...inside, path: `${name}/link inside` },
    { ...outside, path: `${name}/link 'outside'` },
  ]);
}

/** Questions that find something in every folder. */
const ANSWERED = [
  { search: { syntax: 'literal', term: 'love' }, ignore_case: true, unit: 'line', format: 'object' },
  { search: { syntax: 'word', term: 'ab' }, ignore_case: false, unit: 'quote', format: 'text' },
] as const;

function generateQuestions(count: number, seed: number) {
  const context = { n_before: 2, n_after: 1, offset: 0, nresults: 0 };
  const generated = fc.sample(query, { seed, numRuns: count - ANSWERED.length });
  return [...ANSWERED.map((each) => ({ ...each, ...context })), ...generated];
}

/** Adds a file without text that makes the folder too large to be packed: it has a long comment. */
async function addPadding(root: string, name: string, files: ReferenceFile[]): Promise<ReferenceFile[]> {
  const path = `${name}/~.gz`;
  const empty = gzipSync('');
  const header = Buffer.from(empty.subarray(0, 10));
  // The flag of a comment (RFC 1952).
  header[3] = 16;
  const comment = Buffer.alloc(17 * 1024 * 1024, 'x');
  await writeFile(join(root, path), Buffer.concat([header, comment, Buffer.of(0), empty.subarray(10)]));
  return inOrder([...files, { path, bytes: Buffer.of() }]);
}

const inOrder = (files: ReferenceFile[]) => files.sort((a, b) => compareBytes(a.path, b.path));

export interface FolderQuestionsOptions {
  /** The number of questions for each way of reading, by the number of files. */
  questions: ReadonlyMap<number, number>;
  /** The number of folders with `BATCHED_PER_FOLDER` batched questions each. */
  batchedFolders: number;
}

/** The number of batched questions for each folder. */
const BATCHED_PER_FOLDER = 200;

export function folderQuestions({ questions, batchedFolders }: FolderQuestionsOptions): void {
  describe('GrepEngine over folders (compared with grep)', () => {
    let folder: TempFolder;
    let engine: SearchEngine;
    let counts: SearchCounts;
    before(async () => {
      folder = await tempFolder();
    });
    after(() => folder.remove());
    beforeEach(async () => {
      counts = createSearchCounts();
      engine = await openEngine(engineOptions({ dictionariesDir: folder.path, searchQueue: 100, counts }));
    });
    afterEach(async () => {
      restore();
      await engine.close();
    });

    /** A folder is settled if its last change is long enough ago. */
    const setClock = (isSettled: boolean) => {
      useFakeTimers({ toFake: ['Date'], now: Date.now() + (isSettled ? 60_000 : -60_000) });
    };

    for (const [count, nrOfQuestions] of questions) {
      const name = `${count} files`;
      let files: ReferenceFile[] | undefined;

      for (const way of WAYS) {
        it(`answers ${nrOfQuestions} questions about ${count} files ${way} the same way as grep`, async function () {
          this.timeout(600_000);
          files ??= await writeFolder(folder.path, name, generateFiles(count, SEED + count), { withLinks: count > 1 });
          if (way === 'opened by name') files = await addPadding(folder.path, name, files);
          setClock(way !== 'opened by grepd');
          const tally = new Map<string, number>();
          for (const { search, ...options } of generateQuestions(nrOfQuestions, SEED + count)) {
            const question = { dictionary: name, ...options };
            const outcome =
              search.syntax === undefined
                ? await compareAll(engine, files, searchQuery(question))
                : await compareSearch(engine, files, searchQuery({ ...question, ...search }));
            tally.set(outcome, (tally.get(outcome) ?? 0) + 1);
          }
          expect(tally.get('found'), 'questions with matches').to.be.at.least(nrOfQuestions / 5);
          expect(counts.catalog.packedBytes > 0).to.equal(way === 'packed' && count > 1);

          const expected = files.map((file): [string, number] => [
            file.path,
            referenceAll([file], { unit: 'line' }).length,
          ]);
          const lineCounts = await engine.lineCounts(name, new AbortController().signal);
          expect([...lineCounts]).to.deep.equal(expected);
        });
      }
    }

    it(`answers ${batchedFolders * BATCHED_PER_FOLDER} batched questions the same way as grep`, async function () {
      this.timeout(600_000);
      const tally = { found: 0, 'not found': 0, rejected: 0 };
      /** How many terms with each special character were found. */
      const foundSpecials = new Map<string, number>();
      setClock(true);
      for (let number = 1; number <= batchedFolders; number += 1) {
        const name = `folder ${number}`;
        const contents = generateBatchedFiles(SEED + number);
        const files = await writeFolder(folder.path, name, contents);
        for (const group of generateGroups(contents, SEED + number)) {
          const queries = group.map((each) => searchQuery({ dictionary: name, ...each }));
          const outcomes = await Promise.all(queries.map((each) => compareSearch(engine, files, each)));
          for (const [index, outcome] of outcomes.entries()) {
            tally[outcome] += 1;
            if (outcome !== 'found') continue;
            for (const special of new Set((group[index] as { term: string }).term)) {
              foundSpecials.set(special, (foundSpecials.get(special) ?? 0) + 1);
            }
          }
        }
      }
      const total = batchedFolders * BATCHED_PER_FOLDER;
      expect(tally.found + tally['not found']).to.equal(total);
      expect(tally.found).to.be.above(total / 3);
      expect(tally['not found']).to.be.above(total / 8);
      expect(counts.batched).to.be.above(0.8 * total);
      for (const special of SPECIALS) {
        expect(foundSpecials.get(special) ?? 0, `terms with ${special} that were found`).to.be.above(total / 100);
      }
    });
  });
}

/** Characters that are special in a regular expression, in a shell, or in a list of patterns. */
const SPECIALS = [...'\\^$.*+?()[]{}|/"\'-,`'];

const SPECIAL_PARTS = ['\\b', '\\<', '\\w', '\\1', '.*', '[a]', '[^a]', '{1}', '{2,', '(a|', '|b)', '()', 'a+', 'a?'];

/** A part of a line or term full of special characters. */
const part = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...SPECIALS) },
  { weight: 2, arbitrary: fc.constantFrom(...SPECIAL_PARTS) },
  { weight: 3, arbitrary: anyText },
);

/** The size of a folder that has many blocks of the filter, but whose lines fit in one batch. */
const BATCHED_FILES = 140;

function generateBatchedFiles(seed: number): Content[] {
  const files = generateFiles(BATCHED_FILES, seed);
  const lines = fc.sample(fc.array(part, { minLength: 3, maxLength: 60 }), { seed, numRuns: 12 * BATCHED_FILES });
  return files.map(({ path, bytes }, index) => {
    const more = lines.slice(12 * index, 12 * index + (index % 12)).map((parts) => `${parts.join('')}\n`);
    return { path, bytes: Buffer.concat([bytes, Buffer.from('\n'), Buffer.from(more.join(''))]) };
  });
}

type BatchedQuestion = Pick<SearchQuery, 'term' | 'n_before' | 'n_after' | 'format' | 'offset' | 'nresults'>;

/** Terms of at least this length exclude blocks in the filter. */
const GROUP_BYTES = 4;

/** Generates groups of concurrent questions, some only of terms that the filter can use. */
function generateGroups(files: readonly Content[], seed: number): BatchedQuestion[][] {
  const lines = files
    .flatMap(({ bytes }) => bytes.toString().split('\n'))
    .map((line) => line.replace(/[\r\0\ufffd\ufeff].*/s, ''))
    .filter((line) => line.length > GROUP_BYTES);
  /** A part of a line. Often one of them is part of another. */
  const excerpt = fc
    .record({ line: fc.constantFrom(...lines), at: fc.nat(), length: fc.integer({ min: 1, max: 40 }) })
    .map(({ line, at, length }) => [...line].slice(at % 4 === 0 ? 0 : at % line.length).slice(0, length))
    .map((characters) => characters.join(''));
  const term = fc.oneof(
    { weight: 4, arbitrary: excerpt },
    { weight: 1, arbitrary: fc.tuple(excerpt, part).map((parts) => parts.join('')) },
    { weight: 2, arbitrary: fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')) },
  );
  const isTerm = (term: string) => term !== '';
  const details = {
    n_before: fc.constantFrom(0, 0, 1, 3),
    n_after: fc.constantFrom(0, 0, 2),
    format: fc.constantFrom('text' as const, 'object' as const),
    offset: fc.constantFrom(0, 0, 1),
    nresults: fc.constantFrom(0, 0, 2),
  };
  const plain = fc.record({
    n_before: fc.constant(0),
    n_after: fc.constant(0),
    format: fc.constant('text' as const),
    offset: details.offset,
    nresults: details.nresults,
  });
  const group = fc
    .record({
      size: fc.integer({ min: 2, max: 40 }),
      isLong: fc.boolean(),
      isPlain: fc.boolean(),
      questions: fc.array(fc.record({ term: term.filter(isTerm), plain, details: fc.record(details) }), {
        minLength: 80,
        maxLength: 80,
      }),
    })
    .map(({ size, isLong, isPlain, questions }) =>
      questions
        .filter(({ term }) => !isLong || Buffer.byteLength(term) >= GROUP_BYTES)
        .slice(0, size)
        .map(({ term, plain, details }) => ({ term, ...(isPlain || isLong ? plain : details) })),
    );
  const groups: BatchedQuestion[][] = [];
  let remaining = BATCHED_PER_FOLDER;
  for (const questions of fc.sample(group, { seed, numRuns: BATCHED_PER_FOLDER })) {
    const next = questions.slice(0, remaining);
    if (next.length > 0) groups.push(next);
    remaining -= next.length;
  }
  return groups;
}
