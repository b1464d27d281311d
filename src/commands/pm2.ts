// PM2 as the operator's commands use it: its command line, run from the project's folder.
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));
const PM2 = createRequire(import.meta.url).resolve('pm2/bin/pm2');

/** The name in ecosystem.config.js. */
export const APP = 'grepd';

export const ECOSYSTEM = 'ecosystem.config.js';

/** What PM2 tells of a worker, as far as it is used here. */
export interface Pm2Worker {
  pid: number;
  pm2_env: { status: string; restart_time: number; pm_err_log_path: string };
}

/** Runs `pm2 …` and returns what it prints. Rejects where it fails, with its output in the error. */
export async function pm2(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [PM2, ...args], {
    cwd: PROJECT,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

/** grepd's workers, running or not. Starts PM2's daemon where there is none. */
export async function listWorkers(): Promise<Pm2Worker[]> {
  // The daemon announces its start on the same output as the list.
  await pm2('ping');
  const workers = JSON.parse(await pm2('jlist')) as (Pm2Worker & { name: string })[];
  return workers.filter(({ name }) => name === APP);
}
