// `npm stop`: drains and stops the workers. PM2 keeps running.
import { OperatorError } from '../errors.js';
import { runCommand } from './command.js';
import { APP, listWorkers, lockPm2, NOT_RUNNING, pm2 } from './pm2.js';

await runCommand(async () => {
  await lockPm2();
  if ((await listWorkers()).length === 0) throw new OperatorError(NOT_RUNNING);
  await pm2(['stop', APP]);
  return 'grepd has stopped.';
});
