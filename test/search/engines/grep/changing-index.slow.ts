// Searches while a dictionary and its index are replaced again and again.
import { appendFileSync, mkdirSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { restore, useFakeTimers } from 'sinon';
import { AppError } from '../../../../src/errors.js';
import { Dictionaries } from '../../../../src/search/corpus/dictionaries.js';
import { collect } from '../../../../src/search/engine.js';
import { buildDictionary } from '../../../../src/search/index/build-dictionary.js';
import { IndexStore } from '../../../../src/search/index/index-store.js';
import { openEngine } from '../../../../src/search/open-engine.js';
import { createSearchCounts } from '../../../../src/search/search-counts.js';
import { engineOptions, searchQuery } from '../../../helpers/queries.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import { type Rejection, usedIndexes } from '../../index/build-indexes.js';

const never = new AbortController().signal;
/** Two changes within a tick of the kernel's clock can have the same time. */
const TICK_MS = 12;
const CHANGES = 40;
const FILLER = 'nothing to see here\n'.repeat(200);

/** Every version has two needles far apart, and a different number of lines before them. */
const linesOf = (version: number) => [`needle ${version} one`, `needle ${version} two`];
const textOf = (version: number) =>
  'x\n'.repeat(version % 7) + FILLER + linesOf(version).join(`\n${FILLER}`) + '\n'.repeat(version % 3);

describe('GrepEngine, while a dictionary and its index change', function () {
  this.timeout(300_000);
  afterEach(() => restore());

  for (const [title, dictionary, replace] of [
    [
      'a file that is replaced',
      'one.txt',
      (file: string, version: number) => {
        writeFileSync(`${file}.draft`, textOf(version));
        renameSync(`${file}.draft`, file);
      },
    ],
    [
      'a file that is rewritten in place',
      'one.txt',
      (file: string, version: number) => writeFileSync(file, textOf(version)),
    ],
    [
      'a file of a folder that is replaced',
      'book',
      (file: string, version: number) => {
        writeFileSync(join(file, '../../../draft'), textOf(version));
        renameSync(join(file, '../../../draft'), file);
      },
    ],
    [
      'a file of a folder that is truncated and regrown',
      'book',
      (file: string, version: number) => {
        // Creates the first version.
        appendFileSync(file, '');
        truncateSync(file, 0);
        appendFileSync(file, textOf(version));
      },
    ],
  ] as const) {
    it(`returns one version of ${title}, or says that it changed`, async () => {
      const folder = await tempFolder();
      const dictionariesDir = join(folder.path, 'dictionaries');
      mkdirSync(join(dictionariesDir, 'book'), { recursive: true });
      writeFileSync(join(dictionariesDir, 'book/b.txt'), FILLER);
      const file = join(dictionariesDir, dictionary === 'book' ? 'book/a.txt' : 'one.txt');
      replace(file, 0);
      await sleep(TICK_MS);
      const nowMs = Date.now();
      // With this clock, a folder never settles, so it isn't packed.
      const clock = useFakeTimers({ toFake: ['Date'], now: nowMs });
      const dir = join(folder.path, 'index');
      const dictionaries = await Dictionaries.open(dictionariesDir);
      const store = new IndexStore(dir, dictionaries.root.path);
      store.create();
      const counts = createSearchCounts();
      const rejections: Rejection[] = [];
      const engine = await openEngine(engineOptions({ dictionariesDir, counts, index: usedIndexes(dir, rejections) }));
      let isDone = false;
      let version = 0;
      let [whole, changed] = [0, 0];
      const search = async () => {
        while (!isDone) {
          const first = version;
          const query = searchQuery({ dictionary, term: 'needle', syntax: 'word', format: 'object', n_before: 1 });
          const answer = await collect(engine.search(query, never)).catch((error) => {
            if (error instanceof AppError && error.code === 'dictionary_changed') return undefined;
            throw error;
          });
          if (answer === undefined || answer.truncated === 'dictionary_changed') {
            changed += 1;
            continue;
          }
          whole += 1;
          const texts = answer.entries.map((entry) => (entry as { text: string }).text);
          const possible = Array.from({ length: version - first + 2 }, (_, at) => linesOf(Math.max(0, first - 1 + at)));
          expect(possible, JSON.stringify(texts)).to.deep.include(texts);
          const lines = answer.entries.map((entry) => (entry as { line: number }).line);
          const found = Number(texts[0]?.split(' ')[1]);
          expect(lines).to.deep.equal([201 + (found % 7), 402 + (found % 7)]);
        }
      };
      const change = async () => {
        try {
          for (let next = 1; next <= CHANGES; next += 1) {
            version = next;
            replace(file, next);
            await sleep(TICK_MS);
            if (next % 3 === 0) continue;
            clock.setSystemTime(nowMs + 600_000);
            const options = { dictionaries, store, dictionary, maxBytes: 1e9, blockBytes: 100 };
            const building = buildDictionary(options);
            await building;
            clock.setSystemTime(nowMs);
            await sleep(5 * TICK_MS);
          }
        } finally {
          isDone = true;
        }
      };
      try {
        await Promise.all([change(), search(), search()]);
        expect(rejections).to.deep.equal([]);
        expect(whole).to.be.above(50);
        expect(counts.index.searches.pruned).to.be.above(20);
        console.log(`      ${whole} whole answers, ${changed} of a dictionary that changed`);
      } finally {
        isDone = true;
        await engine.close();
        await folder.remove();
      }
    });
  }
});
