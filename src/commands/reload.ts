// Tries the new build and settings in a worker on a spare port, and only then has PM2 replace the
// workers. PM2 alone would stop the old workers even if the new ones can't start.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { parseConfig } from '../config/config.js';
import { BUILD, IS_PACKAGE, PROJECT } from '../config/installation.js';
import { workerVariables } from '../config/worker-variables.js';
import { OperatorError } from '../errors.js';
import { activateRelease } from './current-release.js';
import {
  ECOSYSTEM,
  type Environment,
  isOnline,
  listWorkers,
  lockPm2,
  NOT_RUNNING,
  type Pm2Worker,
  pm2,
  pm2Directory,
  waitUntilReady,
} from './pm2.js';
import { APP } from './pm2-app.js';
import { assertPm2HomeWritable } from './pm2-home.js';
import { assertCanListen, findSearchProblem, isReady, originOf } from './probe.js';

const BOOT_TIMEOUT_MS = 15_000;

export async function reload(): Promise<string> {
  await lockPm2();
  assertPm2HomeWritable();
  const before = await listWorkers();
  const [running] = before.filter(isOnline);
  if (running === undefined) throw new OperatorError(NOT_RUNNING);
  // Keep settings that this shell doesn't set. `PORT= npm run reload` restores a default.
  const runningSettings = workerVariables.map((name) => [name, running.pm2_env.env[name]]);
  const env = { ...Object.fromEntries(runningSettings), ...process.env };
  const config = parseConfig(env);
  const origin = originOf(config);
  const isChanged = (name: string) => (env[name] ?? '') !== (running.pm2_env.env[name] ?? '');
  if (isChanged('HOST') || isChanged('PORT')) await assertCanListen(config);
  await tryWorker(env);
  await activateBuild();

  const drainMs = Math.max(...before.map(drainLimitOf));
  const runningEnv = { RUNNING_DRAIN_TIMEOUT_MS: String(drainMs), RUNNING_START_ID: running.pm2_env.env.START_ID };
  await pm2(['reload', ECOSYSTEM, '--update-env'], { ...env, ...runningEnv });
  if (before.length !== config.WORKERS) await pm2(['scale', APP, String(config.WORKERS)], env);
  const restarts = Math.max(...before.map(({ pm2_env }) => pm2_env.restart_time)) + 1;
  await waitUntilReady(origin, config.WORKERS, restarts);
  const problem = await findSearchProblem(origin);
  if (problem !== undefined) throw new OperatorError(`grepd has been reloaded, but a search fails: ${problem}`);
  return `grepd has been reloaded and is running at ${origin}.`;
}

/** How long a worker may drain by its settings, or by `kill_timeout` if they are invalid. */
function drainLimitOf({ pm2_env: { env, kill_timeout } }: Pm2Worker): number {
  try {
    return parseConfig(env).DRAIN_TIMEOUT_MS;
  } catch {
    return kill_timeout;
  }
}

/** Throws an OperatorError unless a worker with the new build and settings answers a search. */
async function tryWorker(settingsEnv: Environment): Promise<void> {
  const worker = spawn(process.execPath, ['--enable-source-maps', join(BUILD, 'src/entry.js')], {
    cwd: pm2Directory(),
    // Disable keys and rate limits, which are already validated, so that it answers this command,
    // and indexes, which it would start to build.
    env: {
      ...settingsEnv,
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'info',
      API_KEYS: '',
      RATE_LIMIT: '',
      INDEX: 'false',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: BOOT_TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  const exited = once(worker, 'close');
  const output: string[] = [];
  createInterface({ input: worker.stderr }).on('line', (line) => output.push(line));
  try {
    const lines = createInterface({ input: worker.stdout });
    const origin = await new Promise<string | undefined>((resolve) => {
      lines.on('line', (line) => {
        output.push(line);
        const url = /"url":"([^"]+)","msg":"listening"/.exec(line)?.[1];
        if (url !== undefined) resolve(url);
      });
      exited.then(() => resolve(undefined));
    });
    if (origin === undefined) throw rejection('does not start', output);
    if (!(await isReady(origin))) throw rejection('does not become ready', output);
    const problem = await findSearchProblem(origin);
    if (problem !== undefined) throw rejection(`fails to answer a search: ${problem}`, output);
  } finally {
    worker.kill('SIGTERM');
    await exited;
  }
}

/** Points PM2 at the new build. Until then, it restarts crashed workers from the old one. */
async function activateBuild(): Promise<void> {
  if (IS_PACKAGE) return activateRelease();
  await promisify(execFile)(process.execPath, [join(PROJECT, 'build.js'), 'dist', basename(BUILD)]);
}

function rejection(problem: string, output: string[]): OperatorError {
  return new OperatorError(
    `Nothing was reloaded, because a worker with the new build and settings ${problem}\n\n${output.join('\n')}`,
  );
}
