// Counts entries and matches in hostile texts, and compares the counts with those of grep, tr and
// awk. Not a test file itself.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { restore, useFakeTimers } from 'sinon';
import { AppError } from '../../../src/errors.js';
import { collect, type SearchEngine, type Term } from '../../../src/search/engine.js';
import { openGrep } from '../../../src/search/engines/grep/grep-engine.js';
import { ComposingEngine } from '../../../src/search/queries/composing-engine.js';
import type { Conditions, FileCount } from '../../../src/search/query.js';
import { createSearchCounts } from '../../../src/search/search-counts.js';
import { generator, type Random, WORDS } from '../../helpers/hostile-texts.js';
import { engineOptions } from '../../helpers/queries.js';
import { type ReferenceFile, referenceSearch } from '../../helpers/reference.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { createQuery, type QuestionOptions, writeDictionaries } from '../engines/grep/indexed-questions.js';
import { buildIndexes, usedIndexes } from '../index/build-indexes.js';

export interface CountTally {
  asked: number;
  found: number;
  failed: number;
  /** The questions whose entries outnumber the matches that have text. */
  empty: number;
  pruned: number;
}

type Outcome = { code: string } | { nrOfEntries: number; counts: Omit<FileCount, 'per_million_words'>[] };

/** Regular expressions that match the empty string. */
const EMPTY_REGEXES = ['', '^', '$', '^$', '\\b', '\\<', '(foo)?', '[[:space:]]*$', 'ab*|', '(ab)*c*', '.*', '\\B'];

const never = new AbortController().signal;

/** Compares the counts, and returns how many questions were which. */
export async function compareCounts({ seed, rounds, questions }: QuestionOptions): Promise<CountTally> {
  const random = generator(seed);
  const tally: CountTally = { asked: 0, found: 0, failed: 0, empty: 0, pruned: 0 };
  for (let round = 0; round < rounds; round += 1) await compareRound(random, questions, tally, `${seed}/${round}`);
  return tally;
}

async function compareRound(random: Random, questions: number, tally: CountTally, title: string): Promise<void> {
  const folder = await tempFolder();
  // Small folders that have settled are packed.
  useFakeTimers({ toFake: ['Date'], now: Date.now() + random.pick([0, 60_000]) });
  const engines: SearchEngine[] = [];
  try {
    const dictionariesDir = join(folder.path, 'dictionaries');
    const names = writeDictionaries(random, dictionariesDir);
    const dir = join(folder.path, 'index');
    await buildIndexes({ dictionariesDir, dir, blockBytes: random.pick([1, 8, 40, 400]) });
    const counts = createSearchCounts();
    const options = engineOptions({ dictionariesDir });
    const spareSlots = { acquire: (max: number) => Math.max(0, Math.min(max, 2)), release: () => {} };
    const minPartBytes = 500;
    engines.push(await openGrep({ ...options, ...(random.chance(0.5) && { minPartBytes, spareSlots }) }));
    engines.push(await openGrep({ ...options, index: usedIndexes(dir), minPartBytes, spareSlots, counts }));
    const reference = new Reference(dictionariesDir, join(folder.path, 'plain'));
    for (let question = 0; question < questions; question += 1) {
      const { dictionary = '', unit = 'line', ...term } = createCountQuery(random, names);
      const query = conditions({ dictionary, unit, all_of: [term] });
      const expected = reference.count(query, term);
      if (expected === undefined) continue;
      const words = reference.words(dictionary);
      for (const [index, engine] of engines.entries()) {
        const what = `round ${title} engine ${index} ${JSON.stringify({ dictionary, unit, ...term })}`;
        const actual = await outcomeOf(engine, query, words, what);
        const isPartial = 'counts' in actual && actual.nrOfEntries > 0 && actual.counts.length === 0;
        expect(actual, what).to.deep.equal(isPartial ? { ...expected, counts: [] } : expected);
      }
      tally.asked += 1;
      if ('code' in expected) tally.failed += 1;
      else {
        tally.found += expected.nrOfEntries > 0 ? 1 : 0;
        tally.empty += expected.counts.some(({ entries, matches }) => matches < entries) ? 1 : 0;
      }
    }
    tally.pruned += counts.index.searches.pruned + counts.index.searches.proved_absent;
  } finally {
    restore();
    for (const engine of engines) await engine.close();
    await folder.remove();
  }
}

async function outcomeOf(
  engine: SearchEngine,
  query: Conditions,
  words: ReadonlyMap<string, number>,
  what: string,
): Promise<Outcome> {
  try {
    const { nrOfEntries, truncated, entries } = await collect(new ComposingEngine(engine).count(query, never));
    // Marked matches can make a line of a quote too long. The counts of lines are always complete.
    if (truncated === 'line_length' && query.unit === 'quote') return { nrOfEntries, counts: [] };
    expect(truncated, what).to.equal(undefined);
    const counts = entries.map(({ per_million_words, ...count }) => {
      const total = words.get(count.file) as number;
      const expected = total === 0 ? 0 : Number(((count.matches / total) * 1e6).toFixed(2));
      expect(per_million_words, `${what} ${count.file} of ${total} words`).to.be.closeTo(expected, 0.0101);
      return count;
    });
    return { nrOfEntries, counts };
  } catch (error) {
    if (error instanceof AppError) return { code: error.code };
    throw error;
  }
}

export function conditions(query: Partial<Conditions>): Conditions {
  return { unit: 'line', all_of: [], any_of: [], none_of: [], join_hyphens: false, ignore_marks: false, ...query };
}

function createCountQuery(random: Random, names: readonly string[]) {
  const { dictionary, unit, syntax = 'literal', term = '', ignore_case = false } = createQuery(random, names);
  if (!random.chance(0.2)) return { dictionary, unit, syntax, term, ignore_case };
  if (random.chance(0.2)) return { dictionary, unit, syntax: 'literal' as const, term: ' ', ignore_case };
  const regex = random.chance(0.3) ? `(${random.pick(WORDS)})*` : random.pick(EMPTY_REGEXES);
  return { dictionary, unit, syntax: 'regex' as const, term: regex, ignore_case };
}

class Reference {
  readonly #root: string;
  readonly #plain: string;
  readonly #files = new Map<string, ReferenceFile[]>();

  /** @param plain a new folder for copies of the texts as grep has to read them */
  constructor(root: string, plain: string) {
    this.#root = root;
    this.#plain = plain;
    mkdirSync(plain);
  }

  /** Returns `undefined` if grep reads the term differently than its author means it. */
  count({ dictionary = '', unit }: Conditions, term: Term): Outcome | undefined {
    if (!existsSync(join(this.#root, dictionary))) return { code: 'unknown_dictionary' };
    if (unit === 'line') return this.#countLines(dictionary, term);
    const files = this.#filesOf(dictionary);
    const entries = referenceSearch(files, { ...term, unit, format: 'object', n_before: 0, n_after: 0 });
    if (entries === undefined) return undefined;
    const counts = new Map<string, { entries: number; matches: number }>();
    for (const { file, matches } of entries) {
      const count = counts.get(file) ?? { entries: 0, matches: 0 };
      counts.set(file, { entries: count.entries + 1, matches: count.matches + matches.length });
    }
    return { nrOfEntries: entries.length, counts: [...counts].map(([file, count]) => ({ file, ...count })) };
  }

  #countLines(dictionary: string, term: Term): Outcome {
    const files = this.#filesOf(dictionary);
    const copies = files.map((_, index) => this.#copyOf(dictionary, index));
    const lines = grep(['-c'], term, copies);
    const matches = grep(['-o'], term, copies);
    if (lines === undefined || matches === undefined) return { code: 'invalid_request' };
    const counts = files.map(({ path }, index) => ({
      file: path,
      entries: Number(lines.get(copies[index] as string)?.[0] ?? 0),
      matches: matches.get(copies[index] as string)?.length ?? 0,
    }));
    return {
      nrOfEntries: counts.reduce((sum, { entries }) => sum + entries, 0),
      counts: counts.filter(({ entries }) => entries > 0),
    };
  }

  words(dictionary: string): Map<string, number> {
    const files = existsSync(join(this.#root, dictionary)) ? this.#filesOf(dictionary) : [];
    return new Map(files.map(({ path, bytes }) => [path, wordsIn(bytes)]));
  }

  #copyOf(dictionary: string, index: number): string {
    return join(this.#plain, `${dictionary.replaceAll('/', '+')}+${index}`);
  }

  #filesOf(dictionary: string): ReferenceFile[] {
    const known = this.#files.get(dictionary);
    if (known !== undefined) return known;
    const files = read(this.#root, dictionary);
    this.#files.set(dictionary, files);
    for (const [index, { bytes }] of files.entries()) writeFileSync(this.#copyOf(dictionary, index), plainText(bytes));
    return files;
  }
}

function read(root: string, path: string): ReferenceFile[] {
  try {
    const bytes = readFileSync(join(root, path));
    return [{ path, bytes: path.endsWith('.gz') ? gunzipSync(bytes) : bytes }];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EISDIR') throw error;
  }
  const files = readdirSync(join(root, path)).flatMap((name) => read(root, `${path}/${name}`));
  return files.sort((one, other) => Buffer.compare(Buffer.from(one.path), Buffer.from(other.path)));
}

/** Removes the byte order mark, and the `\r` of line ends. */
function plainText(bytes: Buffer): Buffer {
  const text = withoutMark(bytes).toString('latin1');
  return Buffer.from(text.replaceAll('\r\n', '\n').replace(/\r$/, '\n'), 'latin1');
}

function withoutMark(bytes: Buffer): Buffer {
  return bytes.subarray(0, 3).equals(Buffer.from('\ufeff')) ? bytes.subarray(3) : bytes;
}

/** Cached, because most texts are counted again and again. */
const wordCounts = new WeakMap<Buffer, number>();

function wordsIn(bytes: Buffer): number {
  const known = wordCounts.get(bytes);
  if (known !== undefined) return known;
  // awk separates fields at blanks, tabs and newlines only.
  const command = "tr '\\v\\f\\r' '   ' | awk '{ n += NF } END { print n + 0 }'";
  const words = Number(execFileSync('sh', ['-c', command], { input: withoutMark(bytes), env: cLocale }));
  wordCounts.set(bytes, words);
  return words;
}

const cLocale = { ...process.env, LC_ALL: 'C' };

/** Returns the output lines of each file, or `undefined` if grep rejects the term. */
function grep(
  output: readonly string[],
  { term, syntax, ignore_case }: Term,
  files: readonly string[],
): Map<string, string[]> | undefined {
  const options = [{ literal: '-F', word: '-Fw', regex: '-E' }[syntax], ...(ignore_case ? ['-i'] : [])];
  const args = ['-a', '-H', '-Z', ...output, ...options, '-e', term, '--', ...files, '/dev/null'];
  const { status, stdout } = spawnSync('grep', args, {
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
    maxBuffer: 1e9,
  });
  if (status !== 0 && status !== 1) return undefined;
  const lines = new Map<string, string[]>();
  for (const line of stdout.toString('latin1').split('\n').slice(0, -1)) {
    const end = line.indexOf('\0');
    const path = Buffer.from(line.slice(0, end), 'latin1').toString();
    const known = lines.get(path);
    if (known === undefined) lines.set(path, [line.slice(end + 1)]);
    else known.push(line.slice(end + 1));
  }
  return lines;
}
