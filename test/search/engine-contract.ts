// The cases that every search engine passes, over the dictionaries of helpers/fixtures.ts. Not a test file itself.
import { expect } from 'chai';
import { AppError, type ErrorCode } from '../../src/errors.js';
import { type AllQuery, collect, type SearchEngine, type SearchQuery } from '../../src/search/engine.js';
import { ABSENT_NAMES, type Fixtures, makeFixtures } from '../helpers/fixtures.js';

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
  describe(`${title}, as every engine`, () => {
    let fixtures: Fixtures;
    let engine: SearchEngine;

    before(async () => {
      fixtures = await makeFixtures();
      engine = await open(fixtures.dictionaries);
    });
    after(() => fixtures.remove());

    const never = new AbortController().signal;
    const search = (query: Partial<SearchQuery>, signal = never) =>
      collect(
        engine.search(
          { dictionary: 'plain.txt', term: 'love', nresults: 0, n_before: 0, n_after: 0, ...query },
          signal,
        ),
      );
    const all = (query: Partial<AllQuery>, signal = never) => collect(engine.all({ nresults: 0, ...query }, signal));

    it('finds the lines that hold the term, in file order', async () => {
      expect(await search({})).to.deep.equal({
        nrOfEntries: 4,
        entries: ['two love', 'four love', 'five love', 'nine love'],
      });
    });

    it('finds nothing where nothing is', async () => {
      expect(await search({ term: 'hate' })).to.deep.equal({ nrOfEntries: 0, entries: [] });
      expect(await search({ dictionary: 'empty.txt' })).to.deep.equal({ nrOfEntries: 0, entries: [] });
      expect(await all({ dictionary: 'empty.txt' })).to.deep.equal({ nrOfEntries: 0, entries: [] });
    });

    it('compares case-sensitively', async () => {
      expect(await search({ term: 'Love' })).to.deep.equal({ nrOfEntries: 0, entries: [] });
    });

    for (const nresults of [1, 3]) {
      it(`gives ${nresults} of 4 entries and counts them all`, async () => {
        const { nrOfEntries, entries } = await search({ nresults });
        expect(nrOfEntries).to.equal(4);
        expect(entries).to.deep.equal(['two love', 'four love', 'five love'].slice(0, nresults));
      });
    }

    for (const nresults of [0, -1, 4, 5, Number.MAX_SAFE_INTEGER]) {
      it(`gives all 4 entries for nresults ${nresults}`, async () => {
        expect((await search({ nresults })).entries).to.have.length(4);
      });
    }

    it('gives every match its own context, also where contexts overlap or touch', async () => {
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

    it('gives every line of a dictionary', async () => {
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

    it('gives a last line that has no line end', async () => {
      expect((await all({ dictionary: 'no-last-newline.txt' })).entries).to.deep.equal(['first love', 'last love']);
      expect((await search({ dictionary: 'no-last-newline.txt', n_before: 1 })).entries).to.deep.equal([
        'first love',
        'first love\nlast love',
      ]);
    });

    it('gives lines without their CRLF', async () => {
      expect((await all({ dictionary: 'crlf.txt' })).entries).to.deep.equal(['one love', '', 'three', 'four love']);
      expect((await search({ dictionary: 'crlf.txt', n_before: 1, n_after: 1 })).entries).to.deep.equal([
        'one love\n',
        'three\nfour love',
      ]);
    });

    it('gives bytes that are not UTF-8 as U+FFFD, and finds what stands beside them', async () => {
      expect((await search({ dictionary: 'latin-1.txt' })).entries).to.deep.equal(['caf\ufffd love']);
      expect((await all({ dictionary: 'latin-1.txt' })).entries).to.deep.equal(['caf\ufffd love', 'plain']);
    });

    it('gives lines that hold NUL', async () => {
      expect((await search({ dictionary: 'nul.txt' })).entries).to.deep.equal(['a\0b love']);
      expect((await all({ dictionary: 'nul.txt' })).entries).to.deep.equal(['a\0b love', 'plain']);
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
      it(`takes the term ${term} as it stands`, async () => {
        expect((await search({ dictionary: 'hostile.txt', term })).entries).to.deep.equal(entries);
      });
    }

    it('does not mistake text for what stands between matches', async () => {
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

    it('takes the files of a folder in byte order of their path, without what is hidden or leads out', async () => {
      expect(await search({ dictionary: 'folder', nresults: 4 })).to.deep.equal({
        nrOfEntries: 7,
        entries: ['a2 love', 'z1 love', 'b2 love', 'two love'],
      });
      expect(await all({ dictionary: 'link-to-folder', nresults: 6 })).to.deep.equal({
        nrOfEntries: 15,
        entries: ['a1', 'a2 love', 'z1 love', 'z2', 'b1', 'b2 love'],
      });
    });

    it('keeps context within a file', async () => {
      expect((await search({ dictionary: 'folder', n_before: 5, n_after: 5, nresults: 3 })).entries).to.deep.equal([
        'a1\na2 love',
        'z1 love\nz2',
        'b1\nb2 love',
      ]);
    });

    for (const dictionary of ABSENT_NAMES) {
      it(`knows no dictionary ${JSON.stringify(dictionary.slice(0, 40))}`, async () => {
        expect(await codeOf(search({ dictionary }))).to.equal('unknown_dictionary');
        expect(await codeOf(all({ dictionary }))).to.equal('unknown_dictionary');
      });
    }

    for (const dictionary of ['shut.txt', 'shut', 'partly-unreadable']) {
      it(`may not read ${dictionary}`, async () => {
        expect(await codeOf(search({ dictionary }))).to.equal('unreadable_dictionary');
      });
    }

    it('lists the dictionaries in byte order of their names, and says which is the default', async () => {
      const list = await engine.dictionaries();
      expect(list.default).to.equal('plain.txt');
      expect(list.dictionaries.map(({ name }) => name)).to.deep.equal([
        '-rf.txt',
        'blank-lines.txt',
        'crlf.txt',
        'empty.txt',
        'folder',
        'grün und blau.txt',
        'hostile.txt',
        'latin-1.txt',
        'link-in.txt',
        'link-to-folder',
        'no-last-newline.txt',
        'nul.txt',
        'plain.txt',
        'unicode.txt',
      ]);
      expect(list.dictionaries.find(({ name }) => name === 'folder')).to.include({ files: 4, bytes: 97 });
    });

    it('searches the default dictionary where none is named', async () => {
      expect((await search({ dictionary: undefined })).nrOfEntries).to.equal(4);
    });

    it('does not begin when the signal has aborted already, and throws its reason', async () => {
      const reason = new AppError('search_timeout', 'too late');
      const failure = await search({}, AbortSignal.abort(reason)).catch((error) => error);
      expect(failure).to.equal(reason);
    });
  });
}
