// `npm run bench:flat -- --mb 1000 --only quotes`: the memory and event loop delay that the largest
// answers cost.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createGzip } from 'node:zlib';
import { PROJECT } from '../helpers/project.js';
import { type TempFolder, tempFolder } from '../helpers/temp-folder.js';
import { measure, report, spawnMeasured } from './measured-service.js';
import { memoryBytes } from './process-cost.js';

const MIB = 2 ** 20;
const { values } = parseArgs({
  options: { mb: { type: 'string', default: '1000' }, only: { type: 'string', default: '' } },
});
const bytes = Number(values.mb) * 1_000_000;

interface Case {
  title: string;
  body: object;
  accept?: string;
  /** How long the client pauses after each chunk. */
  pauseMs?: number;
  /** The client disconnects after this many bytes. */
  maxBytes?: number;
}

const cases: Case[] = [
  { title: '`all`', body: { action: 'all' } },
  { title: '`all`, NDJSON', body: { action: 'all' }, accept: 'application/x-ndjson' },
  { title: '`all`, objects', body: { action: 'all', format: 'object' } },
  { title: '`all`, quotes', body: { action: 'all', unit: 'quote' } },
  { title: '`all`, escaped as HTML', body: { action: 'all', escape: 'html' } },
  { title: '`all`, compressed', body: { action: 'all', dictionary: 'packed.txt.gz' } },
  { title: 'a term in nearly every line', body: { action: 'search', term: 'e' } },
  { title: 'the same, objects', body: { action: 'search', term: 'e', format: 'object' } },
  { title: 'the same, quotes', body: { action: 'search', term: 'e', unit: 'quote' } },
  { title: 'the same, 2 lines of context', body: { action: 'search', term: 'e', n_before: 2, n_after: 2 } },
  {
    title: 'a regular expression, lines end in CRLF',
    body: { action: 'search', term: '[aeiou].*', syntax: 'regex', dictionary: 'crlf.txt' },
  },
  { title: 'ten of all at random', body: { action: 'all', order: 'random', nresults: 10 } },
  { title: 'ten of all', body: { action: 'all', nresults: 10 } },
  {
    title: '`all`, read slowly, a part of it',
    body: { action: 'all' },
    pauseMs: 5,
    maxBytes: 20_000_000,
  },
  {
    title: '100 lines of context, a part of it',
    body: { action: 'search', term: 'e', n_before: 100, n_after: 100 },
    maxBytes: 1_000_000_000,
  },
];

const folder = await tempFolder();
try {
  await makeTexts(folder);
  const grep = execFileSync('grep', ['--version'], { encoding: 'utf8' }).split('\n')[0];
  console.log(`${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, Node.js ${process.version}, ${grep}`);
  console.log(`A text of ${values.mb} MB; each answer by a worker of its own.\n`);
  console.log(
    '| answer | MB | first byte, ms | MB/s | memory before, MiB | growth, MiB | loop delay p99, ms | max, ms |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const each of cases.filter(({ title }) => title.includes(values.only)))
    console.log(`| ${(await measureCase(each, folder)).join(' | ')} |`);
} finally {
  await folder.remove();
}

async function measureCase(spec: Case, { path }: TempFolder): Promise<(string | number)[]> {
  const env = {
    DICTIONARIES_DIR: path,
    DEFAULT_DICTIONARY: 'plain.txt',
    SEARCH_TIMEOUT_MS: '600000',
    LOG_LEVEL: 'info',
  };
  const service = spawnMeasured(env);
  try {
    const url = await service.url();
    // Warm up: don't measure what is loaded or compiled at first use.
    for (let n = 0; n < 200; n += 1) await send(url, { ...spec, body: { ...spec.body, dictionary: 'small.txt' } });
    const before = memoryBytes(service.child.pid, 'VmRSS');
    measure(service);
    let peak = before;
    const sampler = setInterval(() => {
      peak = Math.max(peak, memoryBytes(service.child.pid, 'VmRSS'));
    }, 5);
    const { received, firstMs, ms } = await send(url, spec);
    clearInterval(sampler);
    const { p99, max } = await report(service);
    const speed = spec.pauseMs === undefined ? (received / 1000 / ms).toFixed(0) : 'pauses';
    return [
      spec.title,
      (received / 1e6).toFixed(0),
      firstMs.toFixed(0),
      speed,
      (before / MIB).toFixed(0),
      ((peak - before) / MIB).toFixed(0),
      p99.toFixed(1),
      max.toFixed(1),
    ];
  } finally {
    service.child.kill('SIGKILL');
    await service.exited;
  }
}

async function send(url: string, { body, accept, pauseMs, maxBytes }: Case) {
  const begin = performance.now();
  const headers = { 'Content-Type': 'application/json', ...(accept !== undefined && { Accept: accept }) };
  const client = request(`${url}/api/v1/json`, { method: 'POST', headers });
  client.end(JSON.stringify(body));
  const [response] = (await once(client, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`${JSON.stringify(body)} was answered ${response.statusCode}`);
  let received = 0;
  let firstMs = 0;
  for await (const chunk of response) {
    if (received === 0) firstMs = performance.now() - begin;
    received += chunk.length;
    if (received >= (maxBytes ?? Number.POSITIVE_INFINITY)) break;
    if (pauseMs !== undefined) await sleep(pauseMs);
  }
  return { received, firstMs, ms: performance.now() - begin };
}

/**
 * Repeats the bundled dictionaries. A blank line after every fifth verse turns verses into quotes.
 */
async function makeTexts({ path }: TempFolder): Promise<void> {
  const read = (name: string) => readFileSync(join(PROJECT, 'dictionaries', name), 'utf8');
  const verses = read('king-james-bible.txt').replace(/(?:.*\n){5}/g, '$&\n');
  const block = `${read('devils-dictionary.txt')}\n${verses}`;
  const small = block.slice(0, 20_000);
  const [plain, crlf] = [block, block.replaceAll('\n', '\r\n')].map((text) => Buffer.from(text)) as [Buffer, Buffer];
  for (const [name, text, size] of [
    ['small.txt', Buffer.from(small), 1],
    ['plain.txt', plain, bytes],
    ['crlf.txt', crlf, bytes],
  ] as const) {
    const file = await open(join(path, name), 'w');
    for (let written = 0; written < size; ) written += (await file.write(text)).bytesWritten;
    await file.close();
  }
  await pipeline(
    createReadStream(join(path, 'plain.txt')),
    createGzip({ level: 1 }),
    createWriteStream(join(path, 'packed.txt.gz')),
  );
}
