// Fails the run if the tests leave a child process or an open handle, and reports retried tests.
// mocha loads this first (package.json).
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { allChildrenOf, commandOf } from './processes.js';

/** Closing what the last test used may take a moment. */
const LEAK_TIMEOUT_MS = 5_000;
const POLL_INTERVAL_MS = 20;
/** A leaked handle would keep the process running. */
const EXIT_DELAY_MS = 5_000;

/** The handles of mocha and its output. */
let before: string[] = [];

function findLeaks(): string[] {
  const handles = process.getActiveResourcesInfo();
  for (const known of before) if (handles.includes(known)) handles.splice(handles.indexOf(known), 1);
  return [...allChildrenOf(process.pid).map((pid) => `process ${pid}: ${commandOf(pid)}`), ...handles];
}

export const mochaHooks: Mocha.RootHookObject = {
  async beforeAll() {
    // From the next turn on, mocha's timer for the hook is active, as it is below.
    await nextTurn();
    before = process.getActiveResourcesInfo();
  },
  beforeEach(this: Mocha.Context) {
    const test = this.currentTest as (Mocha.Test & { currentRetry(): number }) | undefined;
    if (test !== undefined && test.currentRetry() > 0)
      console.warn(`      RETRIED after a failure: ${test.fullTitle()}`);
  },
  async afterAll(this: Mocha.Context) {
    this.timeout(2 * LEAK_TIMEOUT_MS);
    const endMs = performance.now() + LEAK_TIMEOUT_MS;
    do {
      await sleep(POLL_INTERVAL_MS);
      // In its own turn, a timer still counts as active.
      await nextTurn();
    } while (findLeaks().length > 0 && performance.now() < endMs);
    const leaks = findLeaks();
    if (leaks.length === 0) return;
    // mocha --parallel stops its workers itself. Exiting here would lose results of other files.
    if (process.env.MOCHA_WORKER_ID === undefined) setTimeout(() => process.exit(1), EXIT_DELAY_MS).unref();
    throw new Error(`The tests have leaked:\n${leaks.join('\n')}`);
  },
};
