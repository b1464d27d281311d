// Drains and stops the workers.
import { OperatorError } from '../errors.js';
import { killOwnDaemon, listWorkers, lockPm2, NOT_RUNNING, pm2 } from './pm2.js';
import { APP } from './pm2-app.js';

export async function stop(): Promise<string> {
  await lockPm2();
  const isRunning = (await listWorkers()).length > 0;
  if (isRunning) await pm2(['stop', APP]);
  // An interrupted start may have left one without workers.
  await killOwnDaemon();
  if (!isRunning) throw new OperatorError(NOT_RUNNING);
  return 'grepd has stopped.';
}
