// `npm run bench:scale -- --megabytes 1000 --rounds 5 --seed 1`: compares the engines on one text,
// as seen by a caller. `--chart` draws docs/scaling.svg.
import { stat, writeFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { request } from 'undici';
import { findMissing, type Nodes, startNodes } from '../helpers/clickhouse.js';
import { PROJECT } from '../helpers/project.js';
import { type Service, spawnService } from '../helpers/spawn-service.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { type Group, renderBars } from './bars.js';
import { environmentOf, loadDictionary } from './clickhouse-engine.js';
import { makeCorpus, RARE } from './corpus.js';
import { median } from './median.js';
import { memoryBytes } from './process-cost.js';
import { readThrough } from './read-through.js';

const { values: options } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    chart: { type: 'boolean', default: false },
  },
});
const ROUNDS = Number(options.rounds);
const WARM_UP = 1;
const CLIENTS = 8;
const CLIENTS_SECONDS = 5;
const NAME = 'corpus.txt';

const reason = findMissing();
if (reason !== undefined) throw new Error(reason);

const folder = await tempFolder();
const path = join(folder.path, NAME);
const { lines, common } = await makeCorpus({
  path,
  bytes: Number(options.megabytes) * 1e6,
  seed: Number(options.seed),
});
const { size } = await stat(path);
await readThrough(path);

const page = { nresults: 10, n_before: 2, n_after: 2 };
const kinds: Record<string, object> = {
  'rare literal': { term: RARE },
  'missing literal': { term: `${RARE}#` },
  'common literal': { term: common },
  'rare word': { term: RARE, syntax: 'word' },
  'rare, ignoring case': { term: RARE.toLowerCase(), ignore_case: true },
  'rare non-ASCII, ignoring case': { term: 'žluťoučký', ignore_case: true },
  'regular expression with a literal': { term: `${RARE}[a-z]* [a-z]+$`, syntax: 'regex' },
  'regular expression without': { term: '^[aeiou][a-z]{12} [xyz]', syntax: 'regex' },
};

interface Engine {
  title: string;
  service: Service;
  url: string;
  nodes?: Nodes;
}

const settings = {
  DICTIONARIES_DIR: folder.path,
  DEFAULT_DICTIONARY: NAME,
  CACHE_BYTES: '0',
  SEARCH_TIMEOUT_MS: '120000',
};
const results = new Map<string, Map<string, { ms: number; nrOfEntries: number }>>();
const throughput = new Map<string, number>();
try {
  console.log(
    `${(size / 1e6).toFixed(0)} MB, ${lines} lines; ${availableParallelism()} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB; Node.js ${process.version}\n`,
  );
  for (const shards of [[1], [1, 1, 1]]) await measureCluster(shards);
  printTable();
  if (options.chart) await writeChart();
} finally {
  await folder.remove();
}

/** Each round alternates between the cluster and grep, so that disturbances hit both. */
async function measureCluster(shards: number[]): Promise<void> {
  const title = `ClickHouse, ${shards.length} node${shards.length === 1 ? '' : 's'}`;
  const nodes = await startNodes(shards);
  const engines: Engine[] = [];
  try {
    await loadCorpus(title, nodes);
    engines.push(await serve(shards.length === 1 ? 'grep' : 'grep, beside 3 nodes', {}));
    engines.push({ ...(await serve(title, environmentOf(nodes))), nodes });
    for (const [kind, payload] of Object.entries(kinds)) {
      const times = new Map(engines.map((engine) => [engine.title, [] as number[]]));
      const counts = new Set<number>();
      for (let round = -WARM_UP; round < ROUNDS; round += 1) {
        for (const { title, url } of engines) {
          const { ms, nrOfEntries } = await send(url, { action: 'search', ...page, ...payload });
          counts.add(nrOfEntries);
          if (round >= 0) times.get(title)?.push(ms);
        }
      }
      if (counts.size !== 1) throw new Error(`${kind}: the engines differ: ${[...counts].join(' and ')} entries`);
      const of = results.get(kind) ?? new Map();
      results.set(kind, of);
      for (const [title, all] of times) of.set(title, { ms: median(all), nrOfEntries: [...counts][0] as number });
    }
    for (const { title, url } of engines) throughput.set(title, await requestsPerSecond(url));
    const memory = nodes.nodes.map(({ pid }) => memoryBytes(pid(), 'VmRSS') / 2 ** 20);
    console.log(`${title}: ${memory.map((mib) => mib.toFixed(0)).join(', ')} MiB of memory a node\n`);
  } finally {
    for (const { service } of engines) {
      service.child.kill('SIGKILL');
      await service.exited;
    }
    await nodes.leave();
  }
}

async function serve(title: string, env: Record<string, string>): Promise<Engine> {
  const service = spawnService({ ...settings, ...env });
  return { title, service, url: `${await service.url()}/api/v1/json` };
}

async function loadCorpus(title: string, nodes: Nodes): Promise<void> {
  const { seconds, peakBytes, diskBytes } = await loadDictionary(NAME, nodes, settings);
  console.log(
    `${title}: loaded in ${seconds.toFixed(0)} s, ${(size / 1e6 / seconds).toFixed(0)} MB/s, with ${(peakBytes / 2 ** 20).toFixed(0)} MiB at most; ${(diskBytes / size).toFixed(2)} of the text on disk`,
  );
}

async function send(url: string, body: object): Promise<{ ms: number; nrOfEntries: number }> {
  const begin = performance.now();
  const headers = { 'Content-Type': 'application/json' };
  const answer = await request(url, { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await answer.body.text();
  const ms = performance.now() - begin;
  if (answer.statusCode !== 200) throw new Error(`${answer.statusCode}: ${text}`);
  return { ms, nrOfEntries: (JSON.parse(text) as { 'nr of entries': number })['nr of entries'] };
}

/** Sends distinct rare literals from a few concurrent clients. */
async function requestsPerSecond(url: string): Promise<number> {
  const end = performance.now() + CLIENTS_SECONDS * 1000;
  let answered = 0;
  const client = async (number: number) => {
    for (let n = 0; performance.now() < end; n += 1) {
      await send(url, { action: 'search', ...page, term: `${RARE}${'#'.repeat(number)} ${n}` });
      answered += 1;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
  return answered / CLIENTS_SECONDS;
}

function printTable(): void {
  const titles = [...throughput.keys()];
  console.log(
    `| ms, median of ${ROUNDS} | entries | ${titles.join(' | ')} | ${titles
      .filter((title) => title.startsWith('ClickHouse'))
      .map((title) => `grep ÷ ${title}`)
      .join(' | ')} |`,
  );
  console.log(`| --- |${' --- |'.repeat(titles.length + 3)}`);
  for (const [kind, of] of results) {
    const ms = titles.map((title) => (of.get(title)?.ms ?? 0).toFixed(0));
    const ratio = (cluster: number, grep: number) =>
      ((of.get(titles[grep] as string)?.ms ?? 0) / (of.get(titles[cluster] as string)?.ms ?? 1)).toFixed(1);
    const { nrOfEntries } = [...of.values()][0] as { nrOfEntries: number };
    console.log(`| ${[kind, nrOfEntries, ...ms, ratio(1, 0), ratio(3, 2)].join(' | ')} |`);
  }
  const cells = titles.map((title) => (throughput.get(title) ?? 0).toFixed(0));
  console.log(
    `\nRare literals from ${CLIENTS} clients, requests per second: ${titles.map((title, at) => `${title} ${cells[at]}`).join(', ')}`,
  );
}

async function writeChart(): Promise<void> {
  const titles = [...throughput.keys()].filter((title) => title !== 'grep, beside 3 nodes');
  const groups: Group[] = [...results].map(([kind, of]) => ({
    title: kind,
    bars: titles.map((title) => ({ title, value: of.get(title)?.ms ?? 0 })),
  }));
  await writeFile(
    join(PROJECT, 'docs/scaling.svg'),
    renderBars(`A search in ${(size / 1e9).toFixed(1)} GB`, 'ms', groups),
  );
}
