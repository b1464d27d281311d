// Remembers which names listings leave out of folders, so that unchanged folders aren't read again.
import type { BigIntStats } from 'node:fs';
import { LRUCache } from 'lru-cache';
import { type FileIdentity, identityOf, isSame, TIMESTAMP_RESOLUTION_MS } from '../corpus/dictionary-file.js';
import type { OpenFolder } from '../corpus/dictionary-root.js';
import { isLocal } from '../corpus/local-file-system.js';

/** Bounds the memory of the cache: a folder or name takes about 200 bytes. */
const MAX_NAMES = 50_000;

interface Entry {
  identity: FileIdentity;
  names: ReadonlySet<string>;
}

/** An open folder that is about to be read. */
export interface FolderReading {
  /** Relative to the root, and free of links. */
  path: string;
  stats: BigIntStats;
  /** A time before the folder is read. */
  startedMs: number;
}

export class ExcludedNamesCache {
  readonly #entries = new LRUCache<string, Entry>({
    maxSize: MAX_NAMES,
    sizeCalculation: ({ names }) => names.size + 1,
  });

  /** Returns `undefined` if the folder isn't known, or has changed. */
  get({ path, stats }: FolderReading): ReadonlySet<string> | undefined {
    const entry = this.#entries.get(path);
    return entry !== undefined && isSame(entry.identity, stats) ? entry.names : undefined;
  }

  /**
   * Keeps the names if every later change of the folder will show in its times. The folder must
   * contain no links, because their targets can change without it.
   */
  set({ path, stats, startedMs }: FolderReading, folder: OpenFolder, names: ReadonlySet<string>): void {
    const isSettled = Number(stats.ctimeMs) <= startedMs - TIMESTAMP_RESOLUTION_MS && isLocal(folder.path);
    if (isSettled) this.#entries.set(path, { identity: identityOf(stats), names });
  }
}
