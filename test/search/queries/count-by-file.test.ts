import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { AppError } from '../../../src/errors.js';
import { type Answer, collect, type EntryObject, type SearchEngine } from '../../../src/search/engine.js';
import { openGrep } from '../../../src/search/engines/grep/grep-engine.js';
import { countByFile } from '../../../src/search/queries/count-by-file.js';
import { engineOptions } from '../../helpers/queries.js';
import { stubEngine, untilAborted } from '../../helpers/stub-engine.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';
import { conditions } from './count-questions.js';

const never = new AbortController().signal;
const love = { term: 'love', syntax: 'literal', ignore_case: false } as const;

describe('countByFile', () => {
  const entry = (file: string, matches: number): EntryObject => ({
    file,
    line: 1,
    text: '',
    before: [],
    after: [],
    matches: Array.from({ length: matches }, (_, at) => [at, at + 1]),
  });
  async function* answer(): Answer<EntryObject> {
    yield [entry('a', 2), entry('a', 0)];
    yield [entry('a', 1), entry('b', 7), entry('blank', 1)];
    return { nrOfEntries: 5, truncated: 'line_length', version: 'v' };
  }
  const wordCounts = async () =>
    new Map([
      ['a', 7],
      ['b', 3_000_000],
      ['blank', 0],
    ]);

  it('counts the entries that a search yields if the engine has no counts', async () => {
    const engine: SearchEngine = { ...stubEngine(answer), wordCounts };
    expect(await collect(countByFile(engine, conditions({ all_of: [love] }), never))).to.deep.equal({
      nrOfEntries: 5,
      truncated: 'line_length',
      entries: [
        { file: 'a', entries: 3, matches: 3, per_million_words: 428_571.43 },
        { file: 'b', entries: 1, matches: 7, per_million_words: 2.33 },
        { file: 'blank', entries: 1, matches: 1, per_million_words: 0 },
      ],
    });
  });

  it('yields many files in batches', async () => {
    const files = new Map(Array.from({ length: 1_200 }, (_, at) => [`${at}`, { entries: 1, matches: 1 }]));
    const entryCounts = async () => ({ files, summary: { nrOfEntries: 1_200, version: 'v' } });
    const counts = countByFile({ ...stubEngine(answer), entryCounts }, conditions({ any_of: [love] }), never);
    const sizes: number[] = [];
    let step = await counts.next();
    for (; !step.done; step = await counts.next()) sizes.push(step.value.length);
    expect(sizes).to.deep.equal([500, 500, 200]);
    expect(step.value).to.deep.equal({ nrOfEntries: 1_200, version: 'v' });
  });

  it('stops counting words if the search fails', async () => {
    let isStopped = false;
    const engine = {
      ...stubEngine(answer),
      entryCounts: async () => Promise.reject(new AppError('too_busy', 'Too many.')),
      wordCounts: (_: unknown, signal: AbortSignal) =>
        untilAborted(signal).catch((error) => {
          isStopped = true;
          throw error;
        }),
    };
    const failure = await collect(countByFile(engine, conditions({ all_of: [love] }), never)).catch((error) => error);
    expect(failure.code).to.equal('too_busy');
    await new Promise((resolve) => setImmediate(resolve));
    expect(isStopped).to.equal(true);
  });

  it('stops if its signal aborts', async () => {
    const reason = new Error('gone');
    const engine = {
      ...stubEngine(answer),
      entryCounts: (_: unknown, signal: AbortSignal) => untilAborted(signal),
    };
    const leaving = new AbortController();
    const counts = collect(countByFile(engine, conditions({ all_of: [love] }), leaving.signal)).catch((error) => error);
    leaving.abort(reason);
    expect(await counts).to.equal(reason);
  });

  describe('with large texts', () => {
    let folder: TempFolder;
    let engine: SearchEngine;
    let spare: number;
    beforeEach(async () => {
      folder = await tempFolder();
      spare = 0;
      const spareSlots = { acquire: (max: number) => Math.max(0, Math.min(max, spare)), release: () => {} };
      const options = engineOptions({ dictionariesDir: folder.path, lineLength: 100 });
      engine = await openGrep({ ...options, minPartBytes: 1_000, spareSlots });
    });
    afterEach(async () => {
      await engine.close();
      await folder.remove();
    });

    const count = async (text: string, term = 'love') => {
      await writeFile(join(folder.path, 'a.txt'), text);
      const { entries } = await collect(countByFile(engine, conditions({ all_of: [{ ...love, term }] }), never));
      return entries.map(({ entries, matches }) => [entries, matches]);
    };

    for (const [mark, greps] of [
      ['', 1],
      ['\ufeff', 1],
      ['', 3],
      ['\ufeff', 3],
    ] as const) {
      const where = mark && ' after a byte order mark';
      it(`counts rare, common and overlong matches${where} with ${greps} greps`, async () => {
        spare = greps - 1;
        const rare = 'nothing here\n'.repeat(20_000);
        expect(await count(`${mark}love love\n${rare}`)).to.deep.equal([[1, 2]]);
        expect(await count(`${mark}${'love love\n'.repeat(20_000)}`)).to.deep.equal([[20_000, 40_000]]);
        // They turn out not to be rare after a while.
        expect(await count(`${mark}${rare}${'love love\n'.repeat(20_000)}`)).to.deep.equal([[20_000, 40_000]]);
        expect(await count(`${mark}${rare}${'love '.repeat(500)}\nlove\n`)).to.deep.equal([[2, 501]]);
        expect(await count(rare)).to.deep.equal([]);
      });
    }
  });
});
