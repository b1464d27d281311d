// An application whose caller may see some dictionaries only, and one that has only these: they must
// give the same answers.
import { link, lutimes, mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pino } from 'pino';
import { ApiKeys, createApiKey } from '../../src/auth/api-keys.js';
import { createAnswerCounts } from '../../src/http/api/answer-cache.js';
import { openMetrics } from '../../src/runtime/metrics/open-metrics.js';
import { TextStore } from '../../src/search/corpus/text-store.js';
import { openEngine } from '../../src/search/open-engine.js';
import type { QueryEngine } from '../../src/search/query.js';
import { createSearchCounts } from '../../src/search/search-counts.js';
import { engineOptions } from './queries.js';
import { type RunningApp, startApp } from './start-app.js';
import { tempFolder } from './temp-folder.js';

/** What the limited key may see. */
export const LIMITS = ['dictionary=public-*,quotes.txt,marks.txt.gz', 'dictionary=gone.txt'];

/** In the names and the texts of everything that the limited key may not see. */
export const SECRET = /zq(?:name|text|inner)/i;

const visible: Record<string, string | Buffer> = {
  'marks.txt.gz': gzipSync('marks love\nmarks lovely\n'),
  'public-faust.txt.latin1': Buffer.from('caf\xe9 love\nHeinrich love\n', 'latin1'),
  'public-folder/a.txt': 'a love\n\na second love\n',
  'public-folder/deep/b.txt': 'b love\nb\n',
  'public-plain.txt': 'one\ntwo love\nthree\nfour love lost\n',
  'quotes.txt': 'a quote\nof love\n\nanother quote\n',
};

const hidden: Record<string, string | Buffer> = {
  // The default dictionary of the application that has it.
  'aaa-zqname.txt': 'zqtext love\n'.repeat(2_000),
  // Callers may omit their suffixes, or they are found first.
  'marks.txt': 'zqtext love marks\n',
  'quotes.txt.gz': gzipSync('zqtext love quotes\n'),
  'gone.txt.gz': gzipSync('zqtext love gone\n'),
  'public.txt': 'zqtext love public\n',
  'zqname.txt.latin1': Buffer.from('zqtext caf\xe9 love\n', 'latin1'),
  'zqname/zqinner.txt': 'zqtext love inner\n',
  'zqname/public-plain.txt': 'zqtext love\n',
  'Public-zqname.txt': 'zqtext love\n',
};

const LINKS = { 'public-link': 'public-folder', 'public-link.txt': 'public-plain.txt', 'zqname-link': 'zqname' };

/** Names that lead to hidden dictionaries, or come close. */
export const HIDDEN_NAMES = [
  ...Object.keys(hidden),
  'zqname',
  'zqname.txt',
  'zqname-link',
  'zqname-link/zqinner.txt',
  'zqname/zqinner',
  'gone.txt',
  'gone',
  'aaa-zqname',
  'aaa-zqnam.txt',
  'zqnme',
  'public-folder/../zqname',
  'zqname/',
];

export const VISIBLE_NAMES = [
  ...Object.keys(visible),
  ...Object.keys(LINKS).filter((name) => name.startsWith('public')),
  'public-folder',
  'public-folder/deep',
  'marks.txt',
  'public-faust.txt',
  'public-plain',
  'public-folder/nope.txt',
];

export interface LimitedApps {
  limited: RunningApp;
  reference: RunningApp;
  /** The header that both applications need. */
  headers: Record<string, string>;
  close: () => Promise<void>;
}

export interface Folders {
  /** Has everything. */
  limited: string;
  /** Has only what the limited key may see. */
  reference: string;
  remove: () => Promise<void>;
}

export async function makeLimitedFolders(): Promise<Folders> {
  const folder = await tempFolder();
  const [limited, reference] = [join(folder.path, 'all'), join(folder.path, 'visible')];
  const modified = new Date('2026-01-01T00:00:00Z');
  for (const [path, text] of Object.entries({ ...hidden, ...visible })) {
    await write(join(limited, path), text, modified);
    // A link to the same file makes the applications see the same times and inodes.
    if (Object.hasOwn(visible, path)) await linkFile(join(limited, path), join(reference, path));
  }
  for (const [path, target] of Object.entries(LINKS)) {
    await symlink(target, join(limited, path));
    if (!path.startsWith('zq')) await symlink(target, join(reference, path));
    for (const root of path.startsWith('zq') ? [limited] : [limited, reference])
      await lutimes(join(root, path), modified, modified);
  }
  for (const root of [limited, reference]) {
    for (const path of ['public-folder/deep', 'public-folder']) await utimes(join(root, path), modified, modified);
  }
  return { limited, reference, remove: () => folder.remove() };
}

async function write(path: string, text: string | Buffer, modified: Date): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  await utimes(path, modified, modified);
}

async function linkFile(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await link(from, to);
}

type OpenEngine = (dictionariesDir: string) => Promise<QueryEngine>;

const openGrepEngine: OpenEngine = (dictionariesDir) =>
  openEngine(engineOptions({ dictionariesDir, searchQueue: 100 }));

export async function startLimitedApps(open = openGrepEngine): Promise<LimitedApps> {
  const folders = await makeLimitedFolders();
  const keyFolder = await tempFolder();
  const { key, line } = createApiKey('reader');
  const stops: (() => Promise<void>)[] = [];
  const start = async (dictionariesDir: string, limits: string[]) => {
    const file = join(keyFolder.path, `keys ${limits.length}`);
    await writeFile(file, [line, ...limits].join(' '));
    const store = await TextStore.open(dictionariesDir);
    const counts = createAnswerCounts();
    const log = pino({ level: 'silent' });
    const sources = { searches: createSearchCounts(), answers: counts, sentBytes: () => 0 };
    const metrics = await openMetrics({ directory: undefined, log, ...sources });
    stops.push(() => metrics.close());
    return startApp({
      engine: await open(dictionariesDir),
      keys: new ApiKeys(file, log),
      uploads: { store, limits: { maxBytes: 1_000, graceMs: 10_000 } },
      total: { get: async () => '5', close: async () => {} },
      observe: (request) => metrics.metrics.recordRequest(request),
      metrics: () => metrics.gather(),
      cacheBytes: 1_000_000,
      waitRoute: true,
      counts,
    });
  };
  const [limited, reference] = [await start(folders.limited, LIMITS), await start(folders.reference, [])];
  return {
    limited,
    reference,
    headers: { Authorization: `Bearer ${key}` },
    close: async () => {
      await Promise.all([limited.close(), reference.close(), ...stops.map((stop) => stop())]);
      await Promise.all([folders.remove(), keyFolder.remove()]);
    },
  };
}
