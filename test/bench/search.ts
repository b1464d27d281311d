// `npm run bench -- --rounds 5 --seconds 2 --seed 1`: small searches, compared with one grep per
// request, a bare Koa and grep alone in the same run.
import { execFile, execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { PROJECT } from '../helpers/project.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { type Group, renderBars } from './bars.js';
import { type Cluster, killCluster, startCluster, WORKERS } from './cluster.js';
import { drive, type Sample } from './drive.js';
import { median } from './median.js';
import { memoryBytes } from './process-cost.js';
import { makeWords } from './words.js';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    /** Writes the README's chart. */
    chart: { type: 'boolean', default: false },
  },
});
const CONNECTIONS = [1, 8, 32, 128];
/** One answer in this many is compared with the expected one, because that takes CPU time. */
const CHECK_EVERY = 20;
/** More requests per second than any server answers. Requests are created beforehand. */
const MAX_REQUESTS = { cold: 20_000, zipf: 60_000, hot: 1 };

const { text, known, kinds, answerTo, anyTerm } = makeWords(Number(options.seed));

interface TitledCluster extends Cluster {
  title: string;
}

const folder = await tempFolder();
const clusters: TitledCluster[] = [];
let differences = 0;
let compared = 0;
try {
  const file = join(folder.path, 'words.txt');
  await writeFile(file, text);
  checkReference(file);
  // A file that has just changed is not cached.
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  const grepd = await start('grepd', 'src/entry.js', {
    DICTIONARIES_DIR: folder.path,
    DEFAULT_DICTIONARY: 'words.txt',
  });
  const plain = await start('one grep per request', 'test/bench/plain-server.js', { DICTIONARY: file });
  const bare = await start('bare Koa', 'test/bench/bare-server.js', {});

  const cases = [
    { title: 'grepd, distinct terms', cluster: grepd, kind: 'cold' },
    { title: 'grepd, terms by Zipf', cluster: grepd, kind: 'zipf' },
    { title: 'grepd, one term', cluster: grepd, kind: 'hot' },
    { title: 'one grep per request', cluster: plain, kind: 'cold' },
    { title: 'bare Koa, fixed answer', cluster: bare, kind: 'hot' },
  ] as const;
  const rows = cases.flatMap((it) =>
    CONNECTIONS.map((connections) => ({ ...it, connections, samples: [] as Sample[] })),
  );
  const floors: number[] = [];
  for (const { cluster, kind, connections } of rows) await driveCase(cluster, kind, connections, 0.5);
  for (let round = 0; round < Number(options.rounds); round += 1) {
    floors.push(await floor(file));
    for (const row of rows)
      row.samples.push(await driveCase(row.cluster, row.kind, row.connections, Number(options.seconds)));
  }

  const perSecond = median(floors);
  const rate = (title: string, connections: number) => {
    const row = rows.find((it) => it.title === title && it.connections === connections);
    return median(row?.samples.map((sample) => sample.perSecond) ?? []);
  };
  const grep = execFileSync('grep', ['--version'], { encoding: 'utf8' }).split('\n')[0];
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${WORKERS} cores, Node.js ${process.version}, ${grep}; medians of ${options.rounds} rounds, ` +
      `seed ${options.seed}. A file of ${(text.length / 1000).toFixed(0)} KB, ${WORKERS} workers each.\n`,
  );
  console.log('| | connections | requests/s | against the floor | p50, ms | p99, ms | CPU ms per request |');
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  for (const { title, connections, samples } of rows) {
    const of = (value: (sample: Sample) => number) => median(samples.map(value));
    const cells = [
      title,
      connections,
      of((it) => it.perSecond).toFixed(0),
      (of((it) => it.perSecond) / perSecond).toFixed(2),
      of((it) => it.p50).toFixed(1),
      of((it) => it.p99).toFixed(1),
      of((it) => it.cpuMs).toFixed(2),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
  console.log(`| grep alone, in a loop on every core (the floor) | | ${perSecond.toFixed(0)} | 1.00 | | | |\n`);
  const cold = (connections: number) => rate('grepd, distinct terms', connections);
  const plainRate = (connections: number) => rate('one grep per request', connections);
  const hot = rate('grepd, one term', 32) / rate('bare Koa, fixed answer', 32);
  console.log('| target | at least | measured |');
  console.log('| --- | --- | --- |');
  console.log(`| distinct terms, 128 connections, against the floor | 5 | ${(cold(128) / perSecond).toFixed(1)} |`);
  console.log(
    `| distinct terms, 32 connections, against one grep per request | 8 | ${(cold(32) / plainRate(32)).toFixed(1)} |`,
  );
  for (const few of [1, 8]) {
    console.log(
      `| distinct terms, ${few} connections, against one grep per request | 1 | ${(cold(few) / plainRate(few)).toFixed(2)} |`,
    );
  }
  console.log(`| one term, 32 connections, against the bare Koa | 0.7 | ${hot.toFixed(2)} |`);
  const memory = Math.max(...grepd.pids.map((pid) => memoryBytes(pid, 'VmHWM'))) / 2 ** 20;
  console.log(`| memory of a worker, MiB | below 200 | ${memory.toFixed(0)} |`);
  console.log(`| answers that differ from grep's, of ${compared} that were compared | 0 | ${differences} |`);

  if (options.chart) {
    const groups = CONNECTIONS.map(
      (connections): Group => ({
        title: `${connections} connection${connections === 1 ? '' : 's'}`,
        bars: cases.map(({ title }) => ({ title, value: rate(title, connections) })),
      }),
    );
    await writeFile(join(PROJECT, 'docs/bench.svg'), renderBars('Small searches', 'requests per second', groups));
  }
} finally {
  for (const cluster of clusters) killCluster(cluster);
  await folder.remove();
}

/** Verifies the expected answers against grep. */
function checkReference(file: string): void {
  for (const term of Array.from({ length: 200 }, anyTerm)) {
    const { stdout, status } = spawnGrep(term, file);
    const results = stdout.split('\n').slice(0, -1);
    if (status > 1 || answerTo(term) !== JSON.stringify({ 'nr of entries': results.length, results })) {
      throw new Error(`The reference differs from grep for ${term}`);
    }
  }
}

function spawnGrep(term: string, file: string): { stdout: string; status: number } {
  try {
    return { stdout: execFileSync('grep', ['-F', '-e', term, '--', file], { encoding: 'utf8' }), status: 0 };
  } catch (error) {
    return { stdout: '', status: (error as { status: number }).status };
  }
}

async function start(title: string, program: string, env: Record<string, string>): Promise<TitledCluster> {
  const cluster = { title, ...(await startCluster(program, env, folder.path)) };
  clusters.push(cluster);
  return cluster;
}

function driveCase(
  cluster: TitledCluster,
  kind: keyof typeof kinds,
  connections: number,
  seconds: number,
): Promise<Sample> {
  const isFixed = cluster.title === 'bare Koa';
  return drive({
    ...cluster,
    connections,
    seconds,
    createSearches: () =>
      Array.from({ length: Math.ceil((MAX_REQUESTS[kind] * seconds) / connections) }, () => ({ term: kinds[kind]() })),
    checkEvery: CHECK_EVERY,
    check: ({ term }, answer) => {
      if (isFixed) return;
      compared += 1;
      if (answer !== answerTo(term)) differences += 1;
    },
  });
}

/** Returns the greps per second of a shell loop on every core. */
async function floor(file: string): Promise<number> {
  const times = 500;
  const script = `i=0; while [ $i -lt ${times} ]; do grep -F -e "$1" -- "$2"; i=$((i+1)); done`;
  const env = { PATH: process.env.PATH, LC_ALL: 'C' };
  const begin = performance.now();
  await Promise.all(
    Array.from({ length: WORKERS }, () =>
      promisify(execFile)('sh', ['-c', script, 'sh', known[0] as string, file], { env, maxBuffer: 2 ** 30 }),
    ),
  );
  return (WORKERS * times) / ((performance.now() - begin) / 1000);
}
