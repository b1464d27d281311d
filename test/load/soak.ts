// `npm run soak -- --minutes 5 --workers 2`: reloads grepd repeatedly under load, and counts lost
// requests.
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { makeOperator } from '../helpers/operator.js';
import { losses, startLoad } from './load.js';

const KEEP_ALIVE_TIMEOUT_MS = 5_000;
const PAUSE_MS = 1_000;

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '5' }, workers: { type: 'string', default: '2' } },
});
const operator = await makeOperator();
const env = {
  WORKERS: values.workers,
  WAIT_ROUTE: 'true',
  LOG_LEVEL: 'warn',
  KEEP_ALIVE_TIMEOUT_MS: String(KEEP_ALIVE_TIMEOUT_MS),
};
let reloads = 0;
let lost: string[] = [];
try {
  const started = await operator.start(env);
  if (started.status !== 0) throw new Error(started.stderr);

  const begin = Date.now();
  const end = begin + Number(values.minutes) * 60_000;
  const load = startLoad({ port: operator.port, idleMs: KEEP_ALIVE_TIMEOUT_MS - 500 });
  while (Date.now() < end) {
    await sleep(PAUSE_MS);
    const { status, stderr } = await operator.pm2('reload grepd', env);
    if (status !== 0) throw new Error(stderr);
    reloads += 1;
  }
  await load.stop();

  const total = { kind: 'all', answered: 0, failed: 0, hung: 0 };
  for (const { answered, failed, hung } of load.tallies) {
    total.answered += answered;
    total.failed += failed;
    total.hung += hung;
  }
  const grep = execFileSync('grep', ['--version'], { encoding: 'utf8' }).split('\n')[0];
  const pm2 = (await operator.pm2('--version')).stdout.trim().split('\n').at(-1);
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, Node.js ${process.version}, PM2 ${pm2}, ${grep}`,
  );
  const workers = `${values.workers} worker${values.workers === '1' ? '' : 's'}`;
  console.log(`${workers}, ${reloads} reloads in ${Math.round((Date.now() - begin) / 1000)} s\n`);
  console.log('| clients | answered | failed | hung |\n| --- | --- | --- | --- |');
  for (const { kind, answered, failed, hung } of [...load.tallies, total]) {
    console.log(`| ${kind} | ${answered} | ${failed} | ${hung} |`);
  }
  lost = losses(load.tallies);
} finally {
  await operator.leave();
}
if (lost.length > 0) console.error(`\n${lost.join('\n')}`);
process.exitCode = lost.length > 0 ? 1 : 0;
