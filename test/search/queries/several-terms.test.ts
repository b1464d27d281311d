// Each way in which several terms are answered, by hand. `find-entries.test.ts` asks generated
// questions.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { collect, type EntryObject, type Term } from '../../../src/search/engine.js';
import { openEngine } from '../../../src/search/open-engine.js';
import { EntryCursor } from '../../../src/search/queries/entry-cursor.js';
import { joinEntries } from '../../../src/search/queries/join-entries.js';
import type { FindQuery, QueryEngine } from '../../../src/search/query.js';
import { engineOptions } from '../../helpers/queries.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

const never = new AbortController().signal;
const literal = (term: string): Term => ({ term, syntax: 'literal', ignore_case: false });
const regex = (term: string): Term => ({ term, syntax: 'regex', ignore_case: false });

/** More lines than are read one by one beyond a page. */
const MANY = 15_000;

describe('several terms', () => {
  let folder: TempFolder;
  let engine: QueryEngine;
  before(async () => {
    folder = await tempFolder();
    const dictionariesDir = join(folder.path, 'd');
    mkdirSync(join(dictionariesDir, 'book'), { recursive: true });
    writeFileSync(join(dictionariesDir, 'a.txt'), 'red fox\nred\n\nfox\nred hen\n\nred fox hen\n');
    writeFileSync(join(dictionariesDir, 'many.txt'), 'red fox\nred hen\nfox\n'.repeat(MANY));
    writeFileSync(join(dictionariesDir, 'book/b.txt'), 'red hen\n');
    writeFileSync(join(dictionariesDir, 'book/c.txt'), 'red fox\n');
    engine = await openEngine(engineOptions({ dictionariesDir, defaultDictionary: 'a.txt' }));
  });
  after(async () => {
    await engine.close();
    await folder.remove();
  });

  const page = { nresults: 0, offset: 0, order: 'file', n_before: 0, n_after: 0 } as const;
  const none = { all_of: [], any_of: [], none_of: [], join_hyphens: false, ignore_marks: false };
  const find = (query: Partial<FindQuery>) =>
    collect(engine.find({ ...page, ...none, unit: 'line', format: 'text', ...query }, never));

  for (const [title, terms, lines, quotes] of [
    ['all_of', { all_of: [literal('red'), literal('hen')] }, ['red hen', 'red fox hen'], [4, 7]],
    ['all_of, regexes', { all_of: [regex('r.d'), regex('f.x')] }, ['red fox', 'red fox hen'], [1, 4, 7]],
    ['none_of', { all_of: [literal('red')], none_of: [literal('fox')] }, ['red', 'red hen'], []],
    ['none_of alone', { none_of: [literal('fox'), literal('hen')] }, ['red', '', ''], []],
    ['none_of alone, regex', { none_of: [regex('f.x')] }, ['red', '', 'red hen', ''], []],
    ['any_of', { any_of: [literal('fox'), literal('hen')], none_of: [literal('red')] }, ['fox'], []],
    ['any_of, mixed', { any_of: [literal('hen'), regex('^fox$')] }, ['fox', 'red hen', 'red fox hen'], [4, 7]],
    [
      'all three',
      { all_of: [literal('red')], any_of: [literal('hen'), regex('x$')], none_of: [literal('x h')] },
      ['red fox', 'red hen'],
      [1, 4],
    ],
  ] as const) {
    it(`select lines as text, as objects, and quotes: ${title}`, async () => {
      const { entries, nrOfEntries } = await find(terms);
      expect(entries).to.deep.equal(lines);
      expect(nrOfEntries).to.equal(lines.length);
      const objects = (await find({ ...terms, format: 'object' })).entries as EntryObject[];
      expect(objects.map(({ text }) => text)).to.deep.equal(lines);
      const inQuotes = (await find({ ...terms, unit: 'quote', format: 'object' })).entries as EntryObject[];
      expect(inQuotes.map(({ line }) => line)).to.deep.equal(quotes);
    });
  }

  it('are counted beyond the page', async () => {
    for (const format of ['text', 'object'] as const) {
      const query = { dictionary: 'many.txt', nresults: 1, format };
      const counts = [
        await find({ ...query, all_of: [literal('red'), literal('fox')] }),
        await find({ ...query, all_of: [literal('red')], none_of: [literal('fox')] }),
        await find({ ...query, none_of: [literal('red')] }),
      ].map(({ nrOfEntries }) => nrOfEntries);
      expect(counts).to.deep.equal([MANY, MANY, MANY]);
    }
  });

  it('are searched for in folders, with and without context', async () => {
    const terms = { dictionary: 'book', all_of: [literal('red'), literal('fox')] };
    expect((await find(terms)).entries).to.deep.equal(['red fox']);
    expect((await find({ ...terms, n_before: 1 })).entries).to.deep.equal(['red fox']);
  });

  it('conflict if the text at a position differs between searches', async () => {
    const answer = async function* (text: string) {
      yield [{ file: 'a', line: 1, text, before: [], after: [], matches: [] }];
      return { nrOfEntries: 1 };
    };
    for (const [one, other, expected] of [
      ['red', 'red', 0],
      ['red', 're', 0],
      ['red', 'hen', 1],
    ] as const) {
      let conflicts = 0;
      const allOf = [new EntryCursor(answer(one)), new EntryCursor(answer(other))];
      const joined = joinEntries({ allOf, anyOf: [], noneOf: [] }, () => {
        conflicts += 1;
      });
      for await (const _ of joined);
      expect(conflicts).to.equal(expected);
    }
  });
});
