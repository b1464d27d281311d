// Asks engines generated questions about frequencies, and compares the answers with what grep, sort
// and uniq count. Not a test file itself.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { AppError } from '../../../src/errors.js';
import type { EntryObject, SearchEngine, Syntax, Term } from '../../../src/search/engine.js';
import { openEngine } from '../../../src/search/open-engine.js';
import { ComposingEngine } from '../../../src/search/queries/composing-engine.js';
import type { Frequency, FrequencyQuery } from '../../../src/search/query.js';
import { createText, generator, type Random, WORDS } from '../../helpers/hostile-texts.js';
import { engineOptions } from '../../helpers/queries.js';
import { type ReferenceFile, referenceAll, referenceSearch } from '../../helpers/reference.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { buildIndexes, usedIndexes } from '../index/build-indexes.js';

export interface FrequencyQuestions {
  seed: number;
  rounds: number;
  questions: number;
}

const never = new AbortController().signal;

/** Returns the number of questions, and of those with a certain answer. */
export async function compareWithSort({ seed, rounds, questions }: FrequencyQuestions) {
  const random = generator(seed);
  const tally = { asked: 0, found: 0, weighed: 0, failed: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const folder = await tempFolder();
    const engines: SearchEngine[] = [];
    try {
      const dictionariesDir = join(folder.path, 'dictionaries');
      const files = writeFolder(random, dictionariesDir);
      const dir = join(folder.path, 'index');
      await buildIndexes({ dictionariesDir, dir, blockBytes: random.pick([1, 16, 100]), maxColumns: 4_096 });
      // Many matches in a long line are truncated earlier: their markers count, too.
      const options = engineOptions({ dictionariesDir, searchQueue: 100, lineLength: 20_000_000 });
      engines.push(await openEngine(options));
      engines.push(await openEngine({ ...options, index: usedIndexes(dir) }));
      for (let question = 0; question < questions; question += 1) {
        const { term, query } = createQuestion(random);
        const expected = referenceFrequencies(files, term, query);
        const title = `seed ${seed}, round ${round}: ${JSON.stringify({ term, query })}`;
        const answers = await Promise.all(engines.map((engine) => ask(new ComposingEngine(engine), query)));
        for (const actual of answers) assertEqual(actual, expected, title);
        tally.asked += 1;
        if (expected === 'invalid_request') tally.failed += 1;
        else if (expected.results.length > 0) tally[query.by === undefined ? 'found' : 'weighed'] += 1;
      }
    } finally {
      for (const engine of engines) await engine.close();
      await folder.remove();
    }
  }
  return tally;
}

type Outcome = { nrOfEntries: number; results: Frequency[] } | 'invalid_request';

async function ask(engine: ComposingEngine, query: FrequencyQuery): Promise<Outcome> {
  const results: Frequency[] = [];
  const answer = engine.frequencies(query, never);
  try {
    for (;;) {
      const step = await answer.next();
      if (!step.done) results.push(...step.value);
      else {
        expect(step.value.truncated).to.equal(undefined);
        return { nrOfEntries: step.value.nrOfEntries, results };
      }
    }
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid_request') return error.code;
    throw error;
  }
}

/** The formulas differ by what they round. */
const ROUNDING = 2e-4;

function assertEqual(actual: Outcome, expected: Outcome, title: string): void {
  const withoutLogLikelihood = (outcome: Outcome) =>
    typeof outcome === 'string'
      ? outcome
      : { ...outcome, results: outcome.results.map(({ text, count }) => ({ text, count })) };
  expect(withoutLogLikelihood(actual), title).to.deep.equal(withoutLogLikelihood(expected));
  if (typeof actual === 'string' || typeof expected === 'string') return;
  for (const [index, { text, log_likelihood }] of expected.results.entries()) {
    const found = actual.results[index]?.log_likelihood;
    if (log_likelihood === undefined) expect(found, `${text}, ${title}`).to.equal(undefined);
    else expect(found, `${text}, ${title}`).to.be.closeTo(log_likelihood, ROUNDING);
  }
}

function writeFolder(random: Random, dictionariesDir: string): ReferenceFile[] {
  const paths = ['d/a.txt', 'd/b.txt', 'd/c/d.txt', 'd/c.txt', 'd/e'].slice(0, random.pick([1, 3, 5]));
  const files = paths.map((path) => ({ path, bytes: createText(random, 200) }));
  for (const { path, bytes } of files) {
    mkdirSync(dirname(join(dictionariesDir, path)), { recursive: true });
    writeFileSync(join(dictionariesDir, path), bytes);
  }
  return files.sort((one, other) => Buffer.compare(Buffer.from(one.path), Buffer.from(other.path)));
}

function createQuestion(random: Random): { term: Term; query: FrequencyQuery } {
  const term = createTerm(random);
  const query = {
    dictionary: 'd',
    unit: random.pick(['line', 'quote'] as const),
    all_of: [term],
    any_of: [],
    none_of: [],
    join_hyphens: false,
    ignore_marks: false,
    fold_case: random.chance(0.4),
    by: random.pick([undefined, undefined, 'left', 'right'] as const),
    distance: 1 + random.below(5),
    nresults: random.pick([0, 0, 1, 5, 100]),
    offset: random.pick([0, 0, 0, 1, 7]),
  };
  return { term, query };
}

function createTerm(random: Random): Term {
  const syntax = random.pick<Syntax>(['literal', 'literal', 'word', 'regex']);
  const [one, other] = [random.pick(WORDS), random.pick(WORDS)];
  const regexes = [`${one}|${other}`, `^${one}`, `${one}$`, '.', '.*', '\\w+', '^$', 'o*', `${one}.*${other}`, '(o'];
  return {
    term: syntax === 'regex' ? random.pick(regexes) : random.pick([one, one, [...one][0] as string, 'e', ' ', 'a']),
    syntax,
    ignore_case: random.chance(0.4),
  };
}

function referenceFrequencies(files: ReferenceFile[], term: Term, query: FrequencyQuery): Outcome {
  const { unit, by, fold_case, nresults, offset } = query;
  const found = referenceSearch(files, { ...term, unit, n_before: 0, n_after: 0, format: 'object' });
  if (found === undefined) return 'invalid_request';
  const fold = (text: string) => (fold_case ? text.toLowerCase() : text);
  const texts = found.flatMap((entry) => (by === undefined ? matchesOf(entry) : collocatesOf(entry, query))).map(fold);
  const counts = countBySort(texts);
  const page = counts.slice(offset, nresults > 0 ? offset + nresults : counts.length);
  if (by === undefined) return { nrOfEntries: counts.length, results: page };
  const words = referenceAll(files, { unit: 'line' }).flatMap((line) => splitIntoWords(line.text));
  const frequencies = new Map<string, number>();
  for (const word of words) frequencies.set(fold(word.text), (frequencies.get(fold(word.text)) ?? 0) + 1);
  const results = page.map(({ text, count }) => {
    const frequency = frequencies.get(text) as number;
    return { text, count, log_likelihood: logLikelihood(count, texts.length, frequency, words.length) };
  });
  return { nrOfEntries: counts.length, results };
}

function matchesOf({ text, matches }: EntryObject): string[] {
  return matches.map(([start, end]) => text.slice(start, end));
}

/** Marks the words beside each match, and returns the marked ones. */
function collocatesOf({ text, matches }: EntryObject, { by, distance }: FrequencyQuery): string[] {
  const words = splitIntoWords(text);
  const marked = new Set<{ text: string }>();
  for (const [start, end] of matches) {
    const beside =
      by === 'left'
        ? words.filter((word) => word.end <= start).slice(-distance)
        : words.filter((word) => word.start >= end).slice(0, distance);
    for (const word of beside) marked.add(word);
  }
  return words.filter((word) => marked.has(word)).map((word) => word.text);
}

/** Splits a text character by character. */
function splitIntoWords(text: string): { text: string; start: number; end: number }[] {
  const isBase = (character = '') => /^[\p{L}\p{N}]$/u.test(character);
  const isMark = (character = '') => /^\p{M}$/u.test(character);
  const isJoiner = (character = '') => ["'", '’', '‐', '‑', '-'].includes(character);
  const characters = [...text];
  const words: { text: string; start: number; end: number }[] = [];
  let word = '';
  let offset = 0;
  const end = () => {
    if (word !== '') words.push({ text: word, start: offset - word.length, end: offset });
    word = '';
  };
  for (const [index, character] of characters.entries()) {
    const isPart =
      isBase(character) ||
      (word !== '' && (isMark(character) || (isJoiner(character) && isBase(characters[index + 1]))));
    if (isPart) word += character;
    else end();
    offset += character.length;
  }
  end();
  return words;
}

/** Counts texts without line ends. */
function countBySort(texts: readonly string[]): Frequency[] {
  const lines = run(
    'LC_ALL=C sort | LC_ALL=C uniq -c | LC_ALL=C sort -k1,1nr -k2',
    texts.map((text) => `${text}\n`).join(''),
  );
  return lines.map((line) => {
    const [, count, text] = /^ *(\d+) (.*)$/s.exec(line) as unknown as [string, string, string];
    return { text, count: Number(count) };
  });
}

function run(command: string, input: string): string[] {
  const { status, stdout } = spawnSync('sh', ['-c', command], { input, maxBuffer: 1e9 });
  expect(status, command).to.equal(0);
  return stdout.toString().split('\n').slice(0, -1);
}

/** From the entropies of the table and its margins. */
function logLikelihood(count: number, positions: number, frequency: number, words: number): number {
  const entropy = (...numbers: number[]) => numbers.reduce((sum, n) => sum + (n === 0 ? 0 : n * Math.log(n)), 0);
  const elsewhere = frequency - count;
  const cells = entropy(count, elsewhere, positions - count, words - positions - elsewhere);
  const margins = entropy(positions, words - positions) + entropy(frequency, words - frequency);
  return 2 * (cells - margins + entropy(words));
}
