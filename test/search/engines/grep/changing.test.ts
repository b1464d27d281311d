// Dictionaries that change during a search: an answer never mixes versions silently.
import { appendFile, chmod, mkdir, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { useFakeTimers } from 'sinon';
import {
  type Answer,
  collect,
  type Entry,
  type SearchEngine,
  type SearchQuery,
} from '../../../../src/search/engine.js';
import { openGrep } from '../../../../src/search/engines/grep/grep-engine.js';
import { TraitCache } from '../../../../src/search/engines/grep/trait-cache.js';
import { engineOptions, searchQuery } from '../../../helpers/queries.js';
import { type TempFolder, tempFolder } from '../../../helpers/temp-folder.js';
import { codeOf } from '../engine-contract.js';

const LINES = 50_000;
const version = (letter: string) => `${letter} love ${letter.repeat(50)}\n\n`.repeat(LINES);
/** Whole seconds since 1970, which a file system keeps as they are. */
const OLD = 1_000_000_000;
const oldLine = version('a').split('\n')[0];

describe('GrepEngine over a dictionary that changes during a search', () => {
  let folder: TempFolder;
  let engine: SearchEngine;
  beforeEach(async () => {
    folder = await tempFolder();
    engine = await openGrep(engineOptions({ dictionariesDir: folder.path }));
  });
  afterEach(async () => {
    await engine.close();
    await folder.remove();
  });

  const path = (name: string) => join(folder.path, name);
  const replace = async (name: string, text: string | Buffer) => {
    await writeFile(path('.new'), text);
    await rename(path('.new'), path(name));
  };

  /**
   * The rest of an answer of which the first batch was read before the change: far from all of it.
   */
  async function searchDuring(change: () => Promise<void>, query: Partial<SearchQuery>) {
    const answer: Answer = engine.search(searchQuery(query), new AbortController().signal);
    const first = await answer.next();
    expect(first.done).to.equal(false);
    expect((first.value as Entry[]).length).to.be.below(LINES / 2);
    await change();
    const { entries, ...summary } = await collect(answer);
    return { ...summary, entries: [...(first.value as Entry[]), ...entries] };
  }

  const harmless: [title: string, change: (name: string) => Promise<void>][] = [
    ['replaced', (name) => replace(name, version('b'))],
    ['removed', (name) => rm(path(name))],
    ['made unreadable', (name) => chmod(path(name), 0)],
  ];
  const forms: [title: string, query: Partial<SearchQuery>][] = [
    ['lines', {}],
    ['lines by a regular expression', { syntax: 'regex', term: '.ove' }],
    ['objects', { format: 'object' }],
    ['quotes', { unit: 'quote' }],
  ];
  for (const [title, change] of harmless) {
    for (const [form, query] of forms) {
      it(`searches the old version when the file is ${title}: ${form}`, async () => {
        await writeFile(path('a.txt'), version('a'));
        const { entries, ...summary } = await searchDuring(() => change('a.txt'), query);
        expect(summary).to.deep.equal({ nrOfEntries: LINES });
        const texts = new Set(entries.map((entry) => (typeof entry === 'string' ? entry : entry.text)));
        expect([...texts]).to.deep.equal([oldLine]);
      });
    }

    it(`searches the old version when a compressed file is ${title}`, async () => {
      await writeFile(path('a.txt.gz'), gzipSync(version('a')));
      const { entries, ...summary } = await searchDuring(() => change('a.txt.gz'), { dictionary: 'a.txt' });
      expect(summary).to.deep.equal({ nrOfEntries: LINES });
      expect(new Set(entries)).to.deep.equal(new Set([oldLine]));
    });
  }

  const harmful: [title: string, change: (name: string) => Promise<void>][] = [
    ['appended to', (name) => appendFile(path(name), version('b'))],
    ['truncated', (name) => truncate(path(name), 10)],
    ['emptied', (name) => truncate(path(name), 0)],
    ['rewritten', (name) => writeFile(path(name), version('b'))],
    [
      'rewritten with its old modification time',
      async (name) => {
        await writeFile(path(name), version('b'));
        await utimes(path(name), OLD, OLD);
      },
    ],
  ];
  for (const [title, change] of harmful) {
    for (const [form, query] of forms) {
      it(`reports the change when the file is ${title} in place: ${form}`, async () => {
        await writeFile(path('a.txt'), version('a'));
        await utimes(path('a.txt'), OLD, OLD);
        // Quotes are read twice, and the second reader may find less than the first.
        const answer = searchDuring(() => change('a.txt'), query).then(
          ({ truncated }) => truncated,
          ({ code }) => code,
        );
        expect(await answer).to.equal('dictionary_changed');
      });
    }
  }

  it('detects a change of a file with a byte order mark', async () => {
    for (const [change, nrOfEntries, truncated] of [
      [(name: string) => replace(name, version('b')), LINES, undefined],
      [(name: string) => appendFile(path(name), 'b love\n'), undefined, 'dictionary_changed'],
    ] as const) {
      await writeFile(path('a.txt'), `\ufeff${version('a')}`);
      await utimes(path('a.txt'), OLD, OLD);
      const answer = await searchDuring(() => change('a.txt'), { syntax: 'regex', term: '^. love' });
      expect(answer.entries[0]).to.equal(oldLine);
      expect(answer.truncated).to.equal(truncated);
      if (nrOfEntries !== undefined) expect(answer.nrOfEntries).to.equal(nrOfEntries);
    }
  });

  it('searches exactly one version of a file that keeps being replaced', async () => {
    const lines = 2_000;
    const texts = ['a', 'b'].map((letter) => `${letter} love\n\n`.repeat(lines));
    await writeFile(path('a.txt'), texts[0] as string);
    let isOver = false;
    const replacing = (async () => {
      for (let n = 0; !isOver; n += 1) await replace('a.txt', texts[n % 2] as string);
    })();
    for (let n = 0; n < 60; n += 1) {
      const [, query] = forms[n % forms.length] as (typeof forms)[number];
      const answer = engine.search(searchQuery({ ...query, dictionary: 'a.txt' }), new AbortController().signal);
      const { entries, ...summary } = await collect(answer);
      expect(summary).to.deep.equal({ nrOfEntries: lines });
      expect(new Set(entries.map((entry) => (typeof entry === 'string' ? entry : entry.text))).size).to.equal(1);
    }
    isOver = true;
    await replacing;
  });

  it('counts the lines of a changed file again, even if they were cached', async () => {
    const count = () => engine.lineCounts('a.txt', new AbortController().signal);
    for (const nowMs of [Date.now(), Date.now() + 60_000]) {
      // Only files that have not changed recently are cached.
      const clock = useFakeTimers({ toFake: ['Date'], now: nowMs });
      try {
        await writeFile(path('a.txt'), 'one\ntwo\n');
        for (let times = 0; times < 2; times += 1) expect(await count()).to.deep.equal(new Map([['a.txt', 2]]));
        await appendFile(path('a.txt'), 'three');
        expect(await count()).to.deep.equal(new Map([['a.txt', 3]]));
        await replace('a.txt', 'one');
        expect(await count()).to.deep.equal(new Map([['a.txt', 1]]));
        await rm(path('a.txt'));
        expect(await codeOf(count())).to.equal('unknown_dictionary');
      } finally {
        clock.restore();
      }
    }
  });

  it('does not cache the traits of a text that changed too recently', async () => {
    const traits = new TraitCache();
    let reads = 0;
    const text = (changedMs: number) => ({
      path: 'a.txt',
      version: 'the same',
      changedMs,
      hasChanged: () => false,
      has: async () => {
        reads += 1;
        return reads % 2 === 0;
      },
    });
    const { signal } = new AbortController();
    for (const expected of [false, true])
      expect(await traits.resolve('crlf', text(Date.now()), signal)).to.equal(expected);
    for (const _ of [1, 2]) expect(await traits.resolve('crlf', text(Date.now() - 60_000), signal)).to.equal(false);
    expect(reads).to.equal(3);
  });

  describe('if it is a folder', () => {
    beforeEach(async () => {
      await mkdir(path('folder'));
      await writeFile(path('folder/a.txt'), version('a'));
      await writeFile(path('folder/z.txt'), version('a'));
    });

    const changes: [title: string, change: () => Promise<void>][] = [
      ['a file is replaced', () => replace('folder/z.txt', version('b'))],
      ['a file that was searched is replaced', () => replace('folder/a.txt', version('b'))],
      ['a file is added', () => writeFile(path('folder/b.txt'), 'b')],
      ['a file is removed', () => rm(path('folder/a.txt'))],
      ['the whole folder is removed', () => rm(path('folder'), { recursive: true })],
      ['the whole folder is moved', () => rename(path('folder'), path('other'))],
    ];
    for (const [title, change] of changes) {
      for (const [form, query] of forms) {
        it(`reports the change when ${title}: ${form}`, async () => {
          const answer = searchDuring(change, { ...query, dictionary: 'folder' });
          const outcome = await answer.then(
            ({ truncated }) => truncated,
            ({ code }) => code,
          );
          // If the folder is gone before grep opens a file of it, the dictionary is unknown.
          expect(outcome).to.be.oneOf(['dictionary_changed', 'unknown_dictionary']);
        });
      }
    }

    it('ignores a change of another folder', async () => {
      await mkdir(path('other'));
      const { nrOfEntries, truncated } = await searchDuring(() => writeFile(path('other/a.txt'), 'b'), {
        dictionary: 'folder',
      });
      expect({ nrOfEntries, truncated }).to.deep.equal({ nrOfEntries: 2 * LINES, truncated: undefined });
    });
  });

  it('finds a new dictionary immediately, and not after it is removed', async () => {
    const search = () => collect(engine.search(searchQuery({ dictionary: 'new.txt' }), new AbortController().signal));
    expect(await codeOf(search())).to.equal('unknown_dictionary');
    await writeFile(path('new.txt'), 'love\n');
    expect(await search()).to.deep.equal({ nrOfEntries: 1, entries: ['love'] });
    await rm(path('new.txt'));
    expect(await codeOf(search())).to.equal('unknown_dictionary');
  });
});
