// The process that builds indexes, at the lowest priority. It prints a line of JSON for each event,
// and exits when it is done. Arguments: a BuildTask as JSON.
import { constants, setPriority } from 'node:os';
import { Dictionaries } from '../corpus/dictionaries.js';
import { buildDictionary } from './build-dictionary.js';
import { renderBuildFailure } from './build-failure.js';
import type { BuildEvent, BuildTask } from './build-task.js';
import { IndexStore } from './index-store.js';

/** Small files would otherwise cause an event each. */
const PROGRESS_INTERVAL_MS = 100;

setPriority(constants.priority.PRIORITY_LOW);
const { dictionariesDir, indexDir, maxBytes, names } = JSON.parse(process.argv[2] ?? '') as BuildTask;
const dictionaries = await Dictionaries.open(dictionariesDir);
const store = new IndexStore(indexDir, dictionaries.root.path);
for (const dictionary of names) {
  print({ event: 'started', dictionary });
  const startedMs = performance.now();
  try {
    const onProgress = createProgress(dictionary);
    const result = await buildDictionary({ dictionaries, store, dictionary, maxBytes, onProgress });
    print({ event: 'ended', dictionary, seconds: (performance.now() - startedMs) / 1000, ...result });
  } catch (error) {
    print({ event: 'failed', dictionary, message: renderBuildFailure(error) });
  }
}

function createProgress(dictionary: string): (bytes: number) => void {
  let bytes = 0;
  let printedMs = performance.now();
  return (more) => {
    bytes += more;
    if (performance.now() - printedMs < PROGRESS_INTERVAL_MS) return;
    print({ event: 'progress', dictionary, bytes });
    bytes = 0;
    printedMs = performance.now();
  };
}

function print(event: BuildEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}
