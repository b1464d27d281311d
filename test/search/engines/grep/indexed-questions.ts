// Asks an engine with indexes and one without the same generated questions about hostile texts. Not
// a test file itself.
import { appendFileSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { restore, useFakeTimers } from 'sinon';
import { AppError } from '../../../../src/errors.js';
import { collect, type SearchEngine, type SearchQuery, type Syntax } from '../../../../src/search/engine.js';
import { openEngine } from '../../../../src/search/open-engine.js';
import { createSearchCounts } from '../../../../src/search/search-counts.js';
import { createText, generator, type Random, WORDS } from '../../../helpers/hostile-texts.js';
import { engineOptions, searchQuery } from '../../../helpers/queries.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import { buildIndexes, usedIndexes } from '../../index/build-indexes.js';

/** Longer than what the scanner keeps of a line. */
const LONG_LINE = 70_000;

const REGEXES: readonly ((term: string, other: string) => string)[] = [
  (term) => term,
  (term, other) => `${term}.*${other}`,
  (term, other) => `${term}|${other}`,
  (term, other) => `(${term}|${other})${other}`,
  (term, other) => `${term}?${other}`,
  (term) => `^${term}`,
  (term) => `${term}$`,
  (term) => `${term}+`,
  (term) => `\\b${term}`,
  (term) => `${term}[[:space:]]`,
  (term) => `[${term[0]}x]${term.slice(1)}`,
  (term) => `(${term}`,
  () => '^$',
  () => '.',
];

export interface QuestionOptions {
  seed: number;
  /** Each has new dictionaries, with new indexes. */
  rounds: number;
  questions: number;
}

export interface Tally {
  asked: number;
  /** The questions for which not everything was read. */
  pruned: number;
  absent: number;
  failed: number;
  found: number;
}

/** Compares the answers, and returns how many were which. */
export async function compareWithIndex({ seed, rounds, questions }: QuestionOptions): Promise<Tally> {
  const random = generator(seed);
  const tally: Tally = { asked: 0, pruned: 0, absent: 0, failed: 0, found: 0 };
  for (let round = 0; round < rounds; round += 1) await compareRound(random, questions, tally, `${seed}/${round}`);
  return tally;
}

async function compareRound(random: Random, questions: number, tally: Tally, title: string): Promise<void> {
  const folder = await tempFolder();
  // A folder that has settled would be packed. With this clock, it never settles.
  useFakeTimers({ toFake: ['Date'], now: Date.now() });
  const engines: SearchEngine[] = [];
  try {
    const dictionariesDir = join(folder.path, 'dictionaries');
    const names = writeDictionaries(random, dictionariesDir);
    const settings = {
      dictionariesDir,
      dir: join(folder.path, 'index'),
      blockBytes: random.pick([1, 1, 8, 16, 40, 100, 400]),
      maxColumns: random.pick([100, 4_096, 4_096]),
    };
    const leftOut = random.chance(0.3) ? random.pick(names) : undefined;
    await buildIndexes({ ...settings, isLeftOut: (path) => path === leftOut });
    if (random.chance(0.3)) changeFile(random, join(dictionariesDir, random.pick(names)));
    const counts = createSearchCounts();
    const options = engineOptions({
      dictionariesDir,
      lineLength: random.pick([10, 40, 1_000_000]),
      searchQueue: 100,
    });
    const plain = await openEngine(options);
    engines.push(plain);
    const indexed = await openEngine({ ...options, counts, index: usedIndexes(settings.dir) });
    engines.push(indexed);
    for (let question = 0; question < questions; question += 1) {
      const { ask, description } = createQuestion(random, names);
      const [expected, actual] = await Promise.all([ask(plain), ask(indexed)]);
      expect(actual, `round ${title} ${JSON.stringify(settings)} ${description}`).to.deep.equal(expected);
      tally.asked += 1;
      if ('code' in expected) tally.failed += 1;
      else if (expected.answer.nrOfEntries > 0) tally.found += 1;
    }
    for (const name of ['one.txt', 'fold']) {
      const [expected, actual] = await Promise.all([plain, indexed].map((engine) => engine.lineCounts(name, never)));
      expect(actual, `round ${title} line counts of ${name}`).to.deep.equal(expected);
    }
    tally.pruned += counts.index.searches.pruned;
    tally.absent += counts.index.searches.proved_absent;
    expect(counts.index.rejected).to.equal(0);
  } finally {
    restore();
    for (const engine of engines) await engine.close();
    await folder.remove();
  }
}

const never = new AbortController().signal;

/** Returns the paths of the uncompressed files. */
export function writeDictionaries(random: Random, dictionariesDir: string): string[] {
  const names = ['one.txt', 'alone/only.txt'];
  // The parts of one file are read, or those of a tenth of the files.
  const count = random.pick([1, 3, 3, 30]);
  for (let at = 0; at < count; at += 1) names.push(`fold/${random.pick(['', 'sub/'])}f${at}`);
  for (const name of names) {
    mkdirSync(dirname(join(dictionariesDir, name)), { recursive: true });
    writeFileSync(join(dictionariesDir, name), createText(random, count === 30 ? 20 : 800, LONG_LINE));
  }
  symlinkSync('one.txt', join(dictionariesDir, 'link.txt'));
  if (random.chance(0.3)) symlinkSync('../one.txt', join(dictionariesDir, 'fold/g-link'));
  if (random.chance(0.2)) writeFileSync(join(dictionariesDir, 'fold/h.gz'), gzipSync(createText(random)));
  return names;
}

/** Makes the index of a file stale: by a replacement, a longer text, or other bytes in place. */
function changeFile(random: Random, path: string): void {
  const { size } = statSync(path);
  if (random.chance(0.3)) writeFileSync(path, createText(random, 150, LONG_LINE));
  else if (random.chance(0.5)) appendFileSync(path, createText(random, 150, LONG_LINE));
  else writeFileSync(path, Buffer.alloc(size, 'needle\n'));
}

type Outcome = { code: string } | { answer: { nrOfEntries: number }; observed: string[] };

function createQuestion(random: Random, names: readonly string[]) {
  const { dictionary, ...query } = createQuery(random, names);
  const isAll = random.chance(0.3);
  const isObserved = !isAll && random.chance(0.2);
  const ask = async (engine: SearchEngine): Promise<Outcome> => {
    const observed: string[] = [];
    const observe = (file: string, line: number) => observed.push(`${file}:${line}`);
    const observer = { signal: never, observe };
    const asked = searchQuery({ dictionary, ...query, ...(isObserved && { observer }) });
    try {
      const answer = isAll ? engine.all(asked, never) : engine.search(asked, never);
      return { answer: await collect(answer), observed };
    } catch (error) {
      if (error instanceof AppError) return { code: error.code };
      throw error;
    }
  };
  return { ask, description: JSON.stringify({ isAll, isObserved, dictionary, ...query }) };
}

export function createQuery(random: Random, names: readonly string[]): Partial<SearchQuery> {
  const syntax = random.pick<Syntax>(['literal', 'word', 'regex']);
  const term = random.pick(WORDS) + (random.chance(0.15) ? random.pick([' ', '-', '']) + random.pick(WORDS) : '');
  const folders = ['one.txt', 'one.txt', 'one.txt', 'alone', 'link.txt', 'fold', 'fold', 'fold'];
  return {
    dictionary: random.chance(0.1) ? random.pick([...names, 'fold/sub']) : random.pick(folders),
    syntax,
    term: syntax === 'regex' ? random.pick(REGEXES)(term, random.pick(WORDS)) : term,
    // Other literals are searched in batches, without the index.
    ignore_case: random.chance(0.7),
    n_before: random.pick([0, 0, 0, 0, 0, 1, 1, 2, 5, 300]),
    n_after: random.pick([0, 0, 0, 0, 0, 1, 1, 2, 5, 300]),
    nresults: random.pick([0, 1, 3, 10]),
    offset: random.pick([0, 0, 0, 1, 5, 50, 1_000]),
    unit: random.pick(['line', 'line', 'quote'] as const),
    order: random.chance(0.1) ? 'random' : 'file',
    seed: 1,
    format: random.pick(['text', 'object', 'location'] as const),
  };
}
