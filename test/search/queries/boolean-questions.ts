// Asks engines generated questions with several conditions, and compares the answers with those of
// set operations on what grep finds for each term. Not a test file itself.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { AppError } from '../../../src/errors.js';
import {
  collect,
  type Entry,
  type EntryObject,
  type Summary,
  type Syntax,
  type Term,
} from '../../../src/search/engine.js';
import { openEngine } from '../../../src/search/open-engine.js';
import type { FindQuery, QueryEngine, QueryTerm } from '../../../src/search/query.js';
import { createText, generator, type Random, WORDS } from '../../helpers/hostile-texts.js';
import { engineOptions } from '../../helpers/queries.js';
import { type ReferenceFile, referenceAll, referenceSearch } from '../../helpers/reference.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { buildIndexes, usedIndexes } from '../index/build-indexes.js';

export interface BooleanQuestions {
  seed: number;
  rounds: number;
  questions: number;
}

const never = new AbortController().signal;

/** Returns the number of questions, and of those with entries. */
export async function compareWithSets({ seed, rounds, questions }: BooleanQuestions) {
  const random = generator(seed);
  const tally = { asked: 0, found: 0, failed: 0, truncated: 0 };
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
      for (let question = 0; question < questions; question += 1) {
        const query = createQuery(random);
        const expected = referenceFind(files, query);
        const title = `seed ${seed}, round ${round}: ${JSON.stringify(query)}`;
        for (const engine of engines) {
          const actual = await ask(engine, query);
          if (typeof actual === 'object' && actual.truncated === 'line_length') tally.truncated += 1;
          else expect(actual, title).to.deep.equal(expected);
        }
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

type Outcome = (Summary & { entries: Entry[] }) | 'invalid_request';

async function ask(engine: QueryEngine, query: FindQuery): Promise<Outcome> {
  try {
    return await collect(engine.find(query, never));
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid_request') return error.code;
    throw error;
  }
}

export function writeFolder(random: Random, dictionariesDir: string): ReferenceFile[] {
  const paths = ['d/a.txt', 'd/b.txt', 'd/c/d.txt', 'd/c.txt', 'd/e'].slice(0, random.pick([1, 3, 5]));
  const files = paths.map((path) => ({ path, bytes: createText(random, 200) }));
  for (const { path, bytes } of files) {
    mkdirSync(dirname(join(dictionariesDir, path)), { recursive: true });
    writeFileSync(join(dictionariesDir, path), bytes);
  }
  return files.sort((one, other) => Buffer.compare(Buffer.from(one.path), Buffer.from(other.path)));
}

export function createQuery(random: Random): FindQuery {
  const terms = (field: string, counts: readonly number[]): QueryTerm[] =>
    Array.from({ length: random.pick(counts) }, (_, at) => ({ ...createTerm(random), field: `${field}[${at}]` }));
  const query = {
    dictionary: 'd',
    unit: random.pick(['line', 'quote'] as const),
    all_of: terms('all_of', [0, 0, 1, 1, 2, 3]),
    any_of: terms('any_of', [0, 0, 0, 1, 2, 4]),
    none_of: terms('none_of', [0, 0, 1, 2]),
    join_hyphens: false,
    ignore_marks: false,
    nresults: random.pick([0, 0, 1, 5]),
    offset: random.pick([0, 0, 1, 7]),
    order: 'file' as const,
    format: random.pick(['text', 'object'] as const),
    n_before: random.pick([0, 0, 0, 1, 3]),
    n_after: random.pick([0, 0, 0, 1, 3]),
  };
  const hasTerm = query.all_of.length + query.any_of.length + query.none_of.length > 0;
  return hasTerm ? query : createQuery(random);
}

function createTerm(random: Random): Omit<QueryTerm, 'field'> {
  const syntax = random.pick<Syntax>(['literal', 'literal', 'word', 'regex']);
  const [one, other] = [random.pick(WORDS), random.pick(WORDS)];
  const regexes = [`${one}|${other}`, `^${one}`, `${one}$`, '.', '^$', 'o*', `${one}.*${other}`, `(${one}`];
  return {
    term: syntax === 'regex' ? random.pick(regexes) : random.pick([one, [...one][0] as string, 'e', ' ', 'a']),
    syntax,
    ignore_case: random.chance(0.3),
  };
}

function referenceFind(files: ReferenceFile[], query: FindQuery): Outcome {
  const keyOf = ({ file, line }: EntryObject) => `${file}:${line}`;
  const find = ({ field: _, ...rest }: QueryTerm) => {
    const term = rest as Term;
    const { unit, n_before, n_after } = query;
    const found = referenceSearch(files, { ...term, unit, n_before, n_after, format: 'object' });
    return found && new Map(found.map((entry) => [keyOf(entry), entry]));
  };
  const [all, any, none] = [query.all_of, query.any_of, query.none_of].map((terms) => terms.map(find));
  if ([all, any, none].flat().some((found) => found === undefined)) return 'invalid_request';
  const allOf = all as Map<string, EntryObject>[];
  const anyOf = any as Map<string, EntryObject>[];
  const noneOf = none as Map<string, EntryObject>[];
  const everything = referenceAll(files, query);
  const entries = everything.flatMap((entry, at): EntryObject[] => {
    const key = keyOf(entry);
    const found = [...allOf, ...anyOf].flatMap((each) => each.get(key) ?? []);
    if (!allOf.every((each) => each.has(key)) || noneOf.some((each) => each.has(key))) return [];
    if (anyOf.length > 0 && !anyOf.some((each) => each.has(key))) return [];
    const sameFile = (other: EntryObject) => other.file === entry.file;
    const before = everything.slice(Math.max(0, at - query.n_before), at).filter(sameFile);
    const after = everything.slice(at + 1, at + 1 + query.n_after).filter(sameFile);
    const texts = (each: EntryObject[]) => each.map(({ text }) => text);
    const matches = mergeByCharacter(found.flatMap((each) => each.matches));
    return [{ ...entry, before: texts(before), after: texts(after), matches }];
  });
  const end = query.nresults > 0 ? query.offset + query.nresults : entries.length;
  const toText = ({ before, text, after }: EntryObject) => [...before, text, ...after].join('\n');
  const page = entries.slice(query.offset, end);
  return { nrOfEntries: entries.length, entries: query.format === 'text' ? page.map(toText) : page };
}

/** Joins matches that have a character in common, by marking each character. */
function mergeByCharacter(matches: [number, number][]): [number, number][] {
  const length = matches.reduce((max, [, end]) => Math.max(max, end), 0);
  /** Whether a character is joined to the one after it. */
  const isJoined = new Uint8Array(length + 1);
  const isCovered = new Uint8Array(length + 1);
  for (const [start, end] of matches) {
    isCovered.fill(1, start, end);
    isJoined.fill(1, start, end - 1);
  }
  const merged: [number, number][] = [];
  for (let at = 0; at < length; at += 1) {
    if (!isCovered[at]) continue;
    const start = at;
    while (isJoined[at]) at += 1;
    merged.push([start, at + 1]);
  }
  return merged;
}
