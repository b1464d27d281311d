// The contract of all engines, with a view that shows everything; and generated queries of a view.

import { expect } from 'chai';
import fc from 'fast-check';
import { parseKeyLimits } from '../../../src/auth/key-limits.js';
import { selectorOf } from '../../../src/search/dictionary-selector.js';
import type { Answer } from '../../../src/search/engine.js';
import { collect } from '../../../src/search/engine.js';
import { openEngine } from '../../../src/search/open-engine.js';
import type { QueryEngine } from '../../../src/search/query.js';
import { VisibleEngine } from '../../../src/search/visibility/visible-engine.js';
import { type Folders, HIDDEN_NAMES, LIMITS, makeLimitedFolders, VISIBLE_NAMES } from '../../helpers/limited-apps.js';
import { engineOptions } from '../../helpers/queries.js';
import { engineContract } from '../engines/engine-contract.js';

/** Other queries: `QUERY_SEED=$RANDOM`. More of them: `QUERY_QUESTIONS=10000`. */
const SEED = Number(process.env.QUERY_SEED ?? 20_261_128);
const RUNS = Number(process.env.QUERY_QUESTIONS ?? 80);

engineContract('VisibleEngine', async (dictionariesDir) => {
  const engine = await openEngine(engineOptions({ dictionariesDir, defaultDictionary: 'plain.txt', searchQueue: 100 }));
  return Object.assign(new VisibleEngine(engine, ['?*']), { close: () => engine.close() });
});

describe('VisibleEngine', function () {
  this.timeout(60_000);
  let folders: Folders;
  let engine: QueryEngine;
  let view: QueryEngine;
  let reference: QueryEngine;
  before(async () => {
    folders = await makeLimitedFolders();
    const open = (dictionariesDir: string) => openEngine(engineOptions({ dictionariesDir, searchQueue: 100 }));
    [engine, reference] = [await open(folders.limited), await open(folders.reference)];
    view = new VisibleEngine(engine, parseKeyLimits(LIMITS).dictionaries ?? []);
  });
  after(async () => {
    await engine.close();
    await reference.close();
    await folders.remove();
  });

  const name = fc.constantFrom(...HIDDEN_NAMES, ...VISIBLE_NAMES, '*', 'nope');
  const terms = fc.array(
    fc.record({
      term: fc.constantFrom('love', 'o', 'zqtext', 'quote', '(', 'a.*e', 'é', 'caf'),
      syntax: fc.constantFrom('literal', 'word', 'regex', 'phrase'),
      ignore_case: fc.boolean(),
    } as const),
    { minLength: 1, maxLength: 2 },
  );
  const query = fc.record({
    dictionary: fc.oneof(fc.constant(undefined), name, fc.array(name, { minLength: 1, maxLength: 3 }).map(selectorOf)),
    files: fc.constantFrom(undefined, ['*.txt'], ['!a*'], ['**']),
    unit: fc.constantFrom('line', 'quote'),
    all_of: terms,
    nresults: fc.nat(3),
    offset: fc.nat(2),
    n: fc.nat(2),
    seed: fc.nat(9),
    order: fc.constantFrom('file', 'random'),
    format: fc.constantFrom('text', 'object', 'location'),
  } as const);

  type Call = (engine: QueryEngine) => Answer<unknown> | Promise<unknown>;
  const outcomeOf = async (call: Call, from: QueryEngine) => {
    try {
      const outcome = await call(from);
      const value = Symbol.asyncIterator in Object(outcome) ? await collect(outcome as Answer<unknown>) : outcome;
      return value instanceof Map ? [...value] : value;
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      return { code, message };
    }
  };

  for (const options of [['-l'], ['-l', '-h', '-a'], ['-l', '-R', '-r'], ['-l', '-S'], ['-l', '-t']] as const) {
    it(`lists names with ${options.join(' ')} as an engine does that has only these, without a total`, async () => {
      const { signal } = new AbortController();
      const query = { folder: '', options };
      const { entries } = await collect(reference.list(query, signal));
      const isTotal = (line: string) => /^total /.test(line);
      const [total = ''] = entries.filter(isTotal);
      expect(entries.indexOf(total)).to.be.within(0, 1);
      const expected = entries.toSpliced(entries.indexOf(total), 1);
      expect((await collect(view.list(query, signal))).entries).to.deep.equal(expected);
      const { entries: all } = await collect(engine.list(query, signal));
      expect(all.some((line) => line.includes('zqname'))).to.equal(true);
    });
  }

  it('gives the same answers as an engine that has only the visible dictionaries', async () => {
    const { signal } = new AbortController();
    const property = fc.asyncProperty(query, async ({ n, ...query }) => {
      const conditions = { ...query, any_of: [], none_of: [], join_hyphens: false, ignore_marks: false };
      const words = { ...conditions, fold_case: true, by: 'left', distance: 1 } as const;
      const lines = { ...conditions, width: 9, width_unit: 'characters', order: 'file' } as const;
      const { dictionary } = query;
      const calls: Record<string, Call> = {
        find: (each) => each.find({ ...conditions, n_before: n, n_after: n }, signal),
        all: (each) => each.all(query, signal),
        count: (each) => each.count(conditions, signal),
        frequencies: (each) => each.frequencies(words, signal),
        concordance: (each) => each.concordance(lines, signal),
        files: (each) => each.files(dictionary, signal),
        lineCounts: (each) => each.lineCounts(dictionary, signal),
        wordCounts: (each) => each.wordCounts(dictionary, signal),
        list: (each) => each.list({ folder: dictionary ?? '', options: ['-R'] }, signal),
      };
      for (const [title, call] of Object.entries(calls)) {
        expect(await outcomeOf(call, view), title).to.deep.equal(await outcomeOf(call, reference));
      }
    });
    await fc.assert(property, { seed: SEED, numRuns: RUNS });
  });
});
