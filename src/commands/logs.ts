// Follows the log that PM2 writes, or prints its end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { OperatorError } from '../errors.js';
import { listWorkers, NOT_RUNNING, PM2, pm2Directory } from './pm2.js';
import { APP } from './pm2-app.js';
import { pm2Home } from './pm2-home.js';

export async function logs(args: string[]): Promise<undefined> {
  const { lines, nostream } = parseArguments(args);
  if ((await listWorkers()).length === 0) {
    throw new OperatorError(`${NOT_RUNNING} Its earlier log is in ${join(pm2Home(), 'logs')}.`);
  }
  const options = [...(lines === undefined ? [] : ['--lines', lines]), ...(nostream ? ['--nostream'] : [])];
  // Ctrl-C reaches PM2, too, and ends it; this process then exits with its status.
  process.on('SIGINT', () => {});
  const child = spawn(process.execPath, [PM2, 'logs', APP, ...options], { cwd: pm2Directory(), stdio: 'inherit' });
  const [status, signal] = await once(child, 'close');
  if (signal !== 'SIGINT') process.exitCode = status ?? 1;
  return undefined;
}

function parseArguments(args: string[]) {
  const { values } = parseArgs({ args, options: { lines: { type: 'string' }, nostream: { type: 'boolean' } } });
  if (values.lines !== undefined && !/^\d{1,9}$/.test(values.lines)) {
    throw new OperatorError(`"--lines" must be a number of lines, got ${JSON.stringify(values.lines)}`);
  }
  return values;
}
