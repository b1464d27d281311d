// `npm start`: starts the workers under PM2 and returns when they answer, or says why they don't.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type Config, readConfig } from '../config.js';
import { actions } from '../http/actions.js';
import { curl } from '../http/instructions-page.js';
import { CommandError, runCommand } from './command.js';
import { ECOSYSTEM, isOnline, listWorkers, pm2, removeWorkers, untilReady } from './pm2.js';
import { isReady, originOf } from './probe.js';

await runCommand(async () => {
  const config = readConfig(process.env);
  if (config.PORT === 0) throw new CommandError('"PORT" must be an integer from 1 to 65535 under PM2, got 0');
  const origin = originOf(config);

  const workers = await listWorkers();
  if (workers.some(isOnline)) {
    if (await isReady(origin)) return `grepd runs already (npm run reload takes new settings and code over): ${origin}`;
    throw new CommandError(
      'grepd runs already, but not with these settings: npm run reload takes them over, npm stop ends it',
    );
  }
  // What is left of an earlier run would come back with its old settings.
  await removeWorkers();
  await checkAddress(config);

  await pm2('start', ECOSYSTEM);
  try {
    await untilReady(origin, config.WORKERS, 0);
  } catch (error) {
    await removeWorkers();
    throw error;
  }
  const workersText = `${config.WORKERS} worker${config.WORKERS === 1 ? '' : 's'}`;
  return `grepd answers at ${origin} with ${workersText}. Try:\n\n  ${curl(actions.search.example.request, origin)}\n`;
});

/** PM2 would start the workers again and again where the address is taken. */
async function checkAddress({ HOST, PORT }: Config): Promise<void> {
  const probe = createServer().listen(PORT, HOST);
  try {
    await once(probe, 'listening');
  } catch (error) {
    throw new CommandError(`grepd can't listen on HOST ${HOST}, PORT ${PORT}: ${(error as Error).message}`);
  }
  probe.close();
  await once(probe, 'close');
}
