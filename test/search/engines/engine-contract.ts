// The contract that every search engine and wrapper passes, over the dictionaries of
// helpers/fixtures.ts. Not a test file itself.
import { readdirSync } from 'node:fs';
import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { AppError, type ErrorCode } from '../../../src/errors.js';
import {
  type AllQuery,
  collect,
  type Entry,
  type EntryObject,
  INDEX_STATES,
  type ListQuery,
  type SearchEngine,
  type SearchQuery,
} from '../../../src/search/engine.js';
import { ABSENT_NAMES, type Fixtures, makeFixtures, texts } from '../../helpers/fixtures.js';
import { allChildrenOf } from '../../helpers/processes.js';
import { allQuery, searchQuery } from '../../helpers/queries.js';

export async function codeOf(failure: Promise<unknown>): Promise<ErrorCode | 'none'> {
  try {
    await failure;
    return 'none';
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

export function engineContract(title: string, open: (dictionariesDir: string) => Promise<SearchEngine>): void {
  describe(`${title} (engine contract)`, () => {
    let fixtures: Fixtures;
    let engine: SearchEngine;

    before(async () => {
      fixtures = await makeFixtures();
      engine = await open(fixtures.dictionaries);
    });
    after(async () => {
      await engine.close();
      await fixtures.remove();
    });

    const never = new AbortController().signal;
    const search = (query: Partial<SearchQuery>, signal = never) =>
      collect(engine.search(searchQuery({ dictionary: 'plain.txt', ...query }), signal));
    const all = (query: Partial<AllQuery>, signal = never) => collect(engine.all(allQuery(query), signal));

    const list = (query: Partial<ListQuery>, signal = never) =>
      collect(engine.list({ folder: '', options: [], ...query }, signal));
    const namesIn = async (query: Partial<ListQuery>) => (await list(query)).entries;

    it('finds the lines that contain the term, in file order', async () => {
      expect(await search({})).to.deep.equal({
        nrOfEntries: 4,
        entries: ['two love', 'four love', 'five love', 'nine love'],
      });
    });

    it('returns an empty answer if nothing matches', async () => {
      expect(await search({ term: 'hate' })).to.deep.equal({ nrOfEntries: 0, entries: [] });
      expect(await search({ dictionary: 'empty.txt' })).to.deep.equal({ nrOfEntries: 0, entries: [] });
      expect(await all({ dictionary: 'empty.txt' })).to.deep.equal({ nrOfEntries: 0, entries: [] });
    });

    it('compares case-sensitively', async () => {
      expect(await search({ term: 'Love' })).to.deep.equal({ nrOfEntries: 0, entries: [] });
    });

    for (const nresults of [1, 3]) {
      it(`returns ${nresults} of 4 entries and counts them all`, async () => {
        const { nrOfEntries, entries } = await search({ nresults });
        expect(nrOfEntries).to.equal(4);
        expect(entries).to.deep.equal(['two love', 'four love', 'five love'].slice(0, nresults));
      });
    }

    for (const nresults of [0, -1, 4, 5, Number.MAX_SAFE_INTEGER]) {
      it(`returns all 4 entries for nresults ${nresults}`, async () => {
        expect((await search({ nresults })).entries).to.have.length(4);
      });
    }

    it('returns each match with its own context, even if contexts overlap or touch', async () => {
      expect(await search({ n_before: 1, n_after: 1 })).to.deep.equal({
        nrOfEntries: 4,
        entries: [
          'one\ntwo love\nthree',
          'three\nfour love\nfive love',
          'four love\nfive love\nsix',
          'eight\nnine love',
        ],
      });
      expect((await search({ n_before: 2, n_after: 0 })).entries).to.deep.equal([
        'one\ntwo love',
        'two love\nthree\nfour love',
        'three\nfour love\nfive love',
        'seven\neight\nnine love',
      ]);
      expect((await search({ n_before: 0, n_after: 3, nresults: 2 })).entries).to.deep.equal([
        'two love\nthree\nfour love\nfive love',
        'four love\nfive love\nsix\nseven',
      ]);
      expect((await search({ n_before: 100, n_after: 100 })).entries).to.deep.equal(
        Array(4).fill('one\ntwo love\nthree\nfour love\nfive love\nsix\nseven\neight\nnine love'),
      );
    });

    it('returns every line of a dictionary', async () => {
      expect(await all({ dictionary: 'plain.txt', nresults: 2 })).to.deep.equal({
        nrOfEntries: 9,
        entries: ['one', 'two love'],
      });
    });

    it('counts empty lines as lines', async () => {
      expect(await all({ dictionary: 'blank-lines.txt' })).to.deep.equal({
        nrOfEntries: 4,
        entries: ['', '', 'love', ''],
      });
      expect((await search({ dictionary: 'blank-lines.txt', n_before: 2, n_after: 1 })).entries).to.deep.equal([
        '\n\nlove\n',
      ]);
    });

    it('returns a last line without a line end', async () => {
      expect((await all({ dictionary: 'no-last-newline.txt' })).entries).to.deep.equal(['first love', 'last love']);
      expect((await search({ dictionary: 'no-last-newline.txt', n_before: 1 })).entries).to.deep.equal([
        'first love',
        'first love\nlast love',
      ]);
    });

    it('strips CRLF from lines', async () => {
      expect((await all({ dictionary: 'crlf.txt' })).entries).to.deep.equal(['one love', '', 'three', 'four love']);
      expect((await search({ dictionary: 'crlf.txt', n_before: 1, n_after: 1 })).entries).to.deep.equal([
        'one love\n',
        'three\nfour love',
      ]);
    });

    it('returns invalid UTF-8 as U+FFFD, and finds the text beside it', async () => {
      expect((await search({ dictionary: 'latin-1.txt' })).entries).to.deep.equal(['caf\ufffd love']);
      expect((await all({ dictionary: 'latin-1.txt' })).entries).to.deep.equal(['caf\ufffd love', 'plain']);
    });

    it('returns lines that contain NUL', async () => {
      expect((await search({ dictionary: 'nul.txt' })).entries).to.deep.equal(['a\0b love']);
      expect((await all({ dictionary: 'nul.txt' })).entries).to.deep.equal(['a\0b love', 'plain']);
    });

    describe('with a text that begins with a byte order mark', () => {
      const marked = (query: Partial<SearchQuery>) => search({ dictionary: 'marked', ...query });

      it('strips the mark from lines and quotes, and keeps U+FEFF anywhere else', async () => {
        const lines = ['first love', 'second', '\ufeffthird love'];
        expect(await all({ dictionary: 'marked.txt' })).to.deep.equal({ nrOfEntries: 3, entries: lines });
        const quotes = [lines.join('\n')];
        expect((await all({ dictionary: 'marked.txt', unit: 'quote' })).entries).to.deep.equal(quotes);
        expect((await search({ dictionary: 'marked.txt', unit: 'quote' })).entries).to.deep.equal(quotes);
        expect((await all({ dictionary: 'marked' })).entries).to.deep.equal([
          ...['plain love', '', '\ufefflove', 'love packed'],
          ...['%', 'a love', '', 'b', '%', 'c love', '\ufefflove', 'g love'],
        ]);
      });

      it('anchors the start of the first line after the mark', async () => {
        const regex = async (term: string, dictionary = 'marked.txt') =>
          (await search({ dictionary, syntax: 'regex', term })).entries;
        expect(await regex('^first')).to.deep.equal(['first love']);
        expect(await regex('^.{10}$')).to.deep.equal(['first love']);
        expect(await regex('^second$')).to.deep.equal(['second']);
        expect(await regex('^love', 'marked')).to.deep.equal(['love packed']);
        expect(await regex('^$', 'marked')).to.deep.equal(['', '']);
        expect(await regex('^%$', 'marked/e.txt')).to.deep.equal(['%', '%']);
        const insensitive = { syntax: 'regex', term: '^FIRST', ignore_case: true } as const;
        expect((await search({ dictionary: 'marked.txt', ...insensitive })).entries).to.deep.equal(['first love']);
        expect((await search({ dictionary: 'marked.txt', syntax: 'word', term: 'first' })).nrOfEntries).to.equal(1);
      });

      it('finds U+FEFF only if it is text', async () => {
        const term = '\ufeff';
        expect(await search({ dictionary: 'marked.txt', term })).to.deep.equal({
          nrOfEntries: 1,
          entries: ['\ufeffthird love'],
        });
        expect(await marked({ term })).to.deep.equal({ nrOfEntries: 2, entries: ['\ufefflove', '\ufefflove'] });
        expect((await marked({ term: '\ufefflove packed' })).nrOfEntries).to.equal(0);
        expect((await search({ dictionary: 'marked/d.txt', term })).nrOfEntries).to.equal(0);
      });

      it('excludes the mark from locations and contexts, batched or not', async () => {
        const first = { file: 'marked.txt', line: 1, text: 'first love', before: [], after: ['second'] };
        const queries = [
          { format: 'object', n_after: 1, nresults: 1 },
          { format: 'object', n_after: 1, nresults: 1, term: 'first' },
          { n_before: 1, term: 'third' },
          { term: 'first' },
          { format: 'object', n_after: 1, nresults: 1, syntax: 'regex', term: '^first' },
        ] as const;
        const answers = await Promise.all(queries.map((query) => search({ dictionary: 'marked.txt', ...query })));
        expect(answers.map(({ entries }) => entries)).to.deep.equal([
          [{ ...first, matches: [[6, 10]] }],
          [{ ...first, matches: [[0, 5]] }],
          ['second\n\ufeffthird love'],
          ['first love'],
          [{ ...first, matches: [[0, 5]] }],
        ]);
        const locations = (await marked({ format: 'object', n_before: 1 })).entries.map((entry) => {
          const { file, line, before, matches } = entry as EntryObject;
          return [file.slice('marked/'.length), line, before, matches[0]?.[0]];
        });
        expect(locations).to.deep.equal([
          ['a.txt', 1, [], 6],
          ['b.txt', 2, [''], 1],
          ['c.txt.gz', 1, [], 0],
          ['e.txt', 2, ['%'], 2],
          ['e.txt', 6, ['%'], 2],
          ['f.txt', 1, [], 1],
          ['g.txt', 1, [], 2],
        ]);
      });

      it('recognizes a % after the mark as a separator', async () => {
        const quotes = { dictionary: 'marked/e.txt', unit: 'quote' } as const;
        expect((await all(quotes)).entries).to.deep.equal(['a love\n\nb', 'c love']);
        expect((await search({ ...quotes, format: 'object', nresults: 1 })).entries).to.deep.equal([
          { file: 'marked/e.txt', line: 2, text: 'a love\n\nb', before: [], after: [], matches: [[2, 6]] },
        ]);
      });

      it('has no lines if the file contains only the mark', async () => {
        expect(await all({ dictionary: 'marked/d.txt' })).to.deep.equal({ nrOfEntries: 0, entries: [] });
        expect(await all({ dictionary: 'marked/d.txt', unit: 'quote' })).to.deep.equal({ nrOfEntries: 0, entries: [] });
        expect([...(await engine.lineCounts('marked', never)).values()]).to.deep.equal([1, 2, 1, 0, 6, 1, 1]);
        expect([...(await engine.lineCounts('marked.txt', never)).values()]).to.deep.equal([3]);
      });

      it('includes the mark in the size of the file', async () => {
        expect(await engine.files('marked/d.txt', never)).to.deep.equal([{ file: 'marked/d.txt', bytes: 3 }]);
      });
    });

    const hostile: [term: string, entries: string[]][] = [
      ['-v', ['-v love']],
      ['--', ['--', '-- love']],
      ['-', ['-v love', '--', '-- love', '12-34:56 love']],
      ['it\'s "quoted"', ['it\'s "quoted"']],
      ['$(id)', ['$(id)']],
      ['`id`;id|id', ['`id`;id|id']],
      ['%', ['100%']],
      ['*', ['*', '.*']],
      ['.*', ['.*']],
      ['a.b', ['a.b']],
      ['[love]', ['[love]']],
      ['\\', ['\\']],
      ['^', []],
    ];
    for (const [term, entries] of hostile) {
      it(`reads the term ${term} literally`, async () => {
        expect((await search({ dictionary: 'hostile.txt', term })).entries).to.deep.equal(entries);
      });
    }

    it('does not mistake a line -- for a separator of groups', async () => {
      expect((await search({ dictionary: 'hostile.txt', n_before: 1, n_after: 1, nresults: 3 })).entries).to.deep.equal(
        ['-v love\n--', '--\n-- love\n12-34:56 love', '-- love\n12-34:56 love\nit\'s "quoted"'],
      );
    });

    for (const [term, entry] of [
      ['straße', 'straße 愛 love'],
      ['愛', 'straße 愛 love'],
      ['😀', '😀 emoji'],
      ['\u0301', 'e\u0301 combining'],
    ] as const) {
      it(`finds ${term}`, async () => {
        expect((await search({ dictionary: 'unicode.txt', term })).entries).to.deep.equal([entry]);
      });
    }

    for (const [dictionary, entry] of [
      ['grün und blau.txt', 'green love'],
      ['-rf.txt', 'dash love'],
      ['folder/b.txt', 'b2 love'],
      ['folder/link-in.txt', 'two love'],
      ['link-in.txt', 'two love'],
      ['link-to-folder/b.txt', 'b2 love'],
    ] as const) {
      it(`searches the file ${dictionary}`, async () => {
        expect((await search({ dictionary, nresults: 1 })).entries).to.deep.equal([entry]);
      });
    }

    it('searches a folder in byte order of paths, without hidden files and links to the outside', async () => {
      expect(await search({ dictionary: 'folder', nresults: 4 })).to.deep.equal({
        nrOfEntries: 7,
        entries: ['a2 love', 'z1 love', 'b2 love', 'two love'],
      });
      expect(await all({ dictionary: 'link-to-folder', nresults: 6 })).to.deep.equal({
        nrOfEntries: 15,
        entries: ['a1', 'a2 love', 'z1 love', 'z2', 'b1', 'b2 love'],
      });
    });

    it('ends context at the end of a file', async () => {
      expect((await search({ dictionary: 'folder', n_before: 5, n_after: 5, nresults: 3 })).entries).to.deep.equal([
        'a1\na2 love',
        'z1 love\nz2',
        'b1\nb2 love',
      ]);
    });

    for (const dictionary of ABSENT_NAMES) {
      it(`rejects the unknown dictionary ${JSON.stringify(dictionary.slice(0, 40))}`, async () => {
        expect(await codeOf(search({ dictionary }))).to.equal('unknown_dictionary');
        expect(await codeOf(all({ dictionary }))).to.equal('unknown_dictionary');
      });
    }

    for (const dictionary of ['shut.txt', 'shut', 'partly-unreadable']) {
      it(`rejects the unreadable dictionary ${dictionary}`, async () => {
        expect(await codeOf(search({ dictionary }))).to.equal('unreadable_dictionary');
      });
    }

    it('lists each dictionary with the state of its index', async () => {
      const { dictionaries } = await engine.dictionaries(never);
      for (const { name, index } of dictionaries) expect(index, name).to.be.oneOf([...INDEX_STATES]);
    });

    it('lists each dictionary with the encoding in which it is read', async () => {
      const { dictionaries } = await engine.dictionaries(never);
      const encodings = new Map(dictionaries.map(({ name, encoding }) => [name, encoding]));
      for (const name of ['plain.txt', 'empty.txt', 'folder', 'grün und blau.txt']) {
        expect(encodings.get(name), name).to.equal('utf-8');
      }
    });

    it('lists the dictionaries in byte order of their names, with the default one', async () => {
      const list = await engine.dictionaries(never);
      expect(list.default).to.equal('plain.txt');
      expect(list.dictionaries.map(({ name }) => name)).to.deep.equal([
        '-rf.txt',
        'blank-lines.txt',
        'crlf.txt',
        'damaged.txt.gz',
        'empty.txt',
        'folder',
        'fortunes',
        'fortunes-crlf',
        'grün und blau.txt',
        'hostile.txt',
        'latin-1.txt',
        'link-in.txt',
        'link-to-folder',
        'marked',
        'marked.txt',
        'mixed',
        'no-last-newline.txt',
        'nul.txt',
        'packed.txt.gz',
        'plain.txt',
        'quotes.txt',
        'unicode.txt',
        'words.txt',
      ]);
      expect(list.dictionaries.find(({ name }) => name === 'folder')).to.include({ files: 4, bytes: 97 });
      for (const { version } of list.dictionaries) expect(version).to.match(/^[0-9a-f]{12}$/);
    });

    it('searches the default dictionary if the query names none', async () => {
      expect((await search({ dictionary: undefined })).nrOfEntries).to.equal(4);
    });

    const words: [query: Partial<SearchQuery>, entries: string[]][] = [
      [{ syntax: 'word' }, ['love', 'love-in']],
      [{ syntax: 'word', ignore_case: true }, ['love', 'Love!', 'LOVE', 'love-in']],
      [{ syntax: 'word', term: 'loveé', ignore_case: true }, ['loveé', 'LOVEÉ']],
      [{ ignore_case: true, term: 'LOVEé' }, ['loveé', 'LOVEÉ']],
      [{ syntax: 'regex', term: '^l.ve$' }, ['love']],
      [{ syntax: 'regex', term: '^l.ve$', ignore_case: true }, ['love', 'LOVE']],
      [{ syntax: 'regex', term: '(.)\\1|f_' }, ['self_love']],
      [{ syntax: 'regex', term: '^.{5}$' }, ['Love!', 'lover', 'glove', 'loveé', 'LOVEÉ']],
      [{ syntax: 'regex', term: '$(id)' }, []],
      [{ syntax: 'regex', term: '-e' }, []],
    ];
    for (const [query, entries] of words) {
      it(`searches for ${JSON.stringify(query)}`, async () => {
        expect(await search({ dictionary: 'words.txt', ...query })).to.deep.equal({
          nrOfEntries: entries.length,
          entries,
        });
      });
    }

    for (const [term, reason] of [
      ['a(', 'Unmatched ( or \\(. Try "a\\(".'],
      ['[а-я]', 'Invalid collation character.'],
      ['[z-a]', 'Invalid range end.'],
      ['\\', 'Trailing backslash. Try "\\\\".'],
    ] as const) {
      it(`rejects the regular expression ${term} with grep's reason`, async () => {
        const failure = search({ syntax: 'regex', term });
        expect(await codeOf(failure)).to.equal('invalid_request');
        expect(await failure.catch((error) => error.message)).to.equal(
          `"term" must be a regular expression that grep accepts; grep reports: ${reason}`,
        );
      });
    }

    it('never matches a line end', async () => {
      const regex = (term: string, more: Partial<SearchQuery> = {}) =>
        search({ dictionary: 'crlf.txt', syntax: 'regex', term, ...more });
      expect((await regex('love$')).entries).to.deep.equal(['one love', 'four love']);
      expect((await regex('love.')).entries).to.deep.equal([]);
      expect((await regex('\\s$')).entries).to.deep.equal([]);
      expect((await regex('^$', { n_before: 1 })).entries).to.deep.equal(['one love\n']);
      expect((await regex('love$', { unit: 'quote' })).entries).to.deep.equal(['one love', 'three\nfour love']);
      expect((await regex('e$', { format: 'object', nresults: 1 })).entries).to.deep.equal([
        { file: 'crlf.txt', line: 1, text: 'one love', before: [], after: [], matches: [[7, 8]] },
      ]);
    });

    it('skips the first entries up to the offset', async () => {
      expect(await search({ offset: 1, nresults: 2 })).to.deep.equal({
        nrOfEntries: 4,
        entries: ['four love', 'five love'],
      });
      expect((await search({ offset: 3 })).entries).to.deep.equal(['nine love']);
      expect((await search({ offset: 4 })).entries).to.deep.equal([]);
      expect((await search({ offset: 1, nresults: 1, n_before: 1 })).entries).to.deep.equal(['three\nfour love']);
      expect((await all({ dictionary: 'plain.txt', offset: 7 })).entries).to.deep.equal(['eight', 'nine love']);
      expect((await all({ dictionary: 'quotes.txt', unit: 'quote', offset: 1, nresults: 1 })).entries).to.deep.equal([
        'second quote',
      ]);
    });

    it('returns whole quotes, separated by blank lines', async () => {
      expect(await search({ dictionary: 'quotes.txt', unit: 'quote' })).to.deep.equal({
        nrOfEntries: 2,
        entries: ['first quote\nlove, love', 'third love'],
      });
      expect(await all({ dictionary: 'quotes.txt', unit: 'quote' })).to.deep.equal({
        nrOfEntries: 4,
        entries: ['first quote\nlove, love', 'second quote', 'third love', 'fourth\nquote'],
      });
    });

    it('returns whole quotes, separated by lines of % in a file that has one', async () => {
      expect(await search({ dictionary: 'fortunes', unit: 'quote' })).to.deep.equal({
        nrOfEntries: 2,
        entries: ['a poem\n\nof love', 'second love\nand love'],
      });
      expect((await all({ dictionary: 'fortunes', unit: 'quote' })).entries).to.deep.equal([
        'a poem\n\nof love',
        'second love\nand love',
        '%%\nthird',
      ]);
      expect((await all({ dictionary: 'fortunes-crlf', unit: 'quote' })).entries).to.deep.equal(['one\n\nlove', 'two']);
    });

    it('never matches a separator of quotes', async () => {
      expect(await search({ dictionary: 'fortunes', unit: 'quote', term: '%' })).to.deep.equal({
        nrOfEntries: 1,
        entries: ['%%\nthird'],
      });
      expect(
        (await search({ dictionary: 'quotes.txt', unit: 'quote', syntax: 'regex', term: '^[ \t]*$' })).nrOfEntries,
      ).to.equal(0);
    });

    it('counts context in quotes if quotes are the unit', async () => {
      expect(
        await search({ dictionary: 'quotes.txt', unit: 'quote', term: 'second', n_before: 2, n_after: 1 }),
      ).to.deep.equal({ nrOfEntries: 1, entries: ['first quote\nlove, love\nsecond quote\nthird love'] });
      expect(
        (await search({ dictionary: 'quotes.txt', unit: 'quote', n_before: 1, n_after: 1, format: 'object' })).entries,
      ).to.deep.equal([
        {
          file: 'quotes.txt',
          line: 2,
          text: 'first quote\nlove, love',
          before: [],
          after: ['second quote'],
          matches: [
            [12, 16],
            [18, 22],
          ],
        },
        {
          file: 'quotes.txt',
          line: 8,
          text: 'third love',
          before: ['second quote'],
          after: ['fourth\nquote'],
          matches: [[6, 10]],
        },
      ]);
    });

    it('returns the location and the matches of an entry', async () => {
      expect((await search({ format: 'object', n_before: 1, n_after: 1, nresults: 2 })).entries).to.deep.equal([
        { file: 'plain.txt', line: 2, text: 'two love', before: ['one'], after: ['three'], matches: [[4, 8]] },
        { file: 'plain.txt', line: 4, text: 'four love', before: ['three'], after: ['five love'], matches: [[5, 9]] },
      ]);
      expect((await all({ dictionary: 'fortunes', format: 'object', offset: 5, nresults: 1 })).entries).to.deep.equal([
        { file: 'fortunes', line: 6, text: 'and love', before: [], after: [], matches: [] },
      ]);
      expect(
        (await all({ dictionary: 'fortunes', format: 'object', unit: 'quote', offset: 1, nresults: 1 })).entries,
      ).to.deep.equal([
        { file: 'fortunes', line: 5, text: 'second love\nand love', before: [], after: [], matches: [] },
      ]);
    });

    it('measures matches in UTF-16 code units', async () => {
      const matchesOf = async (query: Partial<SearchQuery>) => {
        const { entries } = await search({ format: 'object', ...query });
        return entries.map((entry) => typeof entry === 'object' && entry.matches);
      };
      expect(await matchesOf({ dictionary: 'unicode.txt', term: 'emoji' })).to.deep.equal([[[3, 8]]]);
      expect(await matchesOf({ dictionary: 'unicode.txt', term: '😀' })).to.deep.equal([[[0, 2]]]);
      expect(await matchesOf({ dictionary: 'latin-1.txt', term: 'love' })).to.deep.equal([[[5, 9]]]);
      expect(await matchesOf({ dictionary: 'words.txt', syntax: 'regex', term: 'v*', nresults: 1 })).to.deep.equal([
        [[2, 3]],
      ]);
    });

    it('returns the file of each entry of a folder, whatever its name and whether compressed or not', async () => {
      const entries = [
        ['mixed/a.txt', 1, 'a love', [], []],
        ['mixed/b.txt.gz', 2, 'b love', ['b'], []],
        ['mixed/c\nd.txt', 1, 'c love', [], ['d']],
        ['mixed/e.txt', 1, 'e love', [], []],
        ['mixed/f.txt', 2, 'f love', ['f'], []],
      ].map(([file, line, text, before, after]) => ({ file, line, text, before, after, matches: [[2, 6]] }));
      const query = { dictionary: 'mixed', format: 'object', n_before: 1, n_after: 1 } as const;
      expect(await search(query)).to.deep.equal({ nrOfEntries: 5, entries });
      expect(await search({ ...query, syntax: 'regex', term: 'l.*$' })).to.deep.equal({ nrOfEntries: 5, entries });
      expect(await search({ ...query, unit: 'quote' })).to.deep.equal({
        nrOfEntries: 5,
        entries: entries.map(({ file, before, text, after }) => {
          const quote = [before, text, after].flat().join('\n');
          const start = quote.indexOf('love');
          return { file, line: 1, text: quote, before: [], after: [], matches: [[start, start + 4]] };
        }),
      });
    });

    it('lists the files of a dictionary in search order, even damaged ones', async () => {
      expect(await engine.files('plain.txt', never)).to.deep.equal([{ file: 'plain.txt', bytes: 65 }]);
      const folder = await engine.files('folder', never);
      const expected = ['folder/a.txt', 'folder/a/z.txt', 'folder/b.txt', 'folder/link-in.txt'];
      expect(folder.map(({ file }) => file)).to.deep.equal(expected);
      expect((await engine.files('mixed/b.txt', never)).map(({ file }) => file)).to.deep.equal(['mixed/b.txt.gz']);
      expect((await engine.files('damaged.txt', never)).map(({ file }) => file)).to.deep.equal(['damaged.txt.gz']);
      expect(await codeOf(engine.files('nope', never))).to.equal('unknown_dictionary');
      expect(await codeOf(engine.files('shut.txt', never))).to.equal('unreadable_dictionary');
    });

    it('rejects lists of files and dictionaries if the signal has aborted', async () => {
      const reason = new Error('enough');
      const aborted = AbortSignal.abort(reason);
      expect(await engine.files('folder', aborted).catch((error) => error)).to.equal(reason);
      expect(await engine.dictionaries(aborted).catch((error) => error)).to.equal(reason);
    });

    it('rejects a name longer than PATH_MAX as unknown, and quotes only its beginning', async () => {
      for (const name of ['x'.repeat(60_000), 'é'.repeat(3_000), 'x/'.repeat(2_048)]) {
        for (const [code, call] of [
          ['unknown_dictionary', () => search({ dictionary: name })],
          ['unknown_dictionary', () => engine.files(name, never)],
          ['unknown_folder', () => list({ folder: name })],
        ] as const) {
          const failure = call();
          expect(await codeOf(failure)).to.equal(code);
          const { message } = (await failure.catch((error) => error)) as Error;
          expect(message).to.include(name.slice(0, 50)).and.have.length.below(120);
        }
      }
    });

    it('counts the lines of each file, compressed or not, whatever the line ends', async () => {
      const counts = async (name: string) => Object.fromEntries(await engine.lineCounts(name, never));
      expect(await counts('plain.txt')).to.deep.equal({ 'plain.txt': 9 });
      expect(await counts('no-last-newline.txt')).to.deep.equal({ 'no-last-newline.txt': 2 });
      expect(await counts('empty.txt')).to.deep.equal({ 'empty.txt': 0 });
      const mixed = {
        'mixed/a.txt': 1,
        'mixed/b.txt.gz': 2,
        'mixed/c\nd.txt': 2,
        'mixed/e.txt': 1,
        'mixed/f.txt': 2,
      };
      expect(await counts('mixed')).to.deep.equal(mixed);
      // The counts may be cached by now.
      expect(await counts('mixed')).to.deep.equal(mixed);
      expect(await counts('mixed/b.txt')).to.deep.equal({ 'mixed/b.txt.gz': 2 });
      expect(await codeOf(counts('nope'))).to.equal('unknown_dictionary');
      expect(await codeOf(counts('shut.txt'))).to.equal('unreadable_dictionary');
      expect(await codeOf(counts('damaged.txt'))).to.equal('damaged_dictionary');
    });

    it('counts the words of each file, compressed or not', async () => {
      const counts = async (name: string) => Object.fromEntries(await engine.wordCounts(name, never));
      expect(await counts('plain.txt')).to.deep.equal({ 'plain.txt': 13 });
      expect(await counts('empty.txt')).to.deep.equal({ 'empty.txt': 0 });
      const mixed = await counts('mixed');
      for (const [file, words] of Object.entries(mixed)) {
        const text = (await all({ dictionary: file })).entries.join('\n');
        expect(words, file).to.equal(text.split(/[ \t\n\v\f\r]+/).filter((word) => word !== '').length);
      }
      // The counts may be cached by now.
      expect(await counts('mixed')).to.deep.equal(mixed);
      expect(Object.keys(mixed)).to.have.length(5);
      expect(await codeOf(counts('nope'))).to.equal('unknown_dictionary');
      expect(await codeOf(counts('shut.txt'))).to.equal('unreadable_dictionary');
      expect(await codeOf(counts('damaged.txt'))).to.equal('damaged_dictionary');
    });

    it('counts no words if the signal has aborted', async () => {
      const reason = new Error('gone');
      const failure = await engine.wordCounts('plain.txt', AbortSignal.abort(reason)).catch((error) => error);
      expect(failure).to.equal(reason);
    });

    it('counts no lines if the signal has aborted', async () => {
      const reason = new Error('gone');
      const failure = await engine.lineCounts('plain.txt', AbortSignal.abort(reason)).catch((error) => error);
      expect(failure).to.equal(reason);
    });

    it('omits the matches in the format location', async () => {
      for (const query of [
        {},
        { n_after: 1 },
        { unit: 'quote' },
        { syntax: 'regex', term: 'l.ve' },
        { syntax: 'word' },
      ] as const) {
        for (const dictionary of ['plain.txt', 'folder', 'packed.txt']) {
          const { entries, ...summary } = await search({ ...query, dictionary, format: 'object' });
          const located = await search({ ...query, dictionary, format: 'location' });
          const expected = entries.map((entry) => ({ ...(entry as EntryObject), matches: [] }));
          expect(located).to.deep.equal({ ...summary, entries: expected });
        }
      }
    });

    describe('with an observer', () => {
      /** Returns what it observes, and everything else about the answer. */
      async function observe(query: Partial<SearchQuery>, stopsAfter = Number.POSITIVE_INFINITY) {
        const stop = new AbortController();
        const observed: [file: string, line: number][] = [];
        const observer = {
          signal: stop.signal,
          observe: (file: string, line: number) => {
            observed.push([file, line]);
            if (observed.length === stopsAfter) stop.abort();
          },
        };
        return { observed, answer: await search({ ...query, observer }) };
      }

      for (const query of [
        {},
        { term: 'o', n_before: 1, n_after: 1 },
        { syntax: 'regex', term: 'l.*$' },
        { ignore_case: true, term: 'LOVE' },
        { unit: 'quote' },
        { unit: 'quote', syntax: 'regex', term: '[eo]', n_after: 1 },
      ] as const) {
        it(`locates every match of ${JSON.stringify(query)}, wherever the page is`, async () => {
          for (const dictionary of ['plain.txt', 'mixed', 'marked', 'fortunes']) {
            const { entries } = await search({ ...query, dictionary, format: 'location' });
            const expected = entries.map((entry) => [(entry as EntryObject).file, (entry as EntryObject).line]);
            for (const page of [
              {},
              { nresults: 1, offset: 1, format: 'object' },
              { nresults: 1, order: 'random', seed: 7, format: 'object' },
            ] as const) {
              const { observed, answer } = await observe({ ...query, ...page, dictionary });
              expect(observed, `${dictionary} ${JSON.stringify(page)}`).to.deep.equal(expected);
              expect(answer).to.deep.equal(await search({ ...query, ...page, dictionary }));
            }
          }
        });
      }

      it('gives the same answer if the observer stops, and has reported the first matches', async () => {
        const { entries } = await search({ dictionary: 'folder', format: 'location' });
        const expected = entries.map((entry) => [(entry as EntryObject).file, (entry as EntryObject).line]);
        for (const page of [{}, { nresults: 1, format: 'object' }, { order: 'random', seed: 1 }] as const) {
          for (const stopsAfter of [1, 2]) {
            const { observed, answer } = await observe({ dictionary: 'folder', ...page }, stopsAfter);
            expect(observed).to.have.length.at.least(stopsAfter);
            expect(observed).to.deep.equal(expected.slice(0, observed.length));
            expect(answer).to.deep.equal(await search({ dictionary: 'folder', ...page }));
          }
        }
      });

      it('fails as without an observer', async () => {
        expect(await codeOf(observe({ dictionary: 'nope' }))).to.equal('unknown_dictionary');
        expect(await codeOf(observe({ dictionary: 'damaged.txt' }))).to.equal('damaged_dictionary');
        expect(await codeOf(observe({ syntax: 'regex', term: 'a(' }))).to.equal('invalid_request');
      });
    });

    describe('with globs for files', () => {
      const cases: [dictionary: string, globs: string[], files: string[]][] = [
        ['folder', ['/*.txt', '!link*'], ['a.txt', 'b.txt']],
        ['folder', ['**/[bz].txt'], ['a/z.txt', 'b.txt']],
        ['folder', ['folder/a.txt', '.hidden', 'SOURCES.md', 'link-out', 'fifo'], []],
        ['link-to-folder', ['a/**', 'l*'], ['a/z.txt', 'link-in.txt']],
        ['mixed', ['*.gz', '*\n*', 'f*'], ['b.txt.gz', 'c\nd.txt', 'f.txt']],
        ['marked', ['!b*', '!f*'], ['a.txt', 'c.txt.gz', 'd.txt', 'e.txt', 'g.txt']],
        ['marked', ['d*'], ['d.txt']],
      ];
      const queries = [
        { n_before: 2, n_after: 2 },
        { syntax: 'regex', term: 'l.*$' },
        { unit: 'quote', n_before: 1 },
      ] as const;
      for (const [dictionary, files, names] of cases) {
        it(`reads only ${JSON.stringify(names)} for ${JSON.stringify(files)} in ${dictionary}`, async () => {
          const paths = names.map((name) => `${dictionary}/${name}`);
          const expectOnlyThese = async (ask: (query: Partial<SearchQuery>) => ReturnType<typeof search>) => {
            const whole = await ask({ dictionary, format: 'object' });
            const entries = whole.entries.filter((entry) => paths.includes((entry as EntryObject).file));
            const expected = { nrOfEntries: entries.length, entries };
            expect(await ask({ dictionary, files, format: 'object' })).to.deep.equal(expected);
            const page = await ask({ dictionary, files, format: 'object', offset: 1, nresults: 1 });
            expect(page).to.deep.equal({ ...expected, entries: entries.slice(1, 2) });
          };
          for (const query of queries) await expectOnlyThese((more) => search({ ...query, ...more }));
          for (const unit of ['line', 'quote'] as const) await expectOnlyThese((more) => all({ unit, ...more }));
        });
      }

      it('draws from these files only', async () => {
        const query = { dictionary: 'folder', files: ['[ab].txt'], order: 'random', seed: 3 } as const;
        expect((await all(query)).entries).to.have.members(['a1', 'a2 love', 'b1', 'b2 love']);
        expect((await search(query)).entries).to.have.members(['a2 love', 'b2 love']);
      });

      it('reads a single file if its base name matches', async () => {
        for (const dictionary of ['plain.txt', 'folder/link-in.txt', undefined]) {
          const { entries } = await search({ dictionary });
          expect((await search({ dictionary, files: ['*.txt'] })).entries).to.deep.equal(entries);
          expect(await search({ dictionary, files: ['!*.txt'] })).to.deep.equal({ nrOfEntries: 0, entries: [] });
          expect(await all({ dictionary, files: ['*.gz'] })).to.deep.equal({ nrOfEntries: 0, entries: [] });
        }
        expect((await search({ dictionary: 'packed.txt', files: ['packed.txt.gz'] })).nrOfEntries).to.equal(1);
      });

      it('gives each concurrent search the files that it selects', async () => {
        const globs = [undefined, ['a*'], ['b*'], undefined, ['nope'], ['!b*']];
        const answers = await Promise.all(globs.map((files) => search({ dictionary: 'folder', files })));
        expect(answers.map(({ nrOfEntries }) => nrOfEntries)).to.deep.equal([7, 1, 1, 7, 0, 6]);
      });

      it('observes only matches in these files', async () => {
        const observed: string[] = [];
        const observer = { signal: never, observe: (file: string) => observed.push(file) };
        await search({ dictionary: 'folder', files: ['a.txt', 'z*'], nresults: 1, observer });
        expect(observed).to.deep.equal(['folder/a.txt', 'folder/a/z.txt']);
      });

      it('rejects an invalid regular expression even if no file matches', async () => {
        for (const dictionary of ['plain.txt', 'folder']) {
          const failure = search({ dictionary, files: ['nope'], syntax: 'regex', term: 'a(' });
          expect(await codeOf(failure)).to.equal('invalid_request');
        }
      });

      it('fails as without globs if the dictionary is unknown or unreadable', async () => {
        expect(await codeOf(search({ dictionary: 'nope', files: ['*'] }))).to.equal('unknown_dictionary');
        for (const dictionary of ['shut', 'partly-unreadable']) {
          expect(await codeOf(search({ dictionary, files: ['open.txt'] }))).to.equal('unreadable_dictionary');
        }
      });

      it('has the version of the whole dictionary, and counts the lines of all its files', async () => {
        const answer = engine.search(searchQuery({ dictionary: 'folder', files: ['a.txt'] }), never);
        let step = await answer.next();
        while (!step.done) step = await answer.next();
        const { version } = step.value;
        if (version !== undefined) expect(version).to.equal(await engine.version('folder'));
        expect((await engine.lineCounts('folder', never)).size).to.equal(4);
      });
    });

    it('samples entries at random, depending on the seed', async () => {
      const sample = async (query: Partial<SearchQuery>) =>
        (await search({ order: 'random', seed: 7, ...query })).entries;
      const complete = await sample({});
      expect(complete).to.have.members(['two love', 'four love', 'five love', 'nine love']);
      expect(await sample({ nresults: 2 })).to.deep.equal(complete.slice(0, 2));
      expect(await sample({ nresults: 2, offset: 1 })).to.deep.equal(complete.slice(1, 3));
      expect(
        (await all({ dictionary: 'quotes.txt', unit: 'quote', order: 'random', nresults: 9 })).entries,
      ).to.have.length(4);
      const orders = new Set<string>();
      for (let seed = 0; seed < 20; seed += 1) orders.add((await sample({ seed })).join());
      expect(orders.size).to.be.above(5);
    });

    it('decompresses a compressed dictionary, whose name may omit .gz', async () => {
      for (const dictionary of ['packed.txt.gz', 'packed.txt']) {
        expect(await search({ dictionary, format: 'object', n_before: 1 })).to.deep.equal({
          nrOfEntries: 1,
          entries: [
            { file: 'packed.txt.gz', line: 2, text: 'two love', before: ['one'], after: [], matches: [[4, 8]] },
          ],
        });
        expect(await all({ dictionary })).to.deep.equal({ nrOfEntries: 3, entries: ['one', 'two love', 'three'] });
      }
    });

    it('rejects a damaged compressed dictionary', async () => {
      expect(await codeOf(search({ dictionary: 'damaged.txt' }))).to.equal('damaged_dictionary');
    });

    it('throws the reason of a signal that has already aborted', async () => {
      const reason = new AppError('search_timeout', 'too late');
      const failure = await search({}, AbortSignal.abort(reason)).catch((error) => error);
      expect(failure).to.equal(reason);
    });

    it('lists the dictionaries and folders of a folder in byte order', async () => {
      const names = Object.keys(texts).flatMap((name) => name.split('/')[0] ?? []);
      const visible = names.filter((name) => !name.startsWith('.') && name !== 'SOURCES.md');
      const expected = [...new Set([...visible, 'link-in.txt', 'link-to-folder'])].sort((a, b) =>
        Buffer.compare(Buffer.from(a), Buffer.from(b)),
      );
      expect(await list({})).to.deep.equal({ nrOfEntries: expected.length, entries: expected });
      expect(await namesIn({ folder: 'folder' })).to.deep.equal(['a', 'a.txt', 'b.txt', 'link-in.txt']);
      expect(await namesIn({ folder: 'folder/a' })).to.deep.equal(['z.txt']);
      expect(await namesIn({ folder: 'link-to-folder' })).to.deep.equal(['a', 'a.txt', 'b.txt', 'link-in.txt']);
    });

    it('lists hidden files with -a only, and never . and ..', async () => {
      expect(await namesIn({ folder: 'folder', options: ['-a'] })).to.deep.equal([
        '.hidden',
        'a',
        'a.txt',
        'b.txt',
        'link-in.txt',
      ]);
      expect(await namesIn({ folder: 'folder', filter: '.*' })).to.deep.equal([]);
      expect(await namesIn({ folder: 'folder', filter: '.*', options: ['-a'] })).to.deep.equal(['.hidden']);
    });

    it('lists each name as one entry, even with a line break', async () => {
      expect(await namesIn({ folder: 'mixed' })).to.deep.equal(['a.txt', 'b.txt.gz', 'c\nd.txt', 'e.txt', 'f.txt']);
      expect(await namesIn({ filter: 'gr*' })).to.deep.equal(['grün und blau.txt']);
      expect(await namesIn({ filter: '-*' })).to.deep.equal(['-rf.txt']);
    });

    it('lists details with -l', async () => {
      const { nrOfEntries, entries } = await list({ folder: 'mixed', options: ['-l'] });
      expect(nrOfEntries).to.equal(6);
      expect(entries[0]).to.match(/^total \d+$/);
      expect(entries[3]).to.match(/^-rw.* 9 \w{3} [ \d]{2} \d\d:\d\d c\nd\.txt$/);
    });

    it('does not reveal the target of a link', async () => {
      const [link, ...others] = await namesIn({ filter: 'link-in*', options: ['-l'] });
      expect(link).to.match(/^l.* link-in\.txt$/);
      expect(others).to.deep.equal([]);
    });

    it('sorts by size, by time and in reverse', async () => {
      const filter = '[cw]*.txt';
      expect(await namesIn({ filter, options: ['-S'] })).to.deep.equal(['words.txt', 'crlf.txt']);
      expect(await namesIn({ filter, options: ['-r', '-S'] })).to.deep.equal(['crlf.txt', 'words.txt']);
      await utimes(join(fixtures.dictionaries, 'crlf.txt'), 1, 1);
      expect(await namesIn({ filter, options: ['-t'] })).to.deep.equal(['words.txt', 'crlf.txt']);
      await utimes(join(fixtures.dictionaries, 'words.txt'), 0, 0);
      expect(await namesIn({ filter, options: ['-t'] })).to.deep.equal(['crlf.txt', 'words.txt']);
    });

    it('accepts -h and -1', async () => {
      const long = await namesIn({ folder: 'folder', filter: 'a', options: ['-l', '-h', '-1'] });
      expect(long[0]).to.match(/^d.* 4\.0K .* a$/);
    });

    it('lists subfolders with -R, each below its path', async () => {
      expect(await namesIn({ folder: 'folder', options: ['-R'] })).to.deep.equal([
        '.:',
        'a',
        'a.txt',
        'b.txt',
        'link-in.txt',
        '',
        './a:',
        'z.txt',
      ]);
      expect(await namesIn({ folder: 'folder', options: ['-R'], filter: 'z*' })).to.deep.equal(['./a:', 'z.txt']);
      const totals = (await namesIn({ folder: 'folder', options: ['-R', '-l'] })).map((line) =>
        String(line).slice(0, 5),
      );
      expect(totals.filter((line) => line === 'total')).to.have.length(2);
      const filtered = await namesIn({ folder: 'folder', options: ['-R', '-l'], filter: '*.txt' });
      expect(filtered.map((line) => String(line).split(' ').at(-1))).to.deep.equal([
        '.:',
        'a.txt',
        'b.txt',
        'link-in.txt',
        '',
        './a:',
        'z.txt',
      ]);
    });

    it('reports an unreadable subfolder, and lists the others', async () => {
      const { truncated, entries } = await list({ options: ['-R'] });
      expect(truncated).to.equal('unreadable_folder');
      expect(entries).to.not.include('./shut/inner:');
      expect(entries)
        .to.include('shut')
        .and.include('./folder/a:')
        .and.not.include('./shut:')
        .and.not.include('inside.txt');
    });

    for (const name of [...ABSENT_NAMES, 'link-in.txt/', 'folder/nope']) {
      if (name === '') continue;
      it(`rejects the unknown folder ${JSON.stringify(name).slice(0, 40)}`, async () => {
        expect(await codeOf(list({ folder: name }))).to.equal('unknown_folder');
      });
    }

    it('rejects listing a file or an unreadable folder', async () => {
      expect(await codeOf(list({ folder: 'plain.txt' }))).to.equal('not_a_folder');
      expect(await codeOf(list({ folder: 'link-in.txt' }))).to.equal('not_a_folder');
      expect(await codeOf(list({ folder: 'shut' }))).to.equal('unreadable_folder');
    });

    it('reads nothing below a folder without search permission, even as root', async () => {
      expect(await codeOf(list({ folder: 'shut/inner' }))).to.equal('unreadable_folder');
      for (const dictionary of ['shut/inside.txt', 'shut/inner', 'shut/inner/inside.txt']) {
        expect(await codeOf(all({ dictionary })), dictionary).to.equal('unreadable_dictionary');
      }
    });

    it('lists nothing if the signal has aborted', async () => {
      const reason = new Error('over');
      await list({}, AbortSignal.abort(reason)).then(
        () => expect.fail('did not throw'),
        (error) => expect(error).to.equal(reason),
      );
    });

    it('leaves no process and no file descriptor behind after close', async () => {
      const childrenBefore = allChildrenOf(process.pid);
      const descriptors = () => readdirSync('/proc/self/fd').length;
      const before = descriptors();
      const own = await open(fixtures.dictionaries);
      const queries = [
        {},
        { term: 'five' },
        { n_before: 1 },
        { syntax: 'regex' },
        { dictionary: 'packed.txt' },
      ] as const;
      for (const query of queries) await collect(own.search(searchQuery({ dictionary: 'plain.txt', ...query }), never));
      await collect(own.list({ folder: '', options: ['-l'] }, never));
      await own.close();
      expect(allChildrenOf(process.pid).filter((pid) => !childrenBefore.includes(pid))).to.deep.equal([]);
      expect(descriptors()).to.be.at.most(before);
      await own.close();
    });

    it('finds the name in the list that a name leads to, with the suffixes that it omits', async () => {
      const names = ['plain.txt', 'folder', 'packed.txt', 'packed.txt.gz'];
      const listed = ['plain.txt', 'folder', 'packed.txt.gz', 'packed.txt.gz'];
      expect(await Promise.all(names.map(async (name) => engine.listedName(name)))).to.deep.equal(listed);
      for (const name of ['nope.txt', '.hidden.txt', '..', '']) {
        expect(await codeOf((async () => engine.listedName(name))()), name).to.equal('unknown_dictionary');
      }
    });

    it('rejects every call after close', async () => {
      const own = await open(fixtures.dictionaries);
      await own.close();
      const calls: Record<
        Exclude<keyof SearchEngine, 'close' | 'isLarge' | 'combinesTerms' | 'lineLength'>,
        () => Promise<unknown>
      > = {
        search: () => collect(own.search(searchQuery({ dictionary: 'plain.txt' }), never)),
        all: () => collect(own.all(allQuery({ dictionary: 'plain.txt' }), never)),
        list: () => collect(own.list({ folder: '', options: [] }, never)),
        matchTexts: () => own.matchTexts({ term: 'love', syntax: 'literal', ignore_case: false }, ['love'], never),
        files: () => own.files('plain.txt', never),
        entryCounts: () => own.entryCounts(searchQuery({ dictionary: 'plain.txt' }), never),
        lineCounts: () => own.lineCounts('plain.txt', never),
        wordCounts: () => own.wordCounts('plain.txt', never),
        version: async () => own.version('plain.txt'),
        listedName: async () => own.listedName('plain.txt'),
        dictionaries: () => own.dictionaries(never),
        check: () => own.check(),
      };
      for (const [name, call] of Object.entries(calls)) {
        expect(await codeOf(call()), name).to.equal('engine_unavailable');
      }
    });

    it('waits for calls in flight on close', async () => {
      const own = await open(fixtures.dictionaries);
      const answer = own.all(allQuery({ dictionary: 'plain.txt' }), never);
      const { value } = await answer.next();
      let isClosed = false;
      const closed = own.close().then(() => {
        isClosed = true;
      });
      expect(await codeOf((async () => own.version('plain.txt'))())).to.equal('engine_unavailable');
      await nextTurn();
      expect(isClosed).to.equal(false);
      const { entries, nrOfEntries } = await collect(answer);
      expect([...(value as Entry[]), ...entries]).to.have.length(9);
      expect(nrOfEntries).to.equal(9);
      await closed;
    });
  });
}
