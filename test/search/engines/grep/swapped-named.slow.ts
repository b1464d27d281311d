// Links that are swapped in while grep opens the files of a large folder by their names.
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { AppError } from '../../../../src/errors.js';
import { TIMESTAMP_RESOLUTION_MS } from '../../../../src/search/corpus/dictionary-file.js';
import { collect, type SearchEngine, type SearchQuery } from '../../../../src/search/engine.js';
import { MAX_PACKED_BYTES } from '../../../../src/search/engines/grep/packed-folders.js';
import { openEngine } from '../../../../src/search/open-engine.js';
import { engineOptions, searchQuery } from '../../../helpers/queries.js';
import { slowGrep } from '../../../helpers/slow-grep.js';
import { type TempFolder, tempFolder } from '../../../helpers/temp-folder.js';

const SETTLING_MS = TIMESTAMP_RESOLUTION_MS + 500;
/** When the file is swapped back: before grep runs, or so long after that. */
const DELAYS_MS = [undefined, 0, 1, 2, 4, 8, 16, 32, 64, 1_000];
const PADDING = `${'padding '.repeat(100)}\n`.repeat(Math.ceil(MAX_PACKED_BYTES / 800));
const never = new AbortController().signal;

describe('A grep that opens files by name while one is swapped for a link to the outside', function () {
  this.timeout(60_000);

  let temp: TempFolder;
  let engine: SearchEngine | undefined;
  beforeEach(async () => {
    temp = await tempFolder();
  });
  afterEach(async () => {
    await engine?.close();
    engine = undefined;
    await temp.remove();
  });

  const forms: [title: string, query: Partial<SearchQuery>][] = [
    ['lines', {}],
    ['objects', { format: 'object' }],
    ['quotes', { unit: 'quote' }],
  ];
  const swaps: [title: string, path: string][] = [
    ['a file', 'b.txt'],
    ['a file of a subfolder', 'sub/b.txt'],
    ['a subfolder', 'sub'],
  ];
  for (const [title, swapped] of swaps) {
    for (const [form, query] of forms) {
      it(`exposes nothing from outside: ${title}, ${form}`, async () => {
        const [inside, outside, bin] = ['inside', 'outside', 'bin'].map((name) => join(temp.path, name)) as [
          string,
          string,
          string,
        ];
        for (const path of [join(outside, 'sub'), bin, inside]) await mkdir(path, { recursive: true });
        for (const path of ['b.txt', 'sub/b.txt']) await writeFile(join(outside, path), 'secret love\n');
        const names = DELAYS_MS.map((_, index) => `n${index}`);
        for (const name of names) {
          await mkdir(join(inside, name, 'sub'), { recursive: true });
          for (const path of ['a.txt', 'b.txt', 'sub/b.txt']) await writeFile(join(inside, name, path), 'own love\n');
          await writeFile(join(inside, name, 'padding.txt'), PADDING);
        }
        const grep = await slowGrep(bin);
        const { PATH } = process.env;
        process.env.PATH = grep.PATH;
        try {
          engine = await openEngine(engineOptions({ dictionariesDir: inside }));
        } finally {
          process.env.PATH = PATH;
        }
        const search = async (dictionary: string) => {
          const answer = await collect((engine as SearchEngine).search(searchQuery({ ...query, dictionary }), never));
          return {
            ...answer,
            entries: answer.entries.map((entry) => (typeof entry === 'string' ? entry : entry.text)),
          };
        };
        await sleep(SETTLING_MS);
        for (const [index, name] of names.entries()) {
          await grep.release();
          expect(await search(name)).to.deep.equal({ nrOfEntries: 3, entries: Array(3).fill('own love') });
          await rm(join(bin, 'released'));
          const { length } = await grep.started();
          const answer = search(name).catch((error: unknown) => {
            if (!(error instanceof AppError)) throw error;
            return error.code;
          });
          while ((await grep.started()).length === length) await sleep(5);
          const path = join(inside, name, swapped);
          const spare = join(temp.path, `spare-${index}`);
          const swapBack = async () => {
            await rm(path);
            await rename(spare, path);
          };
          await rename(path, spare);
          await symlink(join(outside, swapped), path);
          const delayMs = DELAYS_MS[index];
          if (delayMs === undefined) await swapBack();
          await grep.release();
          if (delayMs !== undefined) {
            await sleep(delayMs);
            await swapBack();
          }
          const outcome = await answer;
          expect(JSON.stringify(outcome), `${delayMs} ms`).to.not.include('secret');
          const codes = ['dictionary_changed', 'unknown_dictionary', undefined];
          expect(typeof outcome === 'string' ? outcome : outcome.truncated, `${delayMs} ms`).to.be.oneOf(codes);
          expect(await search(name)).to.deep.equal({ nrOfEntries: 3, entries: Array(3).fill('own love') });
        }
      });
    }
  }
});
