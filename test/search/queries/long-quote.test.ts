// Quotes that are longer than what an engine returns of them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { collect, type EntryObject } from '../../../src/search/engine.js';
import { openEngine } from '../../../src/search/open-engine.js';
import type { FindQuery, QueryEngine, QueryTerm } from '../../../src/search/query.js';
import { engineOptions } from '../../helpers/queries.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

const LINE_LENGTH = 1_000;
/** In several windows, and with pairs across all line ends. */
const LINES = 20_000;
const lines = Array.from({ length: LINES }, (_, at) => `begin${at} middle of line ${at} end${at}`);

describe('a quote that is longer than the maximum length', function () {
  this.timeout(60_000);
  let folder: TempFolder;
  let engine: QueryEngine;
  before(async () => {
    folder = await tempFolder();
    const dictionariesDir = join(folder.path, 'd');
    mkdirSync(dictionariesDir);
    const quote = lines.join('\n');
    writeFileSync(join(dictionariesDir, 'plain.txt'), `first quote\n\n${quote}\n\nlast quote\n`);
    writeFileSync(join(dictionariesDir, 'fortune.txt'), `first quote\n%\n\n${quote}\n\nin the same\n%\nlast quote\n`);
    engine = await openEngine(engineOptions({ dictionariesDir, lineLength: LINE_LENGTH }));
  });
  after(async () => {
    await engine.close();
    await folder.remove();
  });

  const never = new AbortController().signal;
  const phrase = (term: string): QueryTerm => ({ term, syntax: 'phrase', ignore_case: false });
  const literal = (term: string): QueryTerm => ({ term, syntax: 'literal', ignore_case: false });
  const find = (query: Partial<FindQuery>) => {
    const page = { nresults: 0, offset: 0, order: 'file', n_before: 0, n_after: 0 } as const;
    const conditions = { all_of: [], any_of: [], none_of: [], join_hyphens: false, ignore_marks: false };
    return collect(
      engine.find({ ...page, ...conditions, dictionary: 'plain.txt', unit: 'line', ...query, format: 'object' }, never),
    );
  };

  for (const [dictionary, firstLine] of [
    ['plain.txt', 3],
    ['fortune.txt', 4],
  ] as const) {
    it(`has all matches of a phrase, once each: ${dictionary}`, async () => {
      const { nrOfEntries, truncated, entries } = await find({ dictionary, all_of: [phrase('end12345 begin12346')] });
      expect([nrOfEntries, truncated]).to.deep.equal([1, undefined]);
      const text = `${lines[12_345]}\n${lines[12_346]}`;
      const [start] = [text.indexOf('end12345')];
      expect(entries).to.deep.equal([
        {
          file: dictionary,
          line: firstLine + 12_345,
          text,
          before: [],
          after: [],
          matches: [[start, start + 'end12345 begin12346'.length]],
        },
      ] satisfies EntryObject[]);
      // One in each line, wherever windows end.
      const everywhere = await find({ dictionary, all_of: [phrase('middle of line')], nresults: 1 });
      expect(everywhere.nrOfEntries).to.equal(LINES);
    });
  }

  it('finds a phrase that begins with the line end before a window', async () => {
    for (const at of [1, 5_555, 9_999, 19_999]) {
      expect((await find({ all_of: [phrase(` begin${at} `)] })).nrOfEntries).to.equal(1);
    }
  });

  it('doesn’t match across its separators', async () => {
    expect((await find({ all_of: [phrase(`end${LINES - 1} last`)] })).nrOfEntries).to.equal(0);
    const inFortune = await find({ dictionary: 'fortune.txt', all_of: [phrase(`end${LINES - 1} in the same`)] });
    expect(inFortune.nrOfEntries).to.equal(1);
  });

  it('matches as a whole if the phrase is beyond what is returned of it', async () => {
    const { nrOfEntries, truncated, entries } = await find({ unit: 'quote', all_of: [phrase('end15000 begin15001')] });
    expect([nrOfEntries, truncated]).to.deep.equal([1, 'line_length']);
    expect(entries[0]).to.deep.include({ line: 3, text: lines.join('\n').slice(0, LINE_LENGTH), matches: [] });
  });

  it('matches several terms, wherever they are in it', async () => {
    const [one, other] = [literal('end1 '), literal('end15000')];
    const nrOf = async (query: Partial<FindQuery>) => (await find({ unit: 'quote', ...query })).nrOfEntries;
    expect(await nrOf({ all_of: [literal('end1'), other] })).to.equal(1);
    expect(await nrOf({ all_of: [literal('begin'), literal('absent')] })).to.equal(0);
    expect(await nrOf({ all_of: [literal('quote')], none_of: [one] })).to.equal(2);
    expect(await nrOf({ all_of: [literal('begin')], none_of: [other] })).to.equal(0);
    expect(await nrOf({ all_of: [literal('begin')], any_of: [literal('absent'), other] })).to.equal(1);
  });
});
