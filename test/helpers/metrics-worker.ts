// A process that counts like a worker, and collects the metrics of all workers of a directory. Its
// parent sends `[command, argument]`.
import { Counter, Gauge, Registry } from 'prom-client';
import { MetricsExchange } from '../../src/runtime/metrics/metrics-exchange.js';

const directory = process.argv[2] as string;
const registry = new Registry();
const counted = new Counter({ name: 'counted_total', help: 'counted', registers: [registry], labelNames: ['kind'] });
const own = new Counter({ name: 'own_total', help: 'own', registers: [registry] });
const alive = new Gauge({ name: 'alive', help: 'alive', registers: [registry] });
alive.set(1);
const exchange = await MetricsExchange.open({
  directory,
  registry,
  isPerWorker: (name) => name === 'own_total',
  onWriteError: () => {},
});

const commands: Record<string, (argument: number) => unknown> = {
  count: (by) => {
    counted.inc({ kind: 'a' }, by);
    own.inc(by);
  },
  gather: async () => (await exchange.gather()).text,
  end: async () => {
    await exchange.close();
    process.exit();
  },
  /** Blocks the event loop for this many milliseconds. */
  block: (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms),
};

process.on('message', async ([command, argument]: [string, number]) => {
  if (command === 'block') process.send?.('');
  const result = await commands[command]?.(argument);
  if (command !== 'block') process.send?.(result ?? '');
});
process.send?.('ready');
