// Asks engines generated questions for concordances, and compares the answers with what grep and
// sort(1) give. Not a test file itself.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import type { EntryObject, Syntax } from '../../../src/search/engine.js';
import { openEngine } from '../../../src/search/open-engine.js';
import { MAX_SORT_WORD_LENGTH } from '../../../src/search/queries/match-context.js';
import type { ConcordanceLine, ConcordanceQuery, QueryEngine, SortOrder } from '../../../src/search/query.js';
import { createText, generator, type Random, WORDS } from '../../helpers/hostile-texts.js';
import { engineOptions } from '../../helpers/queries.js';
import { type ReferenceFile, referenceSearch } from '../../helpers/reference.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { buildIndexes, usedIndexes } from '../index/build-indexes.js';
import { collectLines, concordanceQuery } from './concordance-query.js';

export interface ConcordanceQuestions {
  seed: number;
  rounds: number;
  questions: number;
}

/** Words that are hard to split, to cut or to order. */
const HARD_WORDS = [
  ...[
    "don't",
    'don’t',
    'well-known',
    '-dash-',
    "''quote''",
    'a-\u0301b',
    'e\u0301\u0302\u0303',
    '\u0301',
    '2nd',
    '4.5',
  ],
  ...[
    '👩‍👩‍👧',
    '👍🏽',
    '\u{10400}x',
    '\u{1d538}',
    'ﬀ',
    '\uff21',
    '日本語',
    'É',
    'E\u0301',
    'é',
    'ΟΔΟΣ',
    'İ',
    'a\tb',
    'x\u2028y',
  ],
  ...['the', 'The', 'a', 'b', 'foo', 'Foo', 'fo', 'bar', '%', '_', 'o-o', "o'o", '\ue000', '\ufffd'],
];

/** Neither the test nor its reference gets through all matches in longer lines soon enough. */
const MAX_LINE_BYTES = 10_000;

/** Returns the number of questions, and of those with lines. */
export async function compareWithGrepAndSort({ seed, rounds, questions }: ConcordanceQuestions) {
  const random = generator(seed);
  const tally = { asked: 0, found: 0, sorted: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const folder = await tempFolder();
    const engines: QueryEngine[] = [];
    try {
      const dictionariesDir = join(folder.path, 'dictionaries');
      const files = writeFolder(random, dictionariesDir);
      const dir = join(folder.path, 'index');
      await buildIndexes({ dictionariesDir, dir, blockBytes: random.pick([1, 16, 100]), maxColumns: 4_096 });
      const options = engineOptions({ dictionariesDir, searchQueue: 100 });
      engines.push(await openEngine(options));
      engines.push(await openEngine({ ...options, index: usedIndexes(dir) }));
      while (tally.asked < questions * (round + 1)) {
        const query = createQuery(random);
        const expected = referenceConcordance(files, query);
        if (expected === undefined) continue;
        const title = `seed ${seed}, round ${round}: ${JSON.stringify(query)}`;
        for (const engine of engines) {
          const { lines, nrOfEntries } = await collectLines(engine.concordance(query, new AbortController().signal));
          expect({ lines, nrOfEntries }, title).to.deep.equal(expected);
        }
        tally.asked += 1;
        if (expected.lines.length > 0) tally.found += 1;
        if (expected.lines.length > 1 && query.order !== 'file') tally.sorted += 1;
      }
    } finally {
      for (const engine of engines) await engine.close();
      await folder.remove();
    }
  }
  return tally;
}

function writeFolder(random: Random, dictionariesDir: string): ReferenceFile[] {
  const paths = ['d/a.txt', 'd/b.txt', 'd/c/d.txt', 'd/c.txt'].slice(0, random.pick([1, 2, 4]));
  const files = paths.map((path) => ({ path, bytes: createBytes(random) }));
  for (const { path, bytes } of files) {
    mkdirSync(dirname(join(dictionariesDir, path)), { recursive: true });
    writeFileSync(join(dictionariesDir, path), bytes);
  }
  return files.sort((one, other) => Buffer.compare(Buffer.from(one.path), Buffer.from(other.path)));
}

function createBytes(random: Random): Buffer {
  const lines = Array.from({ length: random.pick([0, 5, 30, 60]) }, () => {
    const words = Array.from({ length: random.pick([0, 1, 3, 6, 12]) }, () => random.pick(HARD_WORDS));
    return words.join(random.pick([' ', ' ', ' ', ', ', '-', "'", '\t', '']));
  });
  const hostile = createText(random, 40);
  const isLong = hostile
    .toString('latin1')
    .split('\n')
    .some((line) => line.length > MAX_LINE_BYTES);
  return Buffer.concat([
    Buffer.from(lines.join(random.pick(['\n', '\n', '\r\n']))),
    isLong ? Buffer.from('') : hostile,
  ]);
}

function createQuery(random: Random): ConcordanceQuery {
  const syntax = random.pick<Syntax>(['literal', 'literal', 'word', 'regex']);
  const word = random.pick(random.chance(0.5) ? WORDS : HARD_WORDS).replace(/[\t\r\n]/g, ' ');
  const term = syntax === 'regex' ? random.pick(['[a-z]+', 'o*', '^.', '.$', '.', 'o.o', '[^ ]+ [^ ]+']) : word;
  return concordanceQuery({
    dictionary: 'd',
    unit: random.pick(['line', 'quote'] as const),
    term: {
      term: random.chance(0.3) ? random.pick(['o', 'e', 'a', ' ', '-']) : term,
      syntax,
      ignore_case: random.chance(0.3),
    },
    width: random.pick([0, 1, 2, 3, 5, 10, 40, 200]),
    width_unit: random.pick(['characters', 'words'] as const),
    order: random.pick(['file', 'left', 'left', 'match', 'match', 'right', 'right'] as const),
    nresults: random.pick([0, 0, 1, 5, 20]),
    offset: random.pick([0, 0, 1, 7]),
  });
}

interface Expected {
  lines: ConcordanceLine[];
  nrOfEntries: number;
}

interface Sides {
  line: ConcordanceLine;
  left: string;
  right: string;
}

function referenceConcordance(files: ReferenceFile[], query: ConcordanceQuery): Expected | undefined {
  const { unit, order, nresults, offset } = query;
  const [term] = query.all_of;
  const { term: text = '', ignore_case = false } = term ?? {};
  const search = { term: text, syntax: term?.syntax as Syntax, ignore_case };
  const entries = referenceSearch(files, { ...search, unit, n_before: 0, n_after: 0, format: 'object' });
  if (entries === undefined) return undefined;
  const found = entries.flatMap((entry) => entry.matches.map((match) => sidesOf(entry, match, query)));
  const sorted = order === 'file' ? found : sortWithSort(found, (sides) => keyOf(sides, order));
  const lines = sorted.map(({ line }) => line).slice(offset, nresults > 0 ? offset + nresults : undefined);
  return { lines, nrOfEntries: found.length };
}

function sidesOf({ file, line, text }: EntryObject, [start, end]: [number, number], query: ConcordanceQuery): Sides {
  const [left, right] = [text.slice(0, start), text.slice(end)];
  return {
    left,
    right,
    line: {
      file,
      line: line + left.split('\n').length - 1,
      left: spaced(lastOf(left, query)),
      match: spaced(text.slice(start, end)),
      right: spaced(firstOf(right, query)),
    },
  };
}

const spaced = (text: string) =>
  Array.from(text, (each) => ('\t\n\v\f\r\u0085\u2028\u2029'.includes(each) ? ' ' : each)).join('');

function lastOf(side: string, { width, width_unit }: ConcordanceQuery): string {
  if (width === 0) return '';
  if (width_unit === 'words') return side.slice(referenceWords(side).at(-width)?.start ?? 0);
  const characters = Array.from(side);
  const last = characters.slice(-width);
  if (characters.length > width) {
    let before = characters.at(-width - 1);
    while (last[0] !== undefined && isExtension(last[0], before)) before = last.shift();
  }
  return last.join('');
}

function firstOf(side: string, { width, width_unit }: ConcordanceQuery): string {
  if (width === 0) return '';
  if (width_unit === 'words') return side.slice(0, referenceWords(side)[width - 1]?.end);
  const characters = Array.from(side);
  const first = characters.slice(0, width);
  if (characters.length > width) {
    let after = characters[width] as string;
    while (first.length > 0 && isExtension(after, first.at(-1))) after = first.pop() as string;
  }
  return first.join('');
}

function isExtension(character: string, before: string | undefined): boolean {
  return before === '\u200d' || /^(\p{M}|\u200d|\p{Emoji_Modifier})$/u.test(character);
}

interface ReferenceWord {
  text: string;
  start: number;
  end: number;
}

/** Finds words character by character. */
function referenceWords(side: string): ReferenceWord[] {
  const words: ReferenceWord[] = [];
  let [text, joiner, at] = ['', '', 0];
  const endWord = (end: number) => {
    if (text !== '') words.push({ text, start: end - joiner.length - text.length, end: end - joiner.length });
    [text, joiner] = ['', ''];
  };
  for (const character of side) {
    if (/[\p{L}\p{N}]/u.test(character)) [text, joiner] = [text + joiner + character, ''];
    else if (/\p{M}/u.test(character) && text !== '' && joiner === '') text += character;
    else if ("'’-‐‑".includes(character) && text !== '' && joiner === '') joiner = character;
    else endWord(at);
    at += character.length;
  }
  endWord(at);
  return words;
}

function keyOf({ line, left, right }: Sides, order: SortOrder): string[] {
  if (order === 'match') return [beginningOf(line.match).toLowerCase().normalize('NFC')];
  const words = order === 'left' ? referenceWords(left).slice(-3).reverse() : referenceWords(right).slice(0, 3);
  return words.map(({ text }) => text.toLowerCase().normalize('NFC'));
}

/** Long matches are compared by their beginning, of whole characters. */
function beginningOf(match: string): string {
  return match.slice(0, MAX_SORT_WORD_LENGTH).replace(/[\ud800-\udbff]$/, '');
}

/** In the C locale, sort(1) compares bytes, and the order of UTF-8 is that of code points. */
function sortWithSort<Item>(items: readonly Item[], wordsOfItem: (item: Item) => string[]): Item[] {
  const input = items.map((item, index) => `${wordsOfItem(item).join('\u0001')}\t${index}\n`).join('');
  const { stdout, status } = spawnSync('sort', ['-s', '-t', '\t', '-k', '1,1'], {
    input,
    env: { ...process.env, LC_ALL: 'C' },
    maxBuffer: 1e9,
  });
  expect(status).to.equal(0);
  const sorted = stdout.toString().split('\n').slice(0, -1);
  return sorted.map((line) => items[Number(line.slice(line.indexOf('\t') + 1))] as Item);
}
