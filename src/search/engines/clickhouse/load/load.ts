// Loads dictionaries into the cluster, several at once, and removes what nobody searches any more.
import { setTimeout as sleep } from 'node:timers/promises';
import { OperatorError } from '../../../../errors.js';
import { Dictionaries } from '../../../corpus/dictionaries.js';
import { type Entry, MIN_WAIT_MS } from '../storage/catalog.js';
import { type ClusterWriter, NOTHING } from './cluster-writer.js';
import { type LoadOptions, type LoadOutcome, loadDictionary, remove } from './load-dictionary.js';
import { ALIVE_MS, LoadHistory } from './load-log.js';
import { findSource, findSources, type Source } from './source.js';

export interface LoaderOptions extends Omit<LoadOptions, 'root' | 'onRead'> {
  dictionariesDir: string;
  /** The longest that a search may take: until it is over, what it searches must be there. */
  searchTimeoutMs: number;
  /** How long one that loads may say nothing before it is taken for ended. */
  aliveMs?: number;
}

/** Is told how it goes. */
export interface LoadObserver {
  /** How many bytes there are to be read. */
  finds: (bytes: number) => void;
  reads: (bytes: number) => void;
  ends: (source: Source, outcome: LoadOutcome) => void;
  /** Those who search what is to be removed have so long to end. */
  waits: (ms: number) => void;
}

/** What the cluster has under a name. */
export interface Listed extends Pick<Entry, 'name' | 'state' | 'lines' | 'bytes' | 'checksum' | 'at'> {}

const LOADS_AT_ONCE = 3;

/** Returns whether all can be searched now. No names: all dictionaries in the folder. Throws OperatorErrors. */
export async function load(names: readonly string[], options: LoaderOptions, observer: LoadObserver): Promise<boolean> {
  const { dictionariesDir, writer } = options;
  const dictionaries = await Dictionaries.open(dictionariesDir);
  const sources = names.length === 0 ? await findSources(dictionaries) : await named(dictionaries, names);
  await withdrawIncomplete(writer);
  observer.finds(sources.reduce((sum, { bytes }) => sum + bytes, 0));
  const left = [...sources];
  let areAllThere = true;
  const failures: unknown[] = [];
  const loadNext = async (): Promise<void> => {
    for (let source = left.shift(); source !== undefined; source = left.shift()) {
      const own = { ...options, root: dictionaries.root.path, onRead: observer.reads };
      // What is wrong with one does not keep the others from being loaded.
      const outcome = await loadDictionary(source, own).catch((error) => {
        if (!(error instanceof OperatorError)) left.length = 0;
        failures.push(error);
      });
      if (outcome === undefined) continue;
      if (outcome.outcome === 'broken' || outcome.outcome === 'kept') areAllThere = false;
      observer.ends(source, outcome);
    }
  };
  await Promise.all(Array.from({ length: LOADS_AT_ONCE }, loadNext));
  const bug = failures.find((error) => !(error instanceof OperatorError));
  if (bug !== undefined) throw bug;
  await removeUnused(writer, options, observer);
  if (failures.length > 0) throw new OperatorError(failures.map((error) => (error as Error).message).join('\n'));
  return areAllThere;
}

/** Where a node has lost what it had, a search would find too little: what is not all there is no dictionary until it is loaded again. */
async function withdrawIncomplete(writer: ClusterWriter): Promise<void> {
  const published = (await list(writer)).filter(({ state }) => state === 'published');
  const log = await LoadHistory.read(writer);
  for (const { name, lines } of published) {
    const isWhole = await writer.haveLines(log.current(name)?.generation ?? 0, lines);
    if (!isWhole) await writer.log({ ...NOTHING, name, state: 'dropped' });
  }
}

/** Takes dictionaries out of the cluster. Throws an OperatorError where it has none of that name. */
export async function drop(names: readonly string[], options: LoaderOptions, observer: LoadObserver): Promise<void> {
  const { writer } = options;
  const known = new Set((await list(writer)).map(({ name }) => name));
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length > 0)
    throw new OperatorError(
      `The cluster has no dictionary named ${unknown.map((name) => JSON.stringify(name)).join(', ')}.`,
    );
  for (const name of new Set(names)) {
    await writer.log({ ...NOTHING, name, state: 'dropped' });
  }
  await removeUnused(writer, options, observer);
}

/** What the cluster has, by name. */
export async function list(writer: ClusterWriter): Promise<Listed[]> {
  const columns = ['state', 'lines', 'bytes', 'checksum', 'at'].map(
    (column) => `argMax(${column}, change) AS latest_${column}`,
  );
  const rows = await writer.rows<[string, Entry['state'], string, string, string, string]>(
    `SELECT name, ${columns.join(', ')} FROM ${writer.tables.catalog} WHERE state IN ('published', 'broken', 'dropped') GROUP BY name HAVING latest_state != 'dropped' ORDER BY name`,
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

async function named(dictionaries: Dictionaries, names: readonly string[]): Promise<Source[]> {
  const sources = new Map<string, Source>();
  for (const name of names) {
    const [top = ''] = name.split('/', 1);
    if (top !== name)
      throw new OperatorError(
        `${JSON.stringify(name)} is a part of the dictionary ${JSON.stringify(top)}, which is loaded as a whole.`,
      );
    const source = await findSource(dictionaries, name);
    if (source === undefined)
      throw new OperatorError(`There is no dictionary named ${JSON.stringify(name)} in ${dictionaries.root.path}.`);
    sources.set(source.name, source);
  }
  return [...sources.values()];
}

/**
 * Removes the lines of loads that are not searched any more, once no search can be under way in them. What is being loaded, or was begun and can be gone on with,
 * stays.
 */
async function removeUnused(
  writer: ClusterWriter,
  { searchTimeoutMs, aliveMs = ALIVE_MS }: LoaderOptions,
  observer: LoadObserver,
): Promise<void> {
  const findUnused = async () => {
    const generations = await writer.generations();
    const log = await LoadHistory.read(writer);
    return generations
      .filter((generation) => !log.isUsed(generation, aliveMs))
      .map((generation) => ({ generation, name: log.nameOf(generation) ?? '' }));
  };
  const unused = await findUnused();
  if (unused.length === 0) return;
  const waitMs = searchTimeoutMs + MIN_WAIT_MS;
  observer.waits(waitMs);
  await sleep(waitMs);
  // Someone may have gone on with one of them meanwhile.
  const still = new Set((await findUnused()).map(({ generation }) => generation));
  for (const { name, generation } of unused) if (still.has(generation)) await remove(name, generation, writer);
}
