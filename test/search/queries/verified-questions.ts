// Asks engines generated questions for phrases, and for terms without marks, and compares the
// answers with the reference. Not a test file itself.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { AppError } from '../../../src/errors.js';
import { collect, type Entry } from '../../../src/search/engine.js';
import { openEngine } from '../../../src/search/open-engine.js';
import type { FindQuery, QueryEngine, QuerySyntax } from '../../../src/search/query.js';
import { createText, generator, type Random, WORDS } from '../../helpers/hostile-texts.js';
import { engineOptions } from '../../helpers/queries.js';
import { type ReferenceFile, referenceAll } from '../../helpers/reference.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { buildIndexes, usedIndexes } from '../index/build-indexes.js';
import { referenceVerified } from './verified-reference.js';

export interface VerifiedQuestions {
  seed: number;
  rounds: number;
  questions: number;
}

const never = new AbortController().signal;

/** Returns the number of questions, and of those with entries. */
export async function compareVerified({ seed, rounds, questions }: VerifiedQuestions) {
  const random = generator(seed);
  const tally = { asked: 0, found: 0, failed: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const folder = await tempFolder();
    const engines: QueryEngine[] = [];
    try {
      const dictionariesDir = join(folder.path, 'dictionaries');
      const files = writeFolder(random, dictionariesDir);
      const quotes = referenceAll(files, { unit: 'quote' }).map(({ text }) => text);
      const dir = join(folder.path, 'index');
      await buildIndexes({ dictionariesDir, dir, blockBytes: random.pick([1, 16, 100]), maxColumns: 4_096 });
      const options = engineOptions({ dictionariesDir, searchQueue: 100 });
      engines.push(await openEngine(options), await openEngine({ ...options, index: usedIndexes(dir) }));
      for (let question = 0; question < questions; question += 1) {
        const query = createQuery(random, quotes);
        const expected = pageOf(referenceVerified(files, query), query);
        const title = `seed ${seed}, round ${round}: ${JSON.stringify(query)}`;
        const outcomes = await Promise.all(engines.map((engine) => ask(engine, query)));
        for (const outcome of outcomes) expect(outcome, title).to.deep.equal(expected);
        tally.asked += 1;
        if (expected === 'invalid_request') tally.failed += 1;
        else if (expected.nrOfEntries > 0) tally.found += 1;
      }
    } finally {
      for (const engine of engines) await engine.close();
      await folder.remove();
    }
  }
  return tally;
}

type Outcome = { nrOfEntries: number; entries: Entry[] } | 'invalid_request';

async function ask(engine: QueryEngine, query: FindQuery): Promise<Outcome> {
  try {
    return await collect(engine.find(query, never));
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid_request') return error.code;
    throw error;
  }
}

function pageOf(entries: ReturnType<typeof referenceVerified>, query: FindQuery): Outcome {
  if (entries === undefined) return 'invalid_request';
  const end = query.nresults > 0 ? query.offset + query.nresults : entries.length;
  const page = entries.slice(query.offset, end);
  const toEntry = (entry: (typeof page)[number]) =>
    query.format === 'text' ? [...entry.before, entry.text, ...entry.after].join('\n') : entry;
  return { nrOfEntries: entries.length, entries: page.map(toEntry) };
}

function writeFolder(random: Random, dictionariesDir: string): ReferenceFile[] {
  mkdirSync(join(dictionariesDir, 'd'), { recursive: true });
  const paths = ['d/a.txt', 'd/b.txt', 'd/c.txt'].slice(0, random.pick([1, 2, 3]));
  return paths.map((path) => {
    const bytes = divideLines(random, createText(random, 100));
    writeFileSync(join(dictionariesDir, path), bytes);
    return { path, bytes };
  });
}

/** One character per byte. */
const latin1 = (text: string) => Buffer.from(text).toString('latin1');
const SPACES = [' ', '  ', '\t', '\n', '\n', '\n ', ' \n', '\r', '\v', '\u00a0', '\u2003', '\u2028', '\u3000'].map(
  latin1,
);
const DIVISIONS = ['-\n', '-\n', '\u2010\n', '\u00ad\n', '-\n  ', '--\n', '-\r\n', '- \n'].map(latin1);
const MARKS = ['\u0301', '\u0323', '\u0301\u0323', '\u20e3', '\ufe0f', '\uac01\u0301'].map(latin1);

/** Replaces some spaces, and puts hyphenations and marks into some words. */
function divideLines(random: Random, text: Buffer): Buffer {
  const changed = text.toString('latin1').replace(/ |[A-Za-z-](?=[A-Za-z])/g, (character) => {
    if (character === ' ') return random.chance(0.4) ? random.pick(SPACES) : character;
    if (random.chance(0.06)) return (character === '-' ? '' : character) + random.pick(DIVISIONS);
    return random.chance(0.1) ? character + random.pick(MARKS) : character;
  });
  return Buffer.from(changed, 'latin1');
}

function createQuery(random: Random, quotes: readonly string[]): FindQuery {
  const syntax = random.pick<QuerySyntax>(['phrase', 'phrase', 'phrase', 'literal', 'word', 'regex']);
  const ignore_marks = syntax !== 'phrase' || random.chance(0.4);
  const unit = random.pick(['line', 'quote'] as const);
  const hasContext = random.chance(0.3) && (unit === 'quote' || syntax !== 'phrase');
  const excerpt = createExcerpt(random, quotes);
  const [line = ''] = excerpt.trim().split('\n');
  const one = random.pick(WORDS);
  const terms = {
    phrase: random.pick([excerpt, excerpt, excerpt, excerpt, `${one} ${random.pick(WORDS)}`, ' ']),
    literal: random.pick([line, line, one, one.slice(0, 1), 'e', '\u0301']),
    word: random.pick([line, one, one.slice(0, 1)]),
    regex: random.pick([
      `${one}|foo`,
      `^${one}`,
      `${one}$`,
      '.',
      '^$',
      'o*',
      `${one}.*e`,
      `(${one}`,
      '[é]',
      'e\u0301+',
    ]),
  };
  const text = terms[syntax].replace(/[\0\n\r\ufffd]/g, ' ').slice(0, 1_000);
  const term = text === '' || /\p{Cs}/u.test(text) ? 'foo' : text;
  return {
    dictionary: 'd',
    unit,
    all_of: [{ term, syntax, ignore_case: random.chance(0.3), field: 'term' }],
    any_of: [],
    none_of: [],
    join_hyphens: syntax === 'phrase' && random.chance(0.5),
    ignore_marks,
    nresults: random.pick([0, 0, 1, 5]),
    offset: random.pick([0, 0, 1, 7]),
    order: 'file',
    format: random.pick(['text', 'object', 'object'] as const),
    n_before: hasContext ? random.pick([0, 1, 3]) : 0,
    n_after: hasContext ? random.pick([0, 1, 3]) : 0,
  };
}

/** Returns a part of a quote, often with its hyphenations joined, or other white space or marks. */
function createExcerpt(random: Random, quotes: readonly string[]): string {
  const quote = quotes.length > 0 ? random.pick(quotes) : 'foo bar';
  const start = random.below(quote.length);
  let excerpt = quote.slice(start, start + random.pick([1, 5, 10, 20, 40, 100]));
  if (random.chance(0.6)) excerpt = excerpt.replace(/[-\u2010\u00ad]\n */g, random.pick(['', '', '-']));
  if (random.chance(0.3)) excerpt = excerpt.replace(/\s+/g, random.pick([' ', '  ', '\t', '\u2003']));
  if (random.chance(0.3)) excerpt = excerpt.replace(/\p{M}/gu, '');
  if (random.chance(0.2)) excerpt = excerpt.normalize(random.pick(['NFC', 'NFD']));
  if (random.chance(0.2)) excerpt = excerpt.toUpperCase();
  return random.chance(0.5) ? excerpt.trim() : excerpt;
}
