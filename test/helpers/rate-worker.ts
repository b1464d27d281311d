// A process that counts requests as a worker does. Its parent sends `[command, times]`: `end`,
// `begin` and `finish` for the caller `a`, or the name of a caller.
import { setTimeout as sleep } from 'node:timers/promises';
import { SharedRateLimit } from '../../src/runtime/rate-limit/shared-rate-limit.js';

const [directory = '', maxRequests, leaderTimeoutMs = '60000'] = process.argv.slice(2);
const rate = { maxRequests: Number(maxRequests), windowMs: 3_600_000 };
const limit = new SharedRateLimit({ directory, rate, leaderTimeoutMs: Number(leaderTimeoutMs) });
let begun: Promise<number> | undefined;

process.on('message', async ([command, times]: [string, number]) => {
  if (command === 'end') {
    await limit.close();
    process.exit();
  }
  if (command === 'begin') {
    begun = consume('a', times);
    // Longer than a leader that isn't busy takes to respond.
    await sleep(500);
    process.send?.('begun');
  } else process.send?.(await (command === 'finish' ? begun : consume(command, times)));
});

/** Sends half of the requests at the same time. Returns how many were allowed. */
async function consume(caller: string, times: number): Promise<number> {
  const verdicts = await Promise.all(Array.from({ length: Math.ceil(times / 2) }, () => limit.consume(caller)));
  while (verdicts.length < times) verdicts.push(await limit.consume(caller));
  return verdicts.filter(({ isAllowed }) => isAllowed).length;
}

process.send?.('ready');
