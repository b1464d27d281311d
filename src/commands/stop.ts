// Drains and stops the workers.

import { IS_PACKAGE } from '../config/installation.js';
import { OperatorError } from '../errors.js';
import { listApps, listWorkers, lockPm2, NOT_RUNNING, pm2 } from './pm2.js';
import { APP } from './pm2-app.js';

export async function stop(): Promise<string> {
  await lockPm2();
  if ((await listWorkers()).length === 0) throw new OperatorError(NOT_RUNNING);
  await pm2(['stop', APP]);
  // In a checkout, PM2 may be the user's own, and keeps running.
  if (IS_PACKAGE && (await listApps()).every(({ name }) => name === APP)) await pm2(['kill']);
  return 'grepd has stopped.';
}
