// `npm run reload`: tries the new build and settings on a spare port, and only then lets PM2 replace the workers by new ones.
// PM2 itself would end the old ones also where the new ones can't start.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseConfig } from '../config/config.js';
import { settings } from '../config/settings.js';
import { OperatorError } from '../errors.js';
import { runCommand } from './command.js';
import {
  APP,
  ECOSYSTEM,
  type Environment,
  isOnline,
  listWorkers,
  lockPm2,
  type Pm2Worker,
  PROJECT,
  pm2,
  untilReady,
} from './pm2.js';
import { assertRoomInPm2Home } from './pm2-home.js';
import { checkAddress, isReady, originOf, searchProblem } from './probe.js';

const BOOT_LIMIT_MS = 15_000;

/** The folder of the build that contains this command. */
const BUILD = fileURLToPath(new URL('../../', import.meta.url));

await runCommand(async () => {
  await lockPm2();
  assertRoomInPm2Home();
  const before = await listWorkers();
  const [running] = before.filter(isOnline);
  if (running === undefined) throw new OperatorError('grepd does not run: npm start starts it');
  // What this shell does not set stays as it is; `PORT= npm run reload` goes back to the default.
  const kept = Object.keys(settings).map((name) => [name, running.pm2_env.env[name]]);
  const env = { ...Object.fromEntries(kept), ...process.env };
  const config = parseConfig(env);
  const origin = originOf(config);
  const isNew = (name: string) => (env[name] ?? '') !== (running.pm2_env.env[name] ?? '');
  if (isNew('HOST') || isNew('PORT')) await checkAddress(config);
  await tryOut(env);
  await activateBuild();

  const drainMs = Math.max(...before.map(drainLimitOf));
  const runningEnv = { RUNNING_DRAIN_TIMEOUT_MS: String(drainMs), RUNNING_START_ID: running.pm2_env.env.START_ID };
  await pm2(['reload', ECOSYSTEM, '--update-env'], { ...env, ...runningEnv });
  if (before.length !== config.WORKERS) await pm2(['scale', APP, String(config.WORKERS)], env);
  const restarts = Math.max(...before.map(({ pm2_env }) => pm2_env.restart_time)) + 1;
  await untilReady(origin, config.WORKERS, restarts);
  const problem = await searchProblem(origin);
  if (problem !== undefined) throw new OperatorError(`grepd was reloaded, and does not answer a search: ${problem}`);
  return `grepd was reloaded and answers at ${origin}`;
});

/** How long a running worker may drain, by its settings; by `kill_timeout` if those are invalid. */
function drainLimitOf({ pm2_env: { env, kill_timeout } }: Pm2Worker): number {
  try {
    return parseConfig(env).DRAIN_TIMEOUT_MS;
  } catch {
    return kill_timeout;
  }
}

/** Throws an OperatorError where a worker of the new build, with the new settings, does not get ready or answer a search. */
async function tryOut(settingsEnv: Environment): Promise<void> {
  const worker = spawn(process.execPath, ['--enable-source-maps', join(BUILD, 'src/entry.js')], {
    cwd: PROJECT,
    // Without keys and limits: it is to answer searches of ours. That the file of keys is right is known already.
    env: { ...settingsEnv, HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'info', API_KEYS: '', RATE_LIMIT: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: BOOT_LIMIT_MS,
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
    if (origin === undefined) throw refusal('does not start', output);
    if (!(await isReady(origin))) throw refusal('does not get ready', output);
    const problem = await searchProblem(origin);
    if (problem !== undefined) throw refusal(`does not answer a search: ${problem}`, output);
  } finally {
    worker.kill('SIGTERM');
    await exited;
  }
}

/** Points `dist` at the new build. Until then, PM2 restarts crashed workers from the old one. */
async function activateBuild(): Promise<void> {
  await promisify(execFile)(process.execPath, [join(PROJECT, 'build.js'), 'dist', basename(BUILD)]);
}

function refusal(problem: string, output: string[]): OperatorError {
  return new OperatorError(
    `Nothing was reloaded. A worker with the new build and settings ${problem}\n\n${output.join('\n')}`,
  );
}
