// Compares an engine with the grep program on generated queries. Not a test file itself.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { AppError } from '../../../src/errors.js';
import { collect, type EntryObject, type SearchEngine, type SearchQuery } from '../../../src/search/engine.js';
import { allQuery, searchQuery } from '../../helpers/queries.js';
import { type ReferenceFile, referenceAll, referenceSearch } from '../../helpers/reference.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';
import { bytes, literal, regex, WORDS } from './generators.js';

/** Other queries: `DIFFERENTIAL_SEED=$RANDOM DIFFERENTIAL_RUNS=10000 npx mocha -g 'as grep'`. */
const SEED = Number(process.env.DIFFERENTIAL_SEED ?? 20_261_122);
const QUERIES_PER_RUN = 5;

const dictionary = fc.array(fc.record({ bytes, isCompressed: fc.boolean() }), { minLength: 1, maxLength: 3 });

/** A query of any kind. */
export const query = fc.record({
  search: fc.oneof(
    {
      weight: 2,
      arbitrary: fc.record({ syntax: fc.constantFrom('literal' as const, 'word' as const), term: literal }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ syntax: fc.constant('regex' as const), term: regex }),
    },
    // Every line or quote.
    { weight: 1, arbitrary: fc.constant({ syntax: undefined }) },
  ),
  ignore_case: fc.boolean(),
  unit: fc.constantFrom('line' as const, 'line' as const, 'quote' as const),
  n_before: fc.constantFrom(0, 0, 1, 3),
  n_after: fc.constantFrom(0, 0, 1, 3),
  format: fc.constantFrom('text' as const, 'object' as const),
  offset: fc.constantFrom(0, 0, 0, 1, 5),
  nresults: fc.constantFrom(0, 0, 0, 1, 3),
});

/** Batchable queries. Their terms are often parts of one another. */
const literalQuery = fc.record({
  term: fc.oneof(literal, fc.constantFrom(...WORDS)),
  n_before: fc.constantFrom(0, 0, 1, 3),
  n_after: fc.constantFrom(0, 0, 2),
  format: fc.constantFrom('text' as const, 'text' as const, 'object' as const),
  offset: fc.constantFrom(0, 0, 1),
  nresults: fc.constantFrom(0, 0, 2),
});

export interface DifferentialOptions {
  /** Opens an engine over a folder. */
  open: (dictionariesDir: string) => Promise<SearchEngine>;
  /** Publishes a new dictionary to an engine that does not read the folder itself. */
  publish?: (dictionariesDir: string, name: string) => Promise<unknown>;
  /** The number of dictionaries, with five queries each. `DIFFERENTIAL_RUNS` overrides it. */
  runs: number;
}

export function differential(title: string, { open, publish, ...options }: DifferentialOptions): void {
  const runs = Number(process.env.DIFFERENTIAL_RUNS ?? options.runs);
  describe(`${title} (compared with grep)`, () => {
    let folder: TempFolder;
    let engine: SearchEngine;
    before(async () => {
      folder = await tempFolder();
      engine = await open(folder.path);
    });
    after(async () => {
      await engine.close();
      await folder.remove();
    });

    it(`answers ${runs * QUERIES_PER_RUN} queries the same way as grep`, async function () {
      this.timeout(600_000);
      let number = 0;
      const tally = new Map<string, number>();
      await fc.assert(
        fc.asyncProperty(
          dictionary,
          fc.array(query, { minLength: QUERIES_PER_RUN, maxLength: QUERIES_PER_RUN }),
          async (texts, queries) => {
            number += 1;
            const { name, files } = await write(`${number}`, texts);
            for (const { search, ...options } of queries) {
              const outcome =
                search.syntax === undefined
                  ? await compareAll(engine, files, searchQuery({ dictionary: name, ...options }))
                  : await compareSearch(engine, files, searchQuery({ dictionary: name, ...search, ...options }));
              tally.set(outcome, (tally.get(outcome) ?? 0) + 1);
            }
          },
        ),
        { seed: SEED, numRuns: runs },
      );
      // A generator of nothing but queries that find nothing, or that grep rejects, would prove
      // nothing.
      for (const outcome of ['found', 'not found', 'rejected', 'all']) {
        expect(tally.get(outcome), `queries with the outcome ${outcome}`).to.be.above(runs / 10);
      }
    });

    it(`answers ${runs} batches of literal queries the same way as grep`, async function () {
      this.timeout(600_000);
      let number = 0;
      let found = 0;
      await fc.assert(
        fc.asyncProperty(bytes, fc.array(literalQuery, { minLength: 2, maxLength: 12 }), async (text, queries) => {
          number += 1;
          const { name, files } = await write(`batch-${number}`, [{ bytes: text, isCompressed: false }]);
          const outcomes = await Promise.all(
            queries.map((query) => compareSearch(engine, files, searchQuery({ dictionary: name, ...query }))),
          );
          found += outcomes.filter((outcome) => outcome === 'found').length;
        }),
        { seed: SEED, numRuns: runs },
      );
      expect(found).to.be.above(runs / 2);
    });

    /** Writes a dictionary: one file, or a folder of several. */
    async function write(name: string, texts: { bytes: Buffer; isCompressed: boolean }[]) {
      const files: ReferenceFile[] = [];
      if (texts.length > 1) await mkdir(join(folder.path, name));
      for (const [at, { bytes, isCompressed }] of texts.entries()) {
        const path = `${texts.length > 1 ? `${name}/${at}` : name}${isCompressed ? '.gz' : ''}`;
        await writeFile(join(folder.path, path), isCompressed ? gzipSync(bytes) : bytes);
        files.push({ path, bytes });
      }
      await publish?.(folder.path, texts.length > 1 || !texts[0]?.isCompressed ? name : `${name}.gz`);
      return { name, files };
    }
  });
}

const never = () => new AbortController().signal;

/** Compares the answer to a query for everything. */
export async function compareAll(engine: SearchEngine, files: ReferenceFile[], query: SearchQuery): Promise<'all'> {
  const { dictionary, files: globs, nresults, offset, unit, format } = query;
  const asked = allQuery({ dictionary, files: globs, nresults, offset, unit, format });
  const answer = await collect(engine.all(asked, never()));
  expectEntries(answer, referenceAll(files, query), query);
  return 'all';
}

/** Compares the answer to a search, or that it is rejected. */
export async function compareSearch(
  engine: SearchEngine,
  files: ReferenceFile[],
  query: SearchQuery,
): Promise<'found' | 'not found' | 'rejected'> {
  const expected = referenceSearch(files, query);
  const answer = await collect(engine.search(query, never())).catch((error) => {
    if (error instanceof AppError && error.code === 'invalid_request') return undefined;
    throw error;
  });
  if (expected === undefined || answer === undefined) {
    expect(answer, JSON.stringify(query)).to.equal(expected);
    return 'rejected';
  }
  expectEntries(answer, expected, query);
  return expected.length > 0 ? 'found' : 'not found';
}

type Answer = Awaited<ReturnType<typeof collect>>;

function expectEntries(answer: Answer, all: EntryObject[], query: SearchQuery): void {
  const end = query.nresults > 0 ? query.offset + query.nresults : undefined;
  const selected = all.slice(query.offset, end);
  const entries = query.format === 'object' ? selected : selected.map(toText);
  const expected = { nrOfEntries: all.length, entries };
  if (isDeepStrictEqual(answer, expected)) return;
  // The whole answer may have thousands of entries.
  const count = Math.max(entries.length, answer.entries.length);
  const at = range(count).find((index) => !isDeepStrictEqual(answer.entries[index], entries[index])) ?? 0;
  const around = ({ entries, ...rest }: Partial<Answer>) => ({
    ...rest,
    length: entries?.length,
    [at]: entries?.slice(at, at + 2),
  });
  expect(around(answer), JSON.stringify(query)).to.deep.equal(around(expected));
}

const range = (length: number) => Array.from({ length }, (_, index) => index);
const toText = ({ before, text, after }: EntryObject) => [...before, text, ...after].join('\n');
