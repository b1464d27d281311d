// Dictionaries that change while their size and modification time stay the same. A request after
// the change must get the new content.
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { link, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { useFakeTimers } from 'sinon';
import { request } from 'undici';
import { type AnswerCounts, createAnswerCounts } from '../../src/http/api/answer-cache.js';
import { openEngine } from '../../src/search/open-engine.js';
import { engineOptions } from '../helpers/queries.js';
import { type RunningApp, startApp } from '../helpers/start-app.js';
import { type TempFolder, tempFolder } from '../helpers/temp-folder.js';

/** Whole seconds since 1970, which every file system and tool preserves. */
const OLD = 1_000_000_000;

/** Texts of the same length that differ in their lines, line ends and kind of quotes. */
function text(n: number): string {
  return n % 2 === 1 ? `${n} love\r\n%\n${n} rest\n` : `${n} love \n\n\n${n} rest\n`;
}

describe('a dictionary that changes and keeps its size and time', function () {
  this.timeout(30_000);
  let folder: TempFolder;
  let app: RunningApp;
  let counts: AnswerCounts;
  const etags = new Map<string, string>();
  beforeEach(async () => {
    folder = await tempFolder();
    etags.clear();
    counts = createAnswerCounts();
    for (const name of ['folder', 'elsewhere']) await mkdir(path(name));
    for (const name of ['plain.txt', 'folder/a.txt', 'hard.txt']) write(name, text(0));
    write('packed.txt.gz', compressed(0));
    await writeFile(path('folder/b.txt'), 'nothing\n');
    await symlink('plain.txt', path('link.txt'));
    await link(path('hard.txt'), path('elsewhere/other-name.txt'));
    const engine = await openEngine(engineOptions({ dictionariesDir: folder.path, searchQueue: 100 }));
    app = await startApp({ engine, counts, cacheBytes: 1_000_000 });
  });
  afterEach(async () => {
    await app.close();
    await folder.remove();
  });

  const isCompressed = (file: string) => file.endsWith('.gz');
  const isOtherName = (file: string) => file.startsWith('elsewhere/');
  /** After these changes, the other hard link is another file. */
  const losesLinks = new Set(['replaced', 'removed and created again']);
  /** Waits until the clock of the file system advances, as only the ctime reveals such a change. */
  function tick(file: string): void {
    const { ctimeNs } = lstatSync(path(file), { bigint: true });
    do writeFileSync(path('.tick'), '');
    while (lstatSync(path('.tick'), { bigint: true }).ctimeNs === ctimeNs);
  }
  const path = (name: string) => join(folder.path, name);
  const setBack = (name: string) => utimesSync(path(name), OLD, OLD);
  /** Without compression, so that the size is the same. */
  const compressed = (n: number) => gzipSync(text(n), { level: 0 });
  function write(name: string, bytes: string | Buffer): void {
    writeFileSync(path(name), bytes);
    setBack(name);
  }

  const dictionaries: [file: string, dictionary: string][] = [
    ['plain.txt', 'plain.txt'],
    ['plain.txt', 'link.txt'],
    ['packed.txt.gz', 'packed.txt'],
    ['folder/a.txt', 'folder'],
    ['elsewhere/other-name.txt', 'hard.txt'],
  ];

  /** Each keeps the size and the modification time. */
  const changes: [title: string, change: (file: string, bytes: string | Buffer) => void][] = [
    ['written in place', write],
    [
      'written by cp --preserve',
      (file, bytes) => {
        write('.source', bytes);
        execFileSync('cp', ['--preserve', path('.source'), path(file)]);
      },
    ],
    [
      'replaced',
      (file, bytes) => {
        write('.source', bytes);
        renameSync(path('.source'), path(file));
      },
    ],
    [
      'removed and created again',
      (file, bytes) => {
        unlinkSync(path(file));
        write(file, bytes);
      },
    ],
    [
      'truncated and written',
      (file, bytes) => {
        truncateSync(path(file), 0);
        write(file, bytes);
      },
    ],
    [
      'written through an open descriptor',
      (file, bytes) => {
        const fd = openSync(path(file), 'r+');
        writeSync(fd, Buffer.from(bytes), 0, bytes.length, 0);
        closeSync(fd);
        setBack(file);
      },
    ],
    [
      'written through another link that is then removed',
      (file, bytes) => {
        linkSync(path(file), path('.other'));
        write('.other', bytes);
        unlinkSync(path('.other'));
      },
    ],
  ];

  const queries: [fields: object, expected: (n: number) => string[]][] = [
    [{ action: 'search', term: 'love' }, (n) => [n % 2 === 1 ? `${n} love` : `${n} love `]],
    [{ action: 'search', term: 'love', syntax: 'word' }, (n) => [n % 2 === 1 ? `${n} love` : `${n} love `]],
    [{ action: 'search', term: 'love$', syntax: 'regex' }, (n) => (n % 2 === 1 ? [`${n} love`] : [])],
    [{ action: 'search', term: 'rest', unit: 'quote' }, (n) => [`${n} rest`]],
    [{ action: 'search', term: '%', n_before: 1 }, (n) => (n % 2 === 1 ? [`${n} love\n%`] : [])],
    [{ action: 'all', nresults: 1, order: 'random', seed: 1, unit: 'quote' }, () => []],
  ];

  async function expectAnswers(dictionary: string, n: number): Promise<void> {
    for (const [fields, expected] of queries) {
      const body = (await (await app.post({ ...fields, dictionary })).json()) as { results: string[] };
      if ('seed' in fields && dictionary === 'folder') continue;
      if ('seed' in fields) expect(body.results[0], JSON.stringify(fields)).to.match(new RegExp(`^${n} `));
      else expect(body.results, JSON.stringify({ ...fields, dictionary })).to.deep.equal(expected(n));
    }
  }

  /** Sends the ETag of the previous response, like a browser. */
  async function expectPages(file: string, dictionary: string, n: number): Promise<void> {
    const query = new URLSearchParams({ dictionary });
    for (const page of [`/d/${file.replace('.gz', '')}`, `/?term=love&${query}`, `/?term=%25&${query}`]) {
      const etag = etags.get(page);
      const { statusCode, headers, body } = await request(app.url + page, {
        headers: etag === undefined ? {} : { 'If-None-Match': etag },
      });
      const html = await body.text();
      expect(statusCode, page).to.equal(200);
      if (!page.includes('%')) expect(html, page).to.match(new RegExp(`>${n} (<mark>)?love`));
      etags.set(page, String(headers.etag));
    }
  }

  const times = [
    ['while nothing of it is cached', 0],
    ['after its answers were cached', 60_000],
  ] as const;
  for (const [title, change] of changes) {
    for (const [when, laterMs] of times) {
      it(`is answered with its new content when it is ${title} ${when}`, async () => {
        // A file that hasn't changed for a while is cached.
        const clock = useFakeTimers({ toFake: ['Date'], now: Date.now() + laterMs });
        try {
          for (const [file, dictionary] of dictionaries) {
            if (isOtherName(file) && losesLinks.has(title)) continue;
            for (let n = 1; n <= 2; n += 1) {
              if (laterMs > 0) tick(file);
              change(file, isCompressed(file) ? compressed(n) : text(n));
              await expectAnswers(dictionary, n);
              await expectPages(file, dictionary, n);
              const { hits } = counts;
              await expectAnswers(dictionary, n);
              expect(counts.hits - hits).to.equal(laterMs > 0 ? queries.length : 0);
            }
          }
        } finally {
          clock.restore();
        }
      });
    }
  }

  it('is answered with its new content during many requests that began before the change', async () => {
    for (const [file, dictionary] of dictionaries) {
      for (let n = 1; n <= 3; n += 1) {
        const before = Array.from({ length: 20 }, () => app.post({ action: 'search', term: 'love', dictionary }));
        await sleep(n);
        write(file, isCompressed(file) ? compressed(n) : text(n));
        await expectAnswers(dictionary, n);
        for (const response of await Promise.all(before)) expect(response.status).to.be.oneOf([200, 503]);
      }
    }
  });
});
