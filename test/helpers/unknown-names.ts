// Requests many unknown dictionaries, and prints the growth of the heap. Needs --expose-gc.
import { openGrep } from '../../src/search/engines/grep/grep-engine.js';
import { engineOptions, searchQuery } from './queries.js';

const engine = await openGrep(engineOptions({ dictionariesDir: process.argv[2] as string }));
const never = new AbortController().signal;

async function send(name: string): Promise<void> {
  engine.isLarge(name);
  const query = searchQuery({ dictionary: name });
  engine.batchKeyOf(query);
  await Promise.resolve(engine.version(name)).catch(() => {});
  await engine.files(name, never).catch(() => {});
  await engine.lineCounts(name, never).catch(() => {});
  await engine.wordCounts(name, never).catch(() => {});
  await engine
    .search(query, never)
    .next()
    .catch(() => {});
}

const heap = () => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};
await send('warm');
const before = heap();
for (const [length, times] of [
  [60_000, 500],
  [4_000, 2_000],
] as const) {
  for (let n = 0; n < times; n += 1) await send(`${n}`.padEnd(length, `${n}-name/`));
}
process.stdout.write(String(heap() - before));
