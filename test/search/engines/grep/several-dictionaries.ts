// Compares searches of several dictionaries with those of one folder that has the same files. Not a
// test file itself.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { restore, useFakeTimers } from 'sinon';
import { isCompressed } from '../../../../src/search/corpus/compressed.js';
import { ALL_DICTIONARIES, selectorOf } from '../../../../src/search/dictionary-selector.js';
import { collect, type EntryObject, type SearchEngine, type SearchQuery } from '../../../../src/search/engine.js';
import { openEngine } from '../../../../src/search/open-engine.js';
import { createSearchCounts } from '../../../../src/search/search-counts.js';
import { createText, generator, type Random, WORDS } from '../../../helpers/hostile-texts.js';
import { allQuery, engineOptions, searchQuery } from '../../../helpers/queries.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import { buildIndexes, usedIndexes } from '../../index/build-indexes.js';

const never = new AbortController().signal;

/** Their order by path differs from that of the names: `b.txt` comes before `b/…`, and after `b-`. */
const PATHS = [
  'a.txt',
  'b/1.txt',
  'b/d/2.txt',
  'b/z.txt.gz',
  'b-.txt',
  'b.txt',
  'c.gz',
  'one/only.txt',
  'Ä/Ä.txt',
  ...Array.from({ length: 20 }, (_, number) => `n${number}.txt`),
];
/** Some of them, out of order, twice, and in each other. */
export const SOME = ['n3.txt', 'b.txt', 'b', 'b/d/2.txt', 'b/d', 'c', 'c.gz', 'one/only.txt', 'n3.txt', 'Ä'];
const isSome = (path: string) =>
  SOME.some((name) => [path, `${path}`.replace(/\.gz$/, '')].includes(name) || path.startsWith(`${name}/`));

export interface SeveralOptions {
  seed: number;
  questions: number;
}

/** Returns how many questions had matches, and how many of all searches an index helped. */
export async function compareSeveral({ seed, questions }: SeveralOptions): Promise<{ found: number; pruned: number }> {
  const folder = await tempFolder();
  const random = generator(seed);
  const tally = { found: 0, pruned: 0 };
  // A folder is settled if its last change is long enough ago.
  useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
  const engines: SearchEngine[] = [];
  try {
    const dirs = { several: join(folder.path, 'several'), one: join(folder.path, 'one') };
    writeTexts(random, dirs.several, [join(dirs.one, 'all')], join(dirs.one, 'some'));
    const index = { dictionariesDir: dirs.several, dir: join(folder.path, 'index'), blockBytes: 64 };
    await buildIndexes({ ...index, isLeftOut: (path) => path === 'b/1.txt' });
    const counts = createSearchCounts();
    const options = engineOptions({ dictionariesDir: dirs.several });
    const twin = await openEngine({ ...options, dictionariesDir: dirs.one });
    const plain = await openEngine(options);
    const indexed = await openEngine({ ...options, counts, index: usedIndexes(index.dir) });
    engines.push(twin, plain, indexed);
    for (let number = 0; number < questions; number += 1) {
      const [selector, folder] = random.pick([
        [ALL_DICTIONARIES, 'all'],
        [selectorOf(SOME), 'some'],
      ] as const);
      const query = createQuery(random);
      const expected = await answers(twin, folder, query, `${folder}/`);
      if (expected.search.nrOfEntries > 0) tally.found += 1;
      for (const engine of [plain, indexed]) {
        expect(await answers(engine, selector, query, ''), JSON.stringify({ selector, query })).to.deep.equal(expected);
      }
    }
    const { pruned, proved_absent: absent } = counts.index.searches;
    tally.pruned = pruned + absent;
    return tally;
  } finally {
    restore();
    for (const engine of engines) await engine.close();
    await folder.remove();
  }
}

/**
 * @param all folders for all texts
 * @param some a folder for those that `SOME` names
 */
export function writeTexts(random: Random, several: string, all: readonly string[] = [], some?: string): void {
  for (const path of PATHS) {
    const text = createText(random);
    for (const folder of [several, ...all, ...(some !== undefined && isSome(path) ? [some] : [])]) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, isCompressed(file) ? gzipSync(text) : text);
    }
  }
}

export function createQuery(random: Random): SearchQuery {
  return searchQuery({
    term: random.pick(WORDS),
    syntax: random.pick(['literal', 'word', 'regex']),
    ignore_case: random.chance(0.3),
    unit: random.pick(['line', 'line', 'quote']),
    format: random.pick(['text', 'object']),
    order: random.pick(['file', 'file', 'random']),
    seed: random.below(1_000),
    nresults: random.pick([0, 1, 5, 50]),
    offset: random.pick([0, 0, 3, 30]),
    n_before: random.pick([0, 0, 2]),
    n_after: random.pick([0, 0, 1]),
  });
}

/** All that an engine says about dictionaries, with paths without a prefix. */
export async function answers(engine: SearchEngine, dictionary: string, query: SearchQuery, prefix: string) {
  const shorten = (path: string) => path.slice(prefix.length);
  const byPath = (counts: ReadonlyMap<string, unknown>) => [...counts].map(([path, count]) => [shorten(path), count]);
  const observed: [string, number][] = [];
  const observer = {
    signal: never,
    observe: (file: string, line: number) => void observed.push([shorten(file), line]),
  };
  const toShort = (entry: string | EntryObject) =>
    typeof entry === 'string' ? entry : { ...entry, file: shorten(entry.file) };
  const counted = await engine.entryCounts({ ...query, dictionary }, never);
  return {
    search: await collect(engine.search({ ...query, dictionary }, never), toShort),
    observed: await collect(engine.search({ ...query, dictionary, observer }, never), toShort),
    locations: observed,
    all: await collect(engine.all(allQuery({ ...query, dictionary }), never), toShort),
    files: (await engine.files(dictionary, never)).map(({ file, bytes }) => [shorten(file), bytes]),
    lines: byPath(await engine.lineCounts(dictionary, never)),
    words: byPath(await engine.wordCounts(dictionary, never)),
    counts: counted && byPath(counted.files),
    isSure: (await engine.version(dictionary)) !== undefined,
  };
}
