// `npm run bench:index -- --megabytes 1000 --rounds 5 --seconds 3 --seed 1 --only folder`: the same
// service with and without an index, in turn, beside grep, and codesearch and ClickHouse if there.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { request } from 'undici';
import { findMissing, type Nodes, startNodes } from '../helpers/clickhouse.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { BuildWatch } from './build-watch.js';
import { environmentOf, loadDictionary } from './clickhouse-engine.js';
import { WORKERS } from './cluster.js';
import { Codesearch, divideText, findMissingCodesearch } from './codesearch.js';
import { CommandShell } from './command-shell.js';
import { assertEqual, type ComparedService, closeService, openService, sendAll } from './compared-services.js';
import { inTurn } from './in-turn.js';
import { FOLDER, FOLDER_FILES, makeIndexCorpus, TEXT } from './index-corpus.js';
import { type Question, questionsOf, rareLiterals } from './index-questions.js';
import {
  CLICKHOUSE,
  type Fact,
  printFacts,
  printHead,
  printQuestion,
  printRate,
  WITH,
  WITHOUT,
} from './index-report.js';
import { measure, report } from './measured-service.js';
import { memoryBytes } from './process-cost.js';
import { CONNECTIONS, measureSmallSearches } from './small-searches.js';
import { Timings } from './timings.js';

const { values: options } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    /** A regular expression: measures only what has such a title, without ClickHouse. */
    only: { type: 'string', default: '' },
  },
});
const [megabytes, rounds, seconds, seed] = [
  Number(options.megabytes),
  Number(options.rounds),
  Number(options.seconds),
  Number(options.seed),
];
const only = new RegExp(options.only);

const MIB = 2 ** 20;
const CLIENTS = 8;
const CLIENT_ROUNDS = 3;
const UTF8_LOCALE = 'C.UTF-8';
const page = { nresults: 10, n_before: 2, n_after: 2 };

const folder = await tempFolder();
const paths = {
  dictionaries: join(folder.path, 'dictionaries'),
  indexes: join(folder.path, 'indexes'),
};
const text = join(paths.dictionaries, TEXT);
const settings = {
  DICTIONARIES_DIR: paths.dictionaries,
  DEFAULT_DICTIONARY: TEXT,
  CACHE_BYTES: '0',
  SEARCH_TIMEOUT_MS: '3600000',
};
const environments = {
  [WITHOUT]: { INDEX: 'false' },
  [WITH]: { INDEX: 'true', INDEX_DIR: paths.indexes, INDEX_MIN_MB: '1' },
};
const timings = new Timings();
const entries = new Map<string, string>();
const facts: Fact[] = [];
const services: ComparedService[] = [];
const shells = { C: new CommandShell({ LC_ALL: 'C' }), utf8: new CommandShell({ LC_ALL: UTF8_LOCALE }) };
let nodes: Nodes | undefined;
let codesearch: { [TEXT]: Codesearch; [FOLDER]: Codesearch } | undefined;
const loadBefore = loadavg()[0] ?? 0;
let compared = 0;

try {
  const terms = await makeTexts();
  codesearch = indexWithCodesearch();
  services.push(await openService(WITHOUT, { ...settings, ...environments[WITHOUT] }));
  services.push(await buildIndexes());
  if (options.only === '') await addClickHouse();

  printHead(rounds);
  for (const question of questionsOf(terms, { text: TEXT, folder: FOLDER })) {
    if (!only.test(question.title)) continue;
    await measureQuestion(question);
    printQuestion(question, timings, entries);
  }
  await measureConcurrency();
  facts.push(['answers that differ, of the compared ones', `0 of ${compared}`, '0']);
  facts.push([
    'load average of the machine, before and after',
    `${loadBefore.toFixed(1)}, ${(loadavg()[0] ?? 0).toFixed(1)}`,
    '',
  ]);
  printFacts(facts);
} finally {
  await Promise.all(services.map(closeService));
  await Promise.all([shells.C.close(), shells.utf8.close(), codesearch?.[TEXT].close(), codesearch?.[FOLDER].close()]);
  await nodes?.leave();
  await folder.remove();
}

async function makeTexts() {
  mkdirSync(paths.dictionaries);
  const { terms, bytes, folderBytes } = await makeIndexCorpus(paths.dictionaries, megabytes, seed);
  const grep = execFileSync('grep', ['--version'], { encoding: 'utf8' }).split('\n')[0];
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} cores, Node.js ${process.version}, ${grep}; ` +
      `load average ${loadBefore.toFixed(1)}; a text of ${(bytes / 1e6).toFixed(0)} MB and ${terms.lines} lines, ` +
      `and ${FOLDER_FILES} files of ${folderBytes / 1e6} MB.\n`,
  );
  return terms;
}

/** Starts the service with indexes, and waits until it has built them. */
async function buildIndexes(): Promise<ComparedService> {
  const watch = new BuildWatch(paths.indexes);
  const service = await openService(WITH, { ...settings, ...environments[WITH] });
  try {
    measure(service.service);
    while (!(await areCurrent(service.url))) await sleep(500);
    const { p99, max } = await report(service.service);
    facts.push(['event loop delay during a build, p99', `${p99.toFixed(1)} ms (maximum ${max.toFixed(0)})`, '< 10 ms']);
  } finally {
    watch.stop();
  }
  let textBytes = 0;
  for (const event of service.service.events('index built')) {
    const { dictionary, ...built } = event as { dictionary: string } & Record<string, number>;
    const of = (name: string) => built[name] ?? 0;
    textBytes += of('textBytes');
    const rate = of('textBytes') / 1e6 / of('seconds');
    facts.push([`building the index of ${dictionary}`, `${rate.toFixed(0)} MB/s`, '≥ 40 MB/s']);
    const share = (100 * of('indexBytes')) / of('textBytes');
    facts.push([`its size, as a share of the text`, `${share.toFixed(1)} %`, '≤ 12 %']);
  }
  facts.push(['building, by CPU time', `${(textBytes / 1e3 / watch.cpuMs).toFixed(0)} MB/s of one core`, '≥ 40 MB/s']);
  facts.push(['memory of the process that builds', `${(watch.peakBytes / MIB).toFixed(0)} MiB`, '≤ 200 MiB']);
  return service;
}

function smallEnvironments(): Record<string, Record<string, string>> {
  const of = (env: Record<string, string>) => ({ CACHE_BYTES: '0', ...env });
  return { [WITHOUT]: of(environments[WITHOUT]), [WITH]: of(environments[WITH]) };
}

async function areCurrent(url: string): Promise<boolean> {
  const { body } = await request(`${url}/api/v1/dictionaries`);
  const { dictionaries } = (await body.json()) as { dictionaries: { index: string }[] };
  return dictionaries.every(({ index }) => index === 'current');
}

function indexWithCodesearch(): typeof codesearch {
  const reason = findMissingCodesearch();
  if (reason !== undefined) {
    console.warn(`SKIPPED: codesearch: ${reason}`);
    return undefined;
  }
  const parts = join(folder.path, 'parts');
  divideText(text, parts);
  const ofText = new Codesearch(parts, join(folder.path, 'parts.csearch'));
  const ofFolder = new Codesearch(join(paths.dictionaries, FOLDER), join(folder.path, 'folder.csearch'));
  const cost = `${(megabytes / ofText.seconds).toFixed(0)} MB/s, ${((100 * ofText.indexBytes) / (megabytes * 1e6)).toFixed(1)} %`;
  facts.push([`codesearch: building for ${TEXT}, size`, cost, '']);
  return { [TEXT]: ofText, [FOLDER]: ofFolder };
}

async function addClickHouse(): Promise<void> {
  const reason = findMissing();
  if (reason !== undefined) {
    console.warn(`SKIPPED: ClickHouse: ${reason}`);
    return;
  }
  nodes = await startNodes([1]);
  const { seconds, diskBytes } = await loadDictionary(TEXT, nodes, settings);
  const cost = `${(megabytes / seconds).toFixed(0)} MB/s, ${((100 * diskBytes) / (megabytes * 1e6)).toFixed(0)} %`;
  facts.push([`ClickHouse: loading ${TEXT}, size on disk`, cost, '']);
  services.push(await openService(CLICKHOUSE, { ...settings, ...environmentOf(nodes) }));
}

/** Each round alternates between the services, so that disturbances hit all of them. */
async function measureQuestion(question: Question): Promise<void> {
  const { title, requests, maxRounds, isLocal = false, dictionary = TEXT } = question;
  const asked = dictionary === TEXT && !isLocal ? services : services.slice(0, 2);
  const count = Math.min(rounds, maxRounds ?? rounds);
  // The first round of quick searches warms up.
  for (let round = maxRounds === undefined ? -1 : 0; round < count; round += 1) {
    const results = new Map<ComparedService, string[]>();
    for (const service of inTurn(asked, round)) {
      const bodies = requests(round + 1).map((it) =>
        typeof it === 'string' ? it : { action: 'search', dictionary, ...page, ...it },
      );
      const { ms, answers } = await sendAll(service.url, bodies);
      results.set(service, answers);
      if (round >= 0) timings.record(`${title} ${service.title}`, ms);
    }
    assertEqual(title, results);
    compared += requests(0).length;
    const [answer = ''] = [...results.values()][0] ?? [];
    entries.set(title, answer.startsWith('{') ? String(JSON.parse(answer)['nr of entries']) : '');
    await measureOthers(question, round >= 0);
  }
}

/** Plain grep and codesearch count the matching lines. */
async function measureOthers({ title, grep, codesearch: pattern, dictionary = TEXT }: Question, isMeasured: boolean) {
  const run = async (name: string, count: () => Promise<number>) => {
    const begin = performance.now();
    const found = await count();
    if (isMeasured) timings.record(`${title} ${name}`, performance.now() - begin);
    if (String(found) !== entries.get(title)) {
      throw new Error(`${title}: ${name} finds ${found} lines instead of ${entries.get(title)}`);
    }
  };
  if (grep !== undefined) {
    const shell = grep.options.join() === '-F' ? shells.C : shells.utf8;
    const files = join(paths.dictionaries, dictionary);
    const command = ['grep', '-ar', ...grep.options, '-e', grep.pattern, '--', files];
    const count =
      dictionary === TEXT
        ? async () => Number(await shell.run(['grep', '-ac', ...command.slice(2)]))
        : async () => (await shell.run(command)).split('\n').length - 1;
    await run('grep', count);
  }
  const tool = codesearch?.[dictionary as typeof TEXT];
  if (pattern !== undefined && tool !== undefined) await run('codesearch', () => tool.count(pattern));
}

/** Several clients, first in the large text, then in a small one. Closes the services. */
async function measureConcurrency(): Promise<void> {
  const clients = `rare literals, ${CLIENTS} clients`;
  if (only.test(clients)) {
    for (let round = 0; round < CLIENT_ROUNDS; round += 1) {
      for (const service of inTurn(services, round)) await measureClients(service);
    }
    printRate(clients, 'clients', '≥ 20', timings);
  }
  for (const { title, service } of services.slice(0, 2)) {
    const delay = `${timings.max(`loop delay ${title}`).toFixed(1)} ms`;
    if (only.test(clients)) facts.push([`event loop delay, ${CLIENTS} clients, ${title}, p99`, delay, '< 10 ms']);
    const memory = memoryBytes(service.child.pid, 'VmHWM') / MIB;
    facts.push([`memory of a worker, ${title}`, `${memory.toFixed(0)} MiB`, '']);
  }
  await Promise.all(services.splice(0).map(closeService));
  if (!only.test('small searches')) return;
  const environments = smallEnvironments();
  compared += await measureSmallSearches({ environments, folder: folder.path, rounds, seconds, seed, timings });
  for (const connections of CONNECTIONS) {
    printRate(`small searches, ${connections} connections, ${WORKERS} workers`, `small ${connections}`, '≥ 1', timings);
  }
}

/** Sends rare literals from a few clients. Each has its own, or they would share a grep. */
async function measureClients(service: ComparedService): Promise<void> {
  const end = performance.now() + seconds * 1000;
  let answered = 0;
  measure(service.service);
  const begin = performance.now();
  await Promise.all(
    rareLiterals(CLIENTS).map(async (term) => {
      while (performance.now() < end) {
        const { answers } = await sendAll(service.url, [{ action: 'search', ...page, term }]);
        answered += 1;
        const known = entries.get(`client ${term}`) ?? answers[0];
        entries.set(`client ${term}`, known as string);
        if (answers[0] !== known) throw new Error(`${service.title} differs for ${term}`);
      }
    }),
  );
  timings.record(`clients ${service.title}`, answered / ((performance.now() - begin) / 1000));
  timings.record(`loop delay ${service.title}`, (await report(service.service)).p99);
}
