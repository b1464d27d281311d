// `npm start`: starts the workers under PM2 and returns when they answer, or says why they don't.

import type { Config } from '../config/config.js';
import { parseConfig } from '../config/config.js';
import { openTo } from '../config/listen-address.js';
import { OperatorError } from '../errors.js';
import { defaultActions } from '../http/api/actions.js';
import { curl } from '../http/api/curl.js';
import { runCommand } from './command.js';
import { ECOSYSTEM, isOnline, listWorkers, lockPm2, pm2, removeWorkers, untilReady } from './pm2.js';
import { assertRoomInPm2Home } from './pm2-home.js';
import { checkAddress, isBlockedByBrowsers, isReady, listDictionaries, originOf } from './probe.js';

await runCommand(async () => {
  const config = parseConfig(process.env);
  const origin = originOf(config);

  await lockPm2();
  assertRoomInPm2Home();
  const workers = await listWorkers();
  if (workers.some(isOnline)) {
    if (await isReady(origin)) return `grepd runs already (npm run reload takes new settings and code over): ${origin}`;
    throw new OperatorError(
      'grepd runs already, but not with these settings: npm run reload takes them over, npm stop ends it',
    );
  }
  // What is left of an earlier run would come back with its old settings.
  await removeWorkers();
  await checkAddress(config);

  await pm2(['start', ECOSYSTEM]);
  try {
    await untilReady(origin, config.WORKERS, 0);
  } catch (error) {
    await removeWorkers();
    throw error;
  }
  const workersText = `${config.WORKERS} worker${config.WORKERS === 1 ? '' : 's'}`;
  const warning = (await isBlockedByBrowsers(origin))
    ? `Browsers block port ${config.PORT}: choose another PORT if you want to open grepd in a browser. `
    : '';
  return `grepd answers at ${origin} with ${workersText}. It is open to ${openTo(config)}. ${warning}${await whatToTry(origin, config)}\n`;
});

async function whatToTry(origin: string, { DICTIONARIES_DIR, DEFAULT_DICTIONARY, API_KEYS }: Config): Promise<string> {
  if (API_KEYS !== undefined) {
    const withKey = curl({ action: 'all', dictionary: DEFAULT_DICTIONARY, nresults: 3 }, origin).replace(
      'curl',
      "curl -H 'Authorization: Bearer KEY'",
    );
    return `Try:\n\n  ${withKey}`;
  }
  const names = await listDictionaries(origin);
  if (names === undefined) return '';
  const [first, ...others] = names;
  if (first === undefined) return `There is no dictionary yet: put text files into ${DICTIONARIES_DIR}.`;
  const example = defaultActions.search.example.request;
  const known = [first, ...others].includes(example.dictionary);
  return `Try:\n\n  ${curl(known ? example : { action: 'all', dictionary: first, nresults: 3 }, origin)}`;
}
