// A process that asks, as a worker does, whether a caller may ask. It is told what to do by its parent.
import { RateExchange } from '../../src/runtime/rate-exchange.js';

const [folder = '', most] = process.argv.slice(2);
const exchange = new RateExchange({ folder, rate: { most: Number(most), windowMs: 3_600_000 } });

process.on('message', async ([command, times]: [string, number]) => {
  if (command === 'end') {
    await exchange.close();
    process.exit();
  }
  // Half of them at the same time.
  const verdicts = await Promise.all(Array.from({ length: Math.ceil(times / 2) }, () => exchange.ask('a')));
  while (verdicts.length < times) verdicts.push(await exchange.ask('a'));
  process.send?.({
    allowed: verdicts.filter((verdict) => verdict?.isAllowed).length,
    unknown: verdicts.filter((verdict) => verdict === undefined).length,
  });
});
process.send?.('ready');
