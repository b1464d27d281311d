// Builds indexes now, lists them (`--list`), or removes some or all (`--drop [DICTIONARY…]`).
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Config, parseConfig } from '../config/config.js';
import { AppError, OperatorError } from '../errors.js';
import { Dictionaries } from '../search/corpus/dictionaries.js';
import { type BuildNowOutcome, type BuildObserver, buildNow, type LeftOut } from '../search/index/build-now.js';
import { removeGoneRoots } from '../search/index/gone-roots.js';
import { IndexStore } from '../search/index/index-store.js';
import { type ListedIndex, listIndexes } from '../search/index/list-indexes.js';
import { withStoreLock } from '../search/index/store-lock.js';
import { renderAge, renderTable } from './listing.js';
import { Progress } from './progress.js';

const USAGE =
  'Usage: npm run index -- [DICTIONARY…], npm run index -- --drop [DICTIONARY…], or npm run index -- --list';
const MIB = 2 ** 20;
const INTERRUPTED_STATUS = 130;

const progress = new Progress({ out: process.stderr });

export async function indexDictionaries(args: string[]): Promise<string> {
  const signal = abortOnSignals();
  try {
    return await run(readArguments(args), signal);
  } catch (error) {
    throw error instanceof AppError ? new OperatorError(error.message, { cause: error }) : error;
  } finally {
    progress.clear();
    if (signal.aborted) process.exitCode = INTERRUPTED_STATUS;
  }
}

/** npm passes a signal on that the terminal has sent to this process, too. */
function abortOnSignals(): AbortSignal {
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => interruption.abort(new OperatorError('Interrupted.')));
  }
  return interruption.signal;
}

type Arguments = ReturnType<typeof readArguments>;

async function run({ names, isDrop, isList }: Arguments, signal: AbortSignal): Promise<string> {
  const config = parseConfig(process.env);
  const dictionaries = await openDictionaries(config);
  const dir = resolve(config.INDEX_DIR);
  const store = new IndexStore(dir, dictionaries.root.path);
  if (isList) return renderList(await listIndexes(dictionaries, store, signal));
  if (!isDrop) assertEnabled(config);
  const lockOptions = { store, signal, onWait: (message: string) => progress.print(message) };
  if (isDrop) return withStoreLock(lockOptions, async () => drop(names, store, dir));
  const [minBytes, maxBytes] = [config.INDEX_MIN_MB * MIB, config.INDEX_MAX_MB * MIB];
  const options = { dictionaries, store, dir, minBytes, maxBytes, signal, observer: createObserver() };
  const areAllCurrent = await withStoreLock(lockOptions, () => buildNow(names, options));
  if (!areAllCurrent) throw new OperatorError('Some dictionaries could not be indexed: see above.');
  if (names.length > 0) return 'The indexes are current.';
  return `All dictionaries larger than ${config.INDEX_MIN_MB} MiB that can be indexed have a current index.`;
}

function readArguments(args: string[]) {
  try {
    const { values, positionals: names } = parseArgs({
      args,
      allowPositionals: true,
      options: { drop: { type: 'boolean', default: false }, list: { type: 'boolean', default: false } },
    });
    if (values.list && (values.drop || names.length > 0)) throw new Error('--list takes no other arguments');
    return { names, isDrop: values.drop, isList: values.list };
  } catch (error) {
    throw new OperatorError(`${(error as Error).message}\n${USAGE}`, { cause: error });
  }
}

async function openDictionaries({ DICTIONARIES_DIR: folder }: Config): Promise<Dictionaries> {
  try {
    return await Dictionaries.open(folder);
  } catch (error) {
    throw new OperatorError(`DICTIONARIES_DIR must be a readable folder: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function assertEnabled({ INDEX, SEARCH_ENGINE }: Config): void {
  if (!INDEX) throw new OperatorError('INDEX is false, so grepd uses no indexes. Set it to true to build some.');
  if (SEARCH_ENGINE !== 'grep') {
    throw new OperatorError(`SEARCH_ENGINE is ${SEARCH_ENGINE}, but only the engine grep uses indexes.`);
  }
}

/** With no names, removes all indexes, and those of dictionaries folders that no longer exist. */
function drop(names: readonly string[], store: IndexStore, dir: string): string {
  if (names.length === 0) {
    const roots = removeGoneRoots(dir);
    const removed = `Dropped all ${store.removeExcept([])} indexes.`;
    return roots.length === 0 ? removed : `${removed} Dropped those of folders that are gone: ${roots.join(', ')}.`;
  }
  const known = new Set(store.list().map(({ path }) => path));
  const unknown = names.filter((name) => !known.has(store.pathOf(name)));
  if (unknown.length > 0) {
    throw new OperatorError(`There is no index of ${unknown.map((name) => JSON.stringify(name)).join(', ')}.`);
  }
  for (const name of names) store.remove(name);
  return `Dropped the index of ${names.join(', ')}.`;
}

function createObserver(): BuildObserver {
  return {
    onTotal: (bytes) => progress.addToTotal(bytes),
    onRead: (bytes) => progress.add(bytes),
    onOutcome: (name, outcome) => progress.print(`${name}: ${renderOutcome(outcome)}`),
    onRecentChanges: (name) => progress.print(`Waiting for ${name}, which changed within the last 2 s.`),
    onRejected: ({ dictionary, reason }) => progress.print(`${dictionary}: its index was damaged (${reason})`),
  };
}

function renderOutcome(outcome: BuildNowOutcome): string {
  switch (outcome.outcome) {
    case 'built': {
      const { textBytes, indexBytes, seconds, leftOut } = outcome;
      const sizes = `${renderMb(textBytes)} MB of text, an index of ${renderMb(indexBytes)} MB`;
      return `${sizes}, ${seconds.toFixed(1)} s${renderLeftOut(leftOut)}`;
    }
    case 'current':
      return `unchanged${renderLeftOut(outcome.leftOut)}`;
    case 'impossible':
      return `no index${renderLeftOut(outcome.leftOut)}`;
    case 'failed':
      return `failed: ${outcome.message}`;
  }
}

function renderLeftOut({ compressed, encoded, recent, remote }: LeftOut): string {
  const reasons = [
    compressed > 0 && `${files(compressed)} compressed by gzip, in which no block can be reached alone`,
    encoded > 0 && `${files(encoded)} not in UTF-8`,
    recent > 0 && `${files(recent)} changed within the last 2 s`,
    remote > 0 && `${files(remote)} on a network or unknown file system, which may not show changes`,
  ].filter((reason) => reason !== false);
  return reasons.length === 0 ? '' : `; not indexed: ${reasons.join(', ')}`;
}

function files(count: number): string {
  return count === 1 ? '1 file' : `${count} files`;
}

function renderList(indexes: readonly ListedIndex[]): string {
  if (indexes.length === 0) return 'There are no indexes.';
  const rows = indexes.map(({ dictionary, textBytes, indexBytes, modifiedMs, state, reason }) => [
    dictionary ?? '?',
    textBytes === undefined ? '?' : renderMb(textBytes),
    renderMb(indexBytes),
    renderAge(Date.now() - modifiedMs),
    reason === undefined ? state : `${state} (${reason})`,
  ]);
  return renderTable([['dictionary', 'text MB', 'index MB', 'age', 'state'], ...rows]);
}

function renderMb(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
