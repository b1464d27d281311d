// Loads a folder of dictionaries into ClickHouse nodes.

import { Dictionaries } from '../../src/search/corpus/dictionaries.js';
import { ClusterWriter } from '../../src/search/engines/clickhouse/load/cluster-writer.js';
import { type LoadObserver, load } from '../../src/search/engines/clickhouse/load/load.js';
import { type LoadOutcome, loadDictionary } from '../../src/search/engines/clickhouse/load/load-dictionary.js';
import { findSource } from '../../src/search/engines/clickhouse/load/source.js';
import type { Nodes } from './clickhouse.js';

const MIB = 2 ** 20;

export interface LoadResult {
  areAllLoaded: boolean;
  outcomes: Map<string, LoadOutcome>;
}

export const noObserver: LoadObserver = {
  onStart: () => {},
  onRead: () => {},
  onOutcome: () => {},
  onGracePeriod: () => {},
};

/** @param names the dictionaries to load; all of them if it is empty */
export async function loadFolder(
  dictionariesDir: string,
  { urls, cluster }: Pick<Nodes, 'urls' | 'cluster'>,
  names: string[] = [],
): Promise<LoadResult> {
  const writer = await openWriter({ urls, cluster });
  const outcomes = new Map<string, LoadOutcome>();
  const onOutcome: LoadObserver['onOutcome'] = ({ name }, outcome) => outcomes.set(name, outcome);
  try {
    const options = { ...loadOptions(dictionariesDir), writer };
    return { areAllLoaded: await load(names, options, { ...noObserver, onOutcome }), outcomes };
  } finally {
    await writer.close();
  }
}

/** Loads a single dictionary. */
export async function publish(dictionariesDir: string, name: string, writer: ClusterWriter): Promise<LoadOutcome> {
  const dictionaries = await Dictionaries.open(dictionariesDir);
  const source = await findSource(dictionaries, name);
  if (source === undefined) throw new Error(`There is no dictionary ${name}`);
  return loadDictionary(source, {
    ...loadOptions(dictionariesDir),
    root: dictionaries.root.path,
    writer,
    onRead: () => {},
  });
}

export function loadOptions(dictionariesDir: string) {
  return {
    dictionariesDir,
    searchTimeoutMs: 0,
    maxDecompressedBytes: 64 * MIB,
    maxLineBytes: 64 * MIB,
    signal: new AbortController().signal,
  };
}

export function openWriter({ urls, cluster }: Pick<Nodes, 'urls' | 'cluster'>): Promise<ClusterWriter> {
  return ClusterWriter.open({ urls, cluster, timeoutMs: 60_000, memoryBytes: 4096 * MIB });
}
