// Starts the workers under PM2, and returns when they are ready or have failed.
import { type Config, parseConfig } from '../config/config.js';
import { IS_PACKAGE } from '../config/installation.js';
import { describeAudience } from '../config/listen-address.js';
import { OperatorError } from '../errors.js';
import { defaultActions } from '../http/api/actions.js';
import { curl } from '../http/api/curl.js';
import { activateRelease } from './current-release.js';
import { ECOSYSTEM, isOnline, killOwnDaemon, listWorkers, lockPm2, pm2, removeWorkers, waitUntilReady } from './pm2.js';
import { assertPm2HomeWritable } from './pm2-home.js';
import { assertCanListen, isBlockedByBrowsers, isReady, listDictionaries, originOf } from './probe.js';

export async function start(): Promise<string> {
  const config = parseConfig(process.env);
  const origin = originOf(config);

  await lockPm2();
  assertPm2HomeWritable();
  const workers = await listWorkers();
  if (workers.some(isOnline)) {
    if (await isReady(origin)) {
      return `grepd is already running at ${origin}. To apply new settings or code, use npm run reload.`;
    }
    throw new OperatorError(
      'grepd is already running, but with other settings. Use npm run reload to apply these, or npm stop to stop it.',
    );
  }
  // Stopped workers would start again with their old settings.
  await removeWorkers();
  await assertCanListen(config);

  if (IS_PACKAGE) activateRelease();
  await pm2(['start', ECOSYSTEM]);
  try {
    await waitUntilReady(origin, config.WORKERS, 0);
  } catch (error) {
    await removeWorkers();
    await killOwnDaemon();
    throw error;
  }
  const workersText = `${config.WORKERS} worker${config.WORKERS === 1 ? '' : 's'}`;
  const warning = (await isBlockedByBrowsers(origin))
    ? `Browsers block port ${config.PORT}: choose another PORT to use grepd in a browser. `
    : '';
  return `grepd is running at ${origin} with ${workersText}. It is open to ${describeAudience(config)}. ${warning}${await renderNextStep(origin, config)}\n`;
}

async function renderNextStep(origin: string, config: Config): Promise<string> {
  const { DICTIONARIES_DIR, DEFAULT_DICTIONARY, API_KEYS } = config;
  if (API_KEYS !== undefined) {
    const withKey = curl({ action: 'all', dictionary: DEFAULT_DICTIONARY, nresults: 3 }, origin).replace(
      'curl',
      "curl -H 'Authorization: Bearer KEY'",
    );
    return `Try:\n\n  ${withKey}`;
  }
  const names = await listDictionaries(origin);
  if (names === undefined) return '';
  const [first] = names;
  if (first === undefined) return `There are no dictionaries yet: put text files into ${DICTIONARIES_DIR}.`;
  const example = defaultActions.search.example.request;
  const hasExample = names.includes(example.dictionary);
  return `Try:\n\n  ${curl(hasExample ? example : { action: 'all', dictionary: first, nresults: 3 }, origin)}`;
}
