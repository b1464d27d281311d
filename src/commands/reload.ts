// `npm run reload`: tries the new build and settings on a spare port, and only then lets PM2 replace the workers by new ones.
// PM2 itself would end the old ones also where the new ones can't start.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readConfig } from '../config.js';
import { CommandError, runCommand } from './command.js';
import { APP, ECOSYSTEM, isOnline, listWorkers, PROJECT, pm2, untilReady } from './pm2.js';
import { isReady, originOf, searchProblem } from './probe.js';

const BOOT_LIMIT_MS = 15_000;

await runCommand(async () => {
  const config = readConfig(process.env);
  const before = await listWorkers();
  if (!before.some(isOnline)) throw new CommandError('grepd does not run: npm start starts it');
  await tryOut();

  await pm2('reload', ECOSYSTEM, '--update-env');
  if (before.length !== config.WORKERS) await pm2('scale', APP, String(config.WORKERS));
  const restarts = Math.max(...before.map(({ pm2_env }) => pm2_env.restart_time)) + 1;
  const origin = originOf(config);
  await untilReady(origin, config.WORKERS, restarts);
  const problem = await searchProblem(origin);
  if (problem !== undefined) throw new CommandError(`grepd was reloaded, and does not answer a search: ${problem}`);
  return `grepd was reloaded and answers at ${origin}`;
});

/** Throws a CommandError where a worker of the new build, with the new settings, does not get ready or answer a search. */
async function tryOut(): Promise<void> {
  const worker = spawn(process.execPath, ['--enable-source-maps', join(PROJECT, 'dist/src/entry.js')], {
    cwd: PROJECT,
    env: { ...process.env, HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'info' },
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
        const { msg, url } = JSON.parse(line) as { msg?: string; url?: string };
        if (msg === 'listening') resolve(url);
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

function refusal(problem: string, output: string[]): CommandError {
  return new CommandError(
    `Nothing was reloaded. A worker with the new build and settings ${problem}\n\n${output.join('\n')}`,
  );
}
