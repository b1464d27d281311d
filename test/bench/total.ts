// `npm run bench:total -- --count 10000001 --rounds 7`: compares GET /total with a plain script,
// and measures concurrent searches.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { PROJECT } from '../helpers/project.js';
import type { Service } from '../helpers/spawn-service.js';
import { openAgent, specs } from '../load/clients.js';
import { measure, report, spawnMeasured } from './measured-service.js';
import { median } from './median.js';
import { memoryBytes } from './process-cost.js';

const { values } = parseArgs({
  options: { count: { type: 'string', default: '10000001' }, rounds: { type: 'string', default: '7' } },
});
const count = Number(values.count);
const expected = (BigInt(count) * BigInt(count - 1)) / 2n;
const program = (name: string) => join(PROJECT, 'dist/test/bench', name);

/** Connections that search concurrently, each sequentially. */
const CONNECTIONS = 4;

const api = spawn(process.execPath, [program('numbers-process.js'), values.count], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
let service: Service | undefined;
try {
  const NUMBERS_API_URL = String((await once(api.stdout, 'data'))[0]).trim();
  const env = { NUMBERS_API_URL, NUMBERS_BODY_MB: '4096', NUMBERS_TIMEOUT_MS: '600000', LOG_LEVEL: 'info' };
  service = spawnMeasured(env);
  const url = await service.url();
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, Node.js ${process.version}; ${count} numbers, medians of ${values.rounds} rounds.\n`,
  );

  const cold = await total(url);
  const plain: { ms: number; mib: number }[] = [];
  const ours: { ms: number; mib: number; lostMs: number }[] = [];
  for (let round = 0; round < Number(values.rounds); round += 1) {
    plain.push(await runPlain(NUMBERS_API_URL));
    measure(service);
    const ms = await total(url);
    const { max: lostMs } = await report(service);
    ours.push({ ms, lostMs, mib: memoryBytes(service.child.pid, 'VmHWM') / 2 ** 20 });
  }
  const [plainMs, oursMs] = [median(plain.map(({ ms }) => ms)), median(ours.map(({ ms }) => ms))];
  const ratio = median(ours.map(({ ms }, at) => ms / (plain[at]?.ms ?? 0)));
  console.log('| | ms | peak memory, MiB |');
  console.log('| --- | --- | --- |');
  console.log(
    `| plain script: fetch, parse, add | ${plainMs.toFixed(0)} | ${Math.max(...plain.map(({ mib }) => mib)).toFixed(0)} |`,
  );
  console.log(`| \`GET /total\` | ${oursMs.toFixed(0)} | ${Math.max(...ours.map(({ mib }) => mib)).toFixed(0)} |`);
  console.log(`| \`GET /total\`, the first, which starts the thread | ${cold.toFixed(0)} | |`);
  console.log(
    `\n\`GET /total\` took ${ratio.toFixed(2)} times as long as the plain script (target: at most 1.3): ${(oursMs - plainMs).toFixed(0)} ms more.\n`,
  );

  console.log('| | the service that this one comes from | grepd |');
  console.log('| --- | --- | --- |');
  console.log(
    `| longest block of the event loop during a sum, ms | 100 | ${median(ours.map(({ lostMs }) => lostMs)).toFixed(1)} |`,
  );
  console.log(`| added by the pool to the first sum, ms | 2000 | ${(cold - oursMs).toFixed(0)} |\n`);

  console.log(
    `| ${CONNECTIONS} connections that search | searches/s | p50, ms | p99, ms | loop delay p99, ms | max, ms |`,
  );
  console.log('| --- | --- | --- | --- | --- | --- |');
  const quietMs = Math.max(2_000, oursMs * Number(values.rounds));
  await beside(service, url, () => sleep(1_000));
  for (const [title, work] of [
    ['alone', () => sleep(quietMs)],
    ['beside one `GET /total` after the other', () => totals(url, Number(values.rounds))],
    ['alone again', () => sleep(quietMs)],
  ] as const) {
    console.log(`| ${[title, ...(await beside(service, url, work))].join(' | ')} |`);
  }
} finally {
  service?.child.kill('SIGKILL');
  await service?.exited;
  api.kill('SIGKILL');
}

async function runPlain(url: string): Promise<{ ms: number; mib: number }> {
  const { stdout } = await promisify(execFile)(process.execPath, [program('plain-total.js'), url]);
  return JSON.parse(stdout);
}

/** Returns the milliseconds that it took. */
async function total(url: string): Promise<number> {
  const begin = performance.now();
  const text = await (await fetch(`${url}/total`)).text();
  if (text !== `{"total":${expected}}`) throw new Error(`wrong: ${text}`);
  return performance.now() - begin;
}

async function totals(url: string, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) await total(url);
}

/**
 * Searches during other work: returns the searches per second, their times, and the event loop
 * delay.
 */
async function beside(service: Service, url: string, work: () => Promise<unknown>): Promise<string[]> {
  let isOver = false;
  const times: number[] = [];
  const search = async () => {
    const session = openAgent(Number(new URL(url).port));
    while (!isOver) {
      const begin = performance.now();
      const { body } = await session.send(specs.search);
      const problem = specs.search.problem(body);
      if (problem !== undefined) throw new Error(problem);
      times.push(performance.now() - begin);
    }
    session.close();
  };
  const begin = performance.now();
  measure(service);
  const searching = Array.from({ length: CONNECTIONS }, search);
  await work();
  isOver = true;
  await Promise.all(searching);
  const seconds = (performance.now() - begin) / 1000;
  const { p99, max } = await report(service);
  times.sort((a, b) => a - b);
  const at = (part: number) => (times[Math.floor(times.length * part)] ?? 0).toFixed(1);
  return [(times.length / seconds).toFixed(0), at(0.5), at(0.99), p99.toFixed(1), max.toFixed(1)];
}
