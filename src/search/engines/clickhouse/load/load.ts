// Loads dictionaries into the cluster, several concurrently, and removes old versions.
import { setTimeout as sleep } from 'node:timers/promises';
import { OperatorError } from '../../../../errors.js';
import { Dictionaries } from '../../../corpus/dictionaries.js';
import { type CatalogRow, IS_DECISIVE, MIN_GRACE_PERIOD_MS } from '../storage/catalog.js';
import { type ClusterWriter, NO_LINES } from './cluster-writer.js';
import { type LoadOptions, type LoadOutcome, loadDictionary, remove } from './load-dictionary.js';
import { HEARTBEAT_TIMEOUT_MS, LoadHistory } from './load-history.js';
import { findSource, findSources, type Source } from './source.js';

export interface LoaderOptions extends Omit<LoadOptions, 'root' | 'onRead'> {
  dictionariesDir: string;
  /** How long a search may still need an old version. */
  searchTimeoutMs: number;
  /** After how long without a heartbeat another loader is considered dead. */
  heartbeatTimeoutMs?: number;
}

export interface LoadObserver {
  /** @param bytes the size of all files to load */
  onStart: (bytes: number) => void;
  onRead: (bytes: number) => void;
  onOutcome: (source: Source, outcome: LoadOutcome) => void;
  /** Called before the wait for searches in old versions. */
  onGracePeriod: (ms: number) => void;
}

/** A dictionary in the cluster. */
export interface ListedDictionary extends Pick<CatalogRow, 'name' | 'state' | 'lines' | 'bytes' | 'checksum' | 'at'> {}

const MAX_CONCURRENT_LOADS = 3;

/**
 * Loads these dictionaries, or all in the folder if there are no names. Returns whether all of them
 * are loaded. Throws OperatorErrors, after trying the other dictionaries.
 */
export async function load(names: readonly string[], options: LoaderOptions, observer: LoadObserver): Promise<boolean> {
  const { dictionariesDir, writer } = options;
  const dictionaries = await Dictionaries.open(dictionariesDir);
  const sources = names.length === 0 ? await findSources(dictionaries) : await findNamed(dictionaries, names);
  await dropIncomplete(writer);
  observer.onStart(sources.reduce((sum, { bytes }) => sum + bytes, 0));
  const queue = [...sources];
  let areAllLoaded = true;
  const errors: unknown[] = [];
  const loadNext = async (): Promise<void> => {
    for (let source = queue.shift(); source !== undefined; source = queue.shift()) {
      const loadOptions = { ...options, root: dictionaries.root.path, onRead: observer.onRead };
      const outcome = await loadDictionary(source, loadOptions).catch((error) => {
        // An OperatorError is about this dictionary only.
        if (!(error instanceof OperatorError)) queue.length = 0;
        errors.push(error);
      });
      if (outcome === undefined) continue;
      if (outcome.outcome === 'broken' || outcome.outcome === 'kept') areAllLoaded = false;
      observer.onOutcome(source, outcome);
    }
  };
  await Promise.all(Array.from({ length: MAX_CONCURRENT_LOADS }, loadNext));
  const unexpected = errors.find((error) => !(error instanceof OperatorError));
  if (unexpected !== undefined) throw unexpected;
  await removeUnused(writer, options, observer);
  if (errors.length > 0) throw new OperatorError(errors.map((error) => (error as Error).message).join('\n'));
  return areAllLoaded;
}

/** Drops dictionaries whose lines a node has lost, because a search would miss matches. */
async function dropIncomplete(writer: ClusterWriter): Promise<void> {
  const published = (await list(writer)).filter(({ state }) => state === 'published');
  const history = await LoadHistory.read(writer);
  for (const { name, lines } of published) {
    const isComplete = await writer.hasAllLines(history.current(name)?.generation ?? 0, lines);
    if (!isComplete) await writer.appendToCatalog({ ...NO_LINES, name, state: 'dropped' });
  }
}

/** Removes dictionaries from the cluster. Throws an OperatorError if it lacks one of them. */
export async function drop(names: readonly string[], options: LoaderOptions, observer: LoadObserver): Promise<void> {
  const { writer } = options;
  const known = new Set((await list(writer)).map(({ name }) => name));
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length > 0)
    throw new OperatorError(
      `The cluster has no dictionary named ${unknown.map((name) => JSON.stringify(name)).join(', ')}.`,
    );
  for (const name of new Set(names)) await writer.appendToCatalog({ ...NO_LINES, name, state: 'dropped' });
  await removeUnused(writer, options, observer);
}

/** Returns the dictionaries in the cluster, sorted by name. */
export async function list(writer: ClusterWriter): Promise<ListedDictionary[]> {
  const columns = ['state', 'lines', 'bytes', 'checksum', 'at'].map(
    (column) => `argMax(${column}, change) AS latest_${column}`,
  );
  const rows = await writer.rows<[string, CatalogRow['state'], string, string, string, string]>(
    `SELECT name, ${columns.join(', ')} FROM ${writer.tables.catalog} WHERE ${IS_DECISIVE} GROUP BY name HAVING latest_state != 'dropped' ORDER BY name`,
  );
  return rows.map(([name, state, lines, bytes, checksum, at]) => ({
    name,
    state,
    lines: Number(lines),
    bytes: Number(bytes),
    checksum,
    at: `${at.replace(' ', 'T')}Z`,
  }));
}

async function findNamed(dictionaries: Dictionaries, names: readonly string[]): Promise<Source[]> {
  const sources = new Map<string, Source>();
  for (const name of names) {
    const [top = ''] = name.split('/', 1);
    if (top !== name) {
      const dictionary = JSON.stringify(top);
      throw new OperatorError(`${JSON.stringify(name)} is part of the dictionary ${dictionary}. Load ${dictionary}.`);
    }
    const source = await findSource(dictionaries, name);
    if (source === undefined)
      throw new OperatorError(`There is no dictionary named ${JSON.stringify(name)} in ${dictionaries.root.path}.`);
    sources.set(source.name, source);
  }
  return [...sources.values()];
}

/** Removes the lines of unused loads, once no search can be reading them. */
async function removeUnused(
  writer: ClusterWriter,
  { searchTimeoutMs, heartbeatTimeoutMs = HEARTBEAT_TIMEOUT_MS }: LoaderOptions,
  observer: LoadObserver,
): Promise<void> {
  const findUnused = async () => {
    const generations = await writer.generations();
    const history = await LoadHistory.read(writer);
    return generations
      .filter((generation) => !history.isUsed(generation, heartbeatTimeoutMs))
      .map((generation) => ({ generation, name: history.nameOf(generation) ?? '' }));
  };
  const unused = await findUnused();
  if (unused.length === 0) return;
  const gracePeriodMs = searchTimeoutMs + MIN_GRACE_PERIOD_MS;
  observer.onGracePeriod(gracePeriodMs);
  await sleep(gracePeriodMs);
  // Another loader may have resumed one of them in the meantime.
  const stillUnused = new Set((await findUnused()).map(({ generation }) => generation));
  for (const { name, generation } of unused) {
    if (stillUnused.has(generation)) await remove(name, generation, writer);
  }
}
