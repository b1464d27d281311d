// Lists the indexes of a dictionaries folder with their states, for `npm run index -- --list`.
import { AppError } from '../../errors.js';
import type { Dictionaries } from '../corpus/dictionaries.js';
import { IndexFile } from './index-file.js';
import { UnusableIndexError } from './index-header.js';
import { IndexMatcher } from './index-matcher.js';
import type { IndexStore, StoredIndex } from './index-store.js';
import { IDENTITY_FIELDS } from './index-tables.js';

export interface ListedIndex {
  /** `undefined` if the index is damaged, and of none of the dictionaries. */
  dictionary: string | undefined;
  /** The size of the text when it was indexed. `undefined` if the index is damaged. */
  textBytes: number | undefined;
  indexBytes: number;
  modifiedMs: number;
  /** `gone`: the dictionary no longer exists. `damaged`: also if the format is unknown. */
  state: 'current' | 'stale' | 'gone' | 'damaged';
  /** Why it is damaged. */
  reason?: string;
}

/** Returns the indexes, sorted by dictionary. Changes nothing. Throws system errors. */
export async function listIndexes(
  dictionaries: Dictionaries,
  store: IndexStore,
  signal: AbortSignal,
): Promise<ListedIndex[]> {
  const { dictionaries: all } = await dictionaries.list(signal);
  const names = new Map(all.map(({ name }) => [store.pathOf(name), name]));
  const matcher = new IndexMatcher(dictionaries);
  const indexes: ListedIndex[] = [];
  for (const stored of store.list()) {
    const { path, bytes: indexBytes, modifiedMs } = stored;
    const common = { dictionary: names.get(path), indexBytes, modifiedMs };
    const index = open(stored);
    if (index === undefined) continue;
    if (index instanceof UnusableIndexError) {
      indexes.push({ ...common, textBytes: undefined, state: 'damaged', reason: index.message });
      continue;
    }
    try {
      const { dictionary } = index.tables;
      const state = await stateOf(index, matcher, signal);
      indexes.push({ ...common, dictionary, textBytes: textBytesOf(index), state });
    } finally {
      index.release();
    }
  }
  return indexes.sort((a, b) => compare(a.dictionary ?? '', b.dictionary ?? ''));
}

/** Returns `undefined` if it has been removed. */
function open({ path }: StoredIndex): IndexFile | UnusableIndexError | undefined {
  try {
    return IndexFile.open(path);
  } catch (error) {
    if (error instanceof UnusableIndexError) return error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function stateOf(index: IndexFile, matcher: IndexMatcher, signal: AbortSignal): Promise<ListedIndex['state']> {
  try {
    const missing = await matcher.missingFiles(index, index.tables.dictionary, signal);
    return missing.length === 0 ? 'current' : 'stale';
  } catch (error) {
    if (error instanceof AppError) return 'gone';
    throw error;
  }
}

function textBytesOf({ tables: { paths, identities } }: IndexFile): number {
  return paths.reduce((sum, _, number) => sum + Number(identities[IDENTITY_FIELDS * number + 2]), 0);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
