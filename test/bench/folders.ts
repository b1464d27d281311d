// `npm run bench:folders -- --rounds 3 --seconds 2 --seed 1`: searches in folders, compared
// with one `grep -r` per request and `grep -r` on the command line in the same run.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client } from 'undici';
import { PROJECT } from '../helpers/project.js';
import type { Service } from '../helpers/spawn-service.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { type Cluster, killCluster, startCluster, WORKERS } from './cluster.js';
import { drive, type Sample, type Search } from './drive.js';
import { filesIn, grepFiles, makeFolderCorpus } from './folder-corpus.js';
import { measure, report, spawnMeasured } from './measured-service.js';
import { median } from './median.js';
import { memoryBytes } from './process-cost.js';
import { GrepShell, runGrep } from './run-grep.js';
import { findWordsBySize, shuffleWords } from './text-words.js';
import { Timings } from './timings.js';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
  },
});
const [rounds, seconds, seed] = [Number(options.rounds), Number(options.seconds), Number(options.seed)];

const MIB = 2 ** 20;
/** Three files, with which a worker runs its code before anything is measured. */
const FEW = '3';
const MANY = '100000';
const SIZES = {
  [FEW]: { files: 3, bytes: 60_000 },
  '140': { files: 140, bytes: 10_000_000 },
  '5000': { files: 5_000, bytes: 25_000_000 },
  '20000': { files: 20_000, bytes: 100_000_000 },
};
const MANY_SIZE = { files: 100_000, bytes: 20_000_000 };
const MOBY_DICK = 'moby-dick';
/** grepd handles files that changed within two seconds differently. */
const SETTLE_MS = 2_500;
/** More searches per second than any server answers. They are created beforehand. */
const MAX_SEARCHES = 5_000;
const WARM_UP_SECONDS = 0.5;
const RAMP_SECONDS = 1;
const CHECK_EVERY = 10;
/** Checking an answer takes a grep. */
const MAX_CHECKS_PER_RUN = 20;
const COLD_REQUESTS = { '5000': 6, '20000': 4 };
const MAX_LARGE_SEARCHES = 4;
const REMEMBERED_REQUESTS = 200;
const MAX_REMEMBERED_MS = 1_000;
const PAGES = 15;
/** How many times a worker searches before its memory is measured. */
const MEMORY_SEARCHES = 3;
/** The terms of streamed answers. Smaller answers are cached. */
const STREAMED = { bytes: 80_000, minBytes: 70_000, count: 8 };
const TMPFS = '/dev/shm';
const MIN_TMPFS_BYTES = 2e9;
const ENV = { SEARCH_TIMEOUT_MS: '60000' };

const folder = await tempFolder();
const many = openManyFolder();
const paths = {
  folders: join(folder.path, 'folders'),
  many,
  dictionaries: join(PROJECT, 'dictionaries'),
};
const clusters: Cluster[] = [];
const services: Service[] = [];
const timings = new Timings();
const unchecked: { search: Search; answer: string }[] = [];
const files = new Map<string, string[]>();
let compared = 0;
let differences = 0;

try {
  const { write, anyTerm } = makeFolderCorpus(seed);
  for (const [name, size] of Object.entries(SIZES)) write(join(paths.folders, name), size);
  write(join(paths.many, FEW), SIZES[FEW]);
  write(join(paths.many, MANY), MANY_SIZE);
  cpSync(join(paths.dictionaries, MOBY_DICK), join(paths.folders, MOBY_DICK), { recursive: true });
  const mobyDick = await runGrep(['-rh', '', join(paths.folders, MOBY_DICK)]);
  const commonWords = findWordsBySize(mobyDick, STREAMED);
  const pageTerms = shuffleWords(mobyDick, seed);
  await sleep(SETTLE_MS);

  const grepd = await start('src/entry.js', { DICTIONARIES_DIR: paths.folders, DEFAULT_DICTIONARY: FEW });
  const plain = await start('test/bench/plain-server.js', { DICTIONARIES_DIR: paths.folders });
  const bare = await start('test/bench/bare-server.js', {});
  const one = await open({ DICTIONARIES_DIR: paths.folders, DEFAULT_DICTIONARY: FEW });
  const pages = await open({ DICTIONARIES_DIR: paths.dictionaries, DEFAULT_DICTIONARY: MOBY_DICK });
  const toBare = new Client(`http://127.0.0.1:${bare.port}`);

  const distinct = (dictionary: string) => () => ({ dictionary, term: anyTerm() });
  let streamed = 0;
  const common = () => {
    streamed += 1;
    return { dictionary: MOBY_DICK, term: commonWords[streamed % commonWords.length] as string };
  };
  const rows = [
    ...[1, 32, 128].flatMap((connections) => [
      { title: 'grepd, 140 files, distinct terms', server: grepd, connections, next: distinct('140') },
      { title: 'one `grep -r` per request, 140 files', server: plain, connections, next: distinct('140') },
    ]),
    { title: 'grepd, streamed answers, moby-dick', server: grepd, connections: 32, next: common },
    { title: 'one `grep -r` per request, moby-dick', server: plain, connections: 32, next: common },
    { title: 'grepd, 20,000 files, one worker', server: one, connections: 8, next: distinct('20000') },
  ].map((row) => ({ ...row, samples: [] as Sample[] }));
  type Row = (typeof rows)[number];

  const driveRow = ({ server, connections, next }: Row, seconds: number) => {
    let checks = 0;
    return drive({
      ...server,
      connections,
      seconds,
      ...(server === one && { amount: connections * searchesPerClient() }),
      rampSeconds: server === one || connections === 1 ? 0 : RAMP_SECONDS,
      createSearches: () =>
        Array.from({ length: Math.ceil((MAX_SEARCHES * (RAMP_SECONDS + seconds)) / connections) }, next),
      checkEvery: CHECK_EVERY,
      check: (search, answer) => {
        // `grep -r` goes by the order of the folder on the disk.
        if (server === plain || checks >= MAX_CHECKS_PER_RUN) return;
        checks += 1;
        unchecked.push({ search, answer });
      },
    });
  };

  // The warm-up.
  for (const row of rows.filter(({ server }) => server !== one)) await driveRow(row, WARM_UP_SECONDS);
  for (const name of [...Object.keys(SIZES), ...Object.keys(SIZES)]) await send(one.client, name, anyTerm());
  for (let nr = 0; nr < PAGES; nr += 1)
    await sendPage(pages.client, pageTerms.pop(), nr === 0 ? 'first page' : 'warm-up');
  await check();

  await measureNew(anyTerm);
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, times] of Object.entries(COLD_REQUESTS)) {
      const shell = new GrepShell(join(paths.folders, name));
      await shell.run(anyTerm());
      for (let nr = 0; nr < times; nr += 1) {
        const term = anyTerm();
        await timings.time(`grep ${name}`, () => shell.run(term));
        const answer = await timings.time(`cold ${name}`, () => send(one.client, name, term));
        unchecked.push({ search: { dictionary: name, term }, answer });
      }
      await shell.close();
    }
    for (const row of rows) {
      const { service } = one;
      if (row.server === one) measure(service);
      row.samples.push(await driveRow(row, seconds));
      if (row.server !== one) continue;
      const { p99, max } = await report(service);
      timings.record('loop delay p99', p99);
      timings.record('loop delay max', max);
    }
    for (const [client, name] of [
      [one.client, '140'],
      [one.client, '20000'],
      [toBare, 'bare'],
    ] as const) {
      const term = anyTerm();
      let answer = await send(client, name, term);
      const begin = performance.now();
      for (let nr = 0; nr < REMEMBERED_REQUESTS && performance.now() - begin < MAX_REMEMBERED_MS; nr += 1) {
        answer = await timings.time(`remembered ${name}`, () => send(client, name, term));
      }
      if (client !== toBare) unchecked.push({ search: { dictionary: name, term }, answer });
    }
    for (let nr = 0; nr < PAGES; nr += 1) await sendPage(pages.client, pageTerms.pop(), 'page');
    await check();
  }

  const grep = execFileSync('grep', ['--version'], { encoding: 'utf8' }).split('\n')[0];
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${WORKERS} cores, Node.js ${process.version}, ${grep}; medians of ${rounds} rounds, ` +
      `seed ${seed}. Clusters have ${WORKERS} workers. 140 files have 10 MB, 5,000 have 25 MB, 20,000 have 100 MB, ` +
      '100,000 have 20 MB.\n',
  );
  printRow('', 'connections', 'requests/s', 'p50, ms', 'p99, ms', 'CPU ms per request');
  printRow('---', '---', '---', '---', '---', '---');
  for (const { title, connections, samples } of rows) {
    const medianOf = (value: (sample: Sample) => number) => median(samples.map(value));
    printRow(
      title,
      connections,
      medianOf((it) => it.perSecond).toFixed(1),
      medianOf((it) => it.p50).toFixed(1),
      medianOf((it) => it.p99).toFixed(1),
      medianOf((it) => it.cpuMs).toFixed(2),
    );
  }
  const maxDelay = timings.max('loop delay max');
  printRow(
    `its event loop delay (maximum: ${maxDelay.toFixed(1)} ms)`,
    8,
    '',
    '',
    timings.median('loop delay p99').toFixed(1),
    '',
  );
  for (const [title, name] of [
    ['`grep -r` on the command line, 5,000 files', 'grep 5000'],
    ['grepd, 5,000 files, one cold request', 'cold 5000'],
    ['`grep -r` on the command line, 20,000 files', 'grep 20000'],
    ['grepd, 20,000 files, one cold request', 'cold 20000'],
    ['grepd, 140 files, remembered answer', 'remembered 140'],
    ['grepd, 20,000 files, remembered answer', 'remembered 20000'],
    ['bare Koa, fixed answer', 'remembered bare'],
    ['grepd, search page with plot, moby-dick', 'page'],
    ['the first search page of a worker', 'first page'],
    ['the first request ever of 140 files', 'first 140'],
    ['the first request ever of 5,000 files', 'first 5000'],
    ['the first request ever of 20,000 files', 'first 20000'],
    ['the first request ever of 100,000 files', 'first 100000'],
  ] as const) {
    printRow(title, 1, '', timings.median(name).toFixed(2), '', '');
  }
  console.log(`\nStreamed answers: the lines with ${commonWords.map((word) => `\`${word}\``).join(', ')}, in turn.\n`);
  printRow('a worker that searched', 'VmHWM, MiB', 'VmRSS, MiB');
  printRow('---', '---', '---');
  for (const [title, name] of [
    ['3 files', FEW],
    ['100,000 files', MANY],
  ]) {
    printRow(title as string, timings.median(`VmHWM ${name}`).toFixed(0), timings.median(`VmRSS ${name}`).toFixed(0));
  }

  const rate = (server: Cluster, connections: number) =>
    median(
      rows.find((row) => row.server === server && row.connections === connections)?.samples.map((it) => it.perSecond) ??
        [],
    );
  const ratio = (connections: number) => (rate(grepd, connections) / rate(plain, connections)).toFixed(2);
  const growth = (which: string) => timings.median(`${which} ${MANY}`) - timings.median(`${which} ${FEW}`);
  console.log();
  printRow('target', 'at least (or below)', 'measured');
  printRow('---', '---', '---');
  printRow('140 files, 32 connections, against one `grep -r` per request', '6', ratio(32));
  printRow('140 files, 128 connections, against one `grep -r` per request', '8', ratio(128));
  printRow('140 files, one connection, against one `grep -r` per request', '1', ratio(1));
  for (const [title, name] of [
    ['5,000', '5000'],
    ['20,000', '20000'],
  ]) {
    const limit = 1.1 * timings.median(`grep ${name}`) + 1;
    printRow(
      `${title} files, cold, ms (1.1 × \`grep -r\` + 1)`,
      `below ${limit.toFixed(1)}`,
      timings.median(`cold ${name}`).toFixed(1),
    );
  }
  printRow('140 files, remembered answer, ms', 'below 0.3', timings.median('remembered 140').toFixed(2));
  printRow('20,000 files, remembered answer, ms', 'below 3', timings.median('remembered 20000').toFixed(2));
  printRow(
    'event loop delay p99, 8 clients, 20,000 files, ms',
    'below 20',
    timings.median('loop delay p99').toFixed(1),
  );
  printRow('growth of VmHWM by 100,000 files, MiB', 'below 100', growth('VmHWM').toFixed(0));
  printRow('growth of VmRSS by 100,000 files, MiB', 'below 100', growth('VmRSS').toFixed(0));
  printRow('search page with plot, moby-dick, ms', 'below 40', timings.median('page').toFixed(1));
  printRow(`answers that differ from grep's, of ${compared} that were compared`, '0', differences);
  console.log(`
What is unfair about it:

- All: the clients share the cores with the servers, and the files are in memory.
- One \`grep -r\` per request: it sends lines in the order of the folder on the disk, and doesn't
  check names, links, limits or changes.
- 32 and 128 connections: clients send the next search as soon as they get an answer, so grepd's
  batches are larger than with clients that arrive independently.
- One connection: only one worker of each cluster works, and grepd knows the folder already.
- Cold requests: grepd knows the folder already, and its worker is warm. A shell that runs already
  starts \`grep -r\`.
- Remembered answers: the term and the folder don't change, which is the best case for a cache; the
  client takes most of the time, as the bare Koa shows.
- Event loop delay: one worker, and clients that share its cores; without its resolution of 1 ms.
- Memory: the files are small, and each worker searched only ${MEMORY_SEARCHES} times, one search after the other.
- Search pages: one client, and a text whose pages differ in length by their terms.
- Streamed answers: ${STREAMED.count} terms in turn, so that a batch contains a term several times; clients read
  as fast as they can.
- First requests: the files were just written, so the kernel knows them; the worker's code is warm.
  100,000 files are in a file system in memory, if there is room.`);
} finally {
  for (const cluster of clusters) killCluster(cluster);
  await Promise.all(services.map(stop));
  rmSync(many, { recursive: true });
  await folder.remove();
}

/**
 * Creates the folder for 100,000 files, in memory if there is room: on a disk, to create them may
 * take a minute.
 */
function openManyFolder(): string {
  const { bavail, bsize } = existsSync(TMPFS) ? statfsSync(TMPFS) : { bavail: 0, bsize: 0 };
  return mkdtempSync(join(bavail * bsize > MIN_TMPFS_BYTES ? TMPFS : folder.path, 'grepd-test-'));
}

/** Returns how many searches in 20,000 files a client sends: a part of one would not count. */
function searchesPerClient(): number {
  return Math.min(MAX_LARGE_SEARCHES, Math.max(1, Math.floor((seconds * 1000) / timings.median('cold 20000'))));
}

/** Measures new workers: the first request of each folder, and their memory. */
async function measureNew(anyTerm: () => string): Promise<void> {
  for (const [path, name] of [
    [paths.folders, FEW],
    [paths.many, MANY],
  ] as const) {
    const { service, client } = await open({ DICTIONARIES_DIR: path, DEFAULT_DICTIONARY: FEW });
    for (let nr = 0; nr < 20; nr += 1) await send(client, FEW, anyTerm());
    if (name === MANY) {
      const term = anyTerm();
      const answer = await timings.time(`first ${MANY}`, () => send(client, MANY, term));
      unchecked.push({ search: { dictionary: MANY, term }, answer });
    }
    for (let nr = name === MANY ? 1 : 0; nr < MEMORY_SEARCHES; nr += 1) await send(client, name, anyTerm());
    for (const which of ['VmHWM', 'VmRSS'] as const) {
      timings.record(`${which} ${name}`, memoryBytes(service.child.pid, which) / MIB);
    }
    if (name === FEW) {
      for (const each of ['140', '5000', '20000'])
        await timings.time(`first ${each}`, () => send(client, each, anyTerm()));
    }
    await client.close();
    await stop(service);
  }
}

async function start(program: string, env: Record<string, string>): Promise<Cluster> {
  const cluster = await startCluster(program, { ...ENV, ...env }, folder.path);
  clusters.push(cluster);
  return cluster;
}

/** Starts one worker. */
async function open(env: Record<string, string>) {
  const service = spawnMeasured({ ...ENV, ...env });
  services.push(service);
  const url = await service.url();
  return { service, client: new Client(url), port: Number(new URL(url).port), pids: [service.child.pid as number] };
}

async function stop({ child, exited }: Service): Promise<void> {
  child.kill('SIGKILL');
  await exited;
}

/** Returns the answer. */
async function send(client: Client, dictionary: string, term: string): Promise<string> {
  const { statusCode, body } = await client.request({
    path: '/api/v1/json',
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ action: 'search', dictionary, term }),
  });
  const answer = await body.text();
  if (statusCode !== 200) throw new Error(`${term} in ${dictionary} was answered ${statusCode}: ${answer}`);
  return answer;
}

async function sendPage(client: Client, term = '', name: string): Promise<void> {
  const query = new URLSearchParams({ dictionary: MOBY_DICK, term });
  const page = await timings.time(name, async () => {
    const { body } = await client.request({ path: `/?${query}`, method: 'GET' });
    return await body.text();
  });
  if (!page.includes('class="plot"')) throw new Error(`The page of ${term} has no plot`);
}

/** Compares answers with grep's. Nothing is measured meanwhile. */
async function check(): Promise<void> {
  for (const { search, answer } of unchecked.splice(0)) {
    const { dictionary = '', term } = search;
    const path = join(dictionary === MANY ? paths.many : paths.folders, dictionary);
    const listed = files.get(path) ?? filesIn(path);
    files.set(path, listed);
    const results = await grepFiles(path, listed, term);
    compared += 1;
    // A streamed answer has its count at the end.
    const parsed = JSON.parse(answer) as { results: string[]; 'nr of entries': number };
    const isEqual =
      parsed['nr of entries'] === results.length && JSON.stringify(parsed.results) === JSON.stringify(results);
    if (!isEqual || 'truncated' in parsed) differences += 1;
  }
}

function printRow(...cells: (string | number)[]): void {
  console.log(`| ${cells.join(' | ')} |`);
}
