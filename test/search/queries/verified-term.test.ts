// `verified-term.slow.ts` asks many more questions.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { AppError } from '../../../src/errors.js';
import { collect, type EntryObject, type SearchEngine } from '../../../src/search/engine.js';
import { openEngine } from '../../../src/search/open-engine.js';
import type { EntrySource } from '../../../src/search/queries/entry-source.js';
import { verifiedEntries } from '../../../src/search/queries/verified-term.js';
import type { QueryTerm } from '../../../src/search/query.js';
import { engineOptions } from '../../helpers/queries.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';
import { compareVerified } from './verified-questions.js';

describe('phrases and terms without marks', function () {
  this.timeout(30_000);

  it('match what grep finds in texts whose line ends and marks were replaced', async () => {
    const { asked, found } = await compareVerified({ seed: 21, rounds: 1, questions: 20 });
    expect(asked).to.equal(20);
    expect(found).to.be.above(5);
  });
});

describe('verifiedEntries', function () {
  this.timeout(30_000);

  const never = new AbortController().signal;
  let folder: TempFolder;
  let engine: SearchEngine;
  beforeEach(async () => {
    folder = await tempFolder();
    engine = await openEngine(engineOptions({ dictionariesDir: folder.path, lineLength: 1_000 }));
  });
  afterEach(async () => {
    await engine.close();
    await folder.remove();
  });

  async function find(text: string, term: Partial<QueryTerm>, source: Partial<EntrySource> = {}) {
    await writeFile(join(folder.path, 'a.txt'), text);
    return collect(answer(term, source));
  }

  function answer(term: Partial<QueryTerm>, source: Partial<EntrySource> = {}, signal = never) {
    return verifiedEntries(
      engine,
      {
        dictionary: 'a.txt',
        unit: 'quote',
        join_hyphens: false,
        ignore_marks: false,
        n_before: 0,
        n_after: 0,
        format: 'object',
        ...source,
      },
      { term: 'foo bar', syntax: 'phrase', ignore_case: false, field: 'term', ...term },
      signal,
    );
  }

  const matched = ({ text, matches }: EntryObject) => matches.map((match) => text.slice(...match));

  it('finds a phrase across line ends of a quote, but not across quotes', async () => {
    const { entries } = await find('a foo\r\nbar\n\nfoo\n\nbar\n', {});
    expect(entries.map(matched)).to.deep.equal([['foo\nbar']]);
  });

  it('finds each of many quotes', async () => {
    const { nrOfEntries, entries } = await find('foo\nbar\n\nfoo\nbaz\n\n'.repeat(20_000), {});
    expect(nrOfEntries).to.equal(20_000);
    expect(entries.map(({ line }) => line)).to.deep.equal(Array.from({ length: 20_000 }, (_, at) => 6 * at + 1));
  });

  it('finds characters with and without marks in either normal form', async () => {
    const text = 'lopez\n\nLópez\n\nLo\u0301pez\n\nLapez\n';
    const { entries } = await find(text, { term: 'LÓPEZ', syntax: 'word', ignore_case: true }, { ignore_marks: true });
    expect(entries.map(matched)).to.deep.equal([['lopez'], ['López'], ['Lo\u0301pez']]);
  });

  it('returns one match for a character whose parts match', async () => {
    const { entries } = await find('x\uac01\u0301', { term: '.', syntax: 'regex' }, { ignore_marks: true });
    expect(entries.map(matched)).to.deep.equal([['x', '\uac01\u0301']]);
  });

  it('omits the matches in the format "location"', async () => {
    const { entries } = await find('foo\nbar\n', {}, { format: 'location' });
    expect(entries).to.have.length(1);
    expect(entries[0]?.matches).to.deep.equal([]);
  });

  it('reports that a quote was too long to be compared as a whole', async () => {
    const { nrOfEntries, truncated } = await find(`foo ${'x '.repeat(1_000)}foo bar`, {});
    expect({ nrOfEntries, truncated }).to.deep.equal({ nrOfEntries: 0, truncated: 'line_length' });
  });

  it('rejects a term of which nothing is left without marks, or no valid regular expression', async () => {
    const message = (term: Partial<QueryTerm>) =>
      find('foo', { syntax: 'regex', ...term }, { ignore_marks: true }).catch(({ code, message }: AppError) => [
        code,
        message,
      ]);
    const tooShort = '"term" must have a character other than combining marks.';
    expect(await message({ term: '\u0301\u0302', syntax: 'literal' })).to.deep.equal(['invalid_request', tooShort]);
    for (const term of ['\u0301+a', '(é']) {
      const [code, text] = (await message({ term })) as string[];
      expect(code).to.equal('invalid_request');
      expect(text).to.match(/^"term" must be a/);
    }
  });

  for (const [what, term] of [
    ['of 1,000 words', 'é '.repeat(1_000).trim()],
    ['of 1,000 letters', 'é'.repeat(1_000)],
    ['of 500 hyphens', 'é-'.repeat(500)],
  ] as const) {
    it(`finds a phrase ${what}`, async () => {
      await engine.close();
      engine = await openEngine(engineOptions({ dictionariesDir: folder.path }));
      const text = `${term.replaceAll(' ', '\n')}\n\n${'e-'.repeat(400)}\n`;
      const source = { join_hyphens: true, ignore_marks: true };
      const { entries } = await find(text, { term, ignore_case: true }, source);
      expect(entries.map(({ line, matches }) => [line, matches.length])).to.deep.equal([[1, 1]]);
    });
  }

  it('ends its search if the reader stops early', async () => {
    await writeFile(join(folder.path, 'a.txt'), 'foo\nbar\n\n'.repeat(100_000));
    const entries = answer({});
    await entries.next();
    await entries.return({ nrOfEntries: 0 });
    // Waits for the calls in flight.
    await engine.close();
  });

  it('throws the reason of an aborted signal', async () => {
    await writeFile(join(folder.path, 'a.txt'), 'foo\nbar\n\n'.repeat(100_000));
    const controller = new AbortController();
    const entries = answer({}, {}, controller.signal);
    await entries.next();
    const reason = new Error('stop');
    controller.abort(reason);
    const error = await collect(entries).catch((thrown) => thrown);
    expect(error).to.equal(reason);
  });
});
