// Fails the run if the tests have left a child process or an open handle: mocha loads this first (package.json).
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { allChildrenOf, commandOf } from './processes.js';

/** What the last test has closed may take a moment to go. */
const LIMIT_MS = 5_000;
const POLL_MS = 20;
/** A handle that is left would keep the run from ending. */
const EXIT_MS = 5_000;

/** What mocha and its output need. */
let before: string[] = [];

function findLeaks(): string[] {
  const handles = process.getActiveResourcesInfo();
  for (const known of before) if (handles.includes(known)) handles.splice(handles.indexOf(known), 1);
  return [...allChildrenOf(process.pid).map((pid) => `process ${pid}: ${commandOf(pid)}`), ...handles];
}

export const mochaHooks: Mocha.RootHookObject = {
  async beforeAll() {
    // From here on there is mocha's timer for the hook, as below.
    await nextTurn();
    before = process.getActiveResourcesInfo();
  },
  async afterAll(this: Mocha.Context) {
    this.timeout(2 * LIMIT_MS);
    const endMs = performance.now() + LIMIT_MS;
    do {
      await sleep(POLL_MS);
      // In its own turn, a timer still counts as active.
      await nextTurn();
    } while (findLeaks().length > 0 && performance.now() < endMs);
    const leaks = findLeaks();
    if (leaks.length === 0) return;
    // mocha --parallel ends its workers itself; this would take the results of their other files with it.
    if (process.env.MOCHA_WORKER_ID === undefined) setTimeout(() => process.exit(1), EXIT_MS).unref();
    throw new Error(`The tests have left open:\n${leaks.join('\n')}`);
  },
};
