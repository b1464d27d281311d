// A process that asks, as a worker does, whether a caller may ask. Its parent's commands: `end`, `begin` and `finish` for the caller `a`, or the
// name of a caller.
import { setTimeout as sleep } from 'node:timers/promises';
import { RateExchange } from '../../src/runtime/rate-limit/rate-exchange.js';

const [folder = '', most, answerTimeoutMs = '60000'] = process.argv.slice(2);
const rate = { most: Number(most), windowMs: 3_600_000 };
const exchange = new RateExchange({ folder, rate, answerTimeoutMs: Number(answerTimeoutMs) });
let begun: Promise<number> | undefined;

process.on('message', async ([command, times]: [string, number]) => {
  if (command === 'end') {
    await exchange.close();
    process.exit();
  }
  if (command === 'begin') {
    begun = ask('a', times);
    // By this worker's clock, the questions wait for longer than one that is not busy takes.
    await sleep(500);
    process.send?.('begun');
  } else process.send?.(await (command === 'finish' ? begun : ask(command, times)));
});

/** Half of the questions at the same time. Returns how many were allowed. */
async function ask(caller: string, times: number): Promise<number> {
  const verdicts = await Promise.all(Array.from({ length: Math.ceil(times / 2) }, () => exchange.ask(caller)));
  while (verdicts.length < times) verdicts.push(await exchange.ask(caller));
  return verdicts.filter(({ isAllowed }) => isAllowed).length;
}

process.send?.('ready');
