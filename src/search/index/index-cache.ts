// The indexes that a worker has open. A new index replaces the file, so each use checks its status.
import { type BigIntStats, lstatSync, rmSync } from 'node:fs';
import { LRUCache } from 'lru-cache';
import { type FileIdentity, identityOf, isSame } from '../corpus/dictionary-file.js';
import { IndexFile } from './index-file.js';
import { UnusableIndexError } from './index-header.js';
import type { IndexStore } from './index-store.js';

const STAT_OPTIONS = { bigint: true, throwIfNoEntry: false } as const;
/** For the tables of all open indexes. */
const MAX_MEMORY_BYTES = 64 * 1024 * 1024;
/** Each keeps a file open. */
const MAX_OPEN = 256;

export interface IndexCacheOptions {
  store: IndexStore;
  onRejected: (rejection: { dictionary: string; reason: string }) => void;
}

interface Opened {
  identity: FileIdentity;
  index: IndexFile;
}

export class IndexCache {
  readonly #options: IndexCacheOptions;
  readonly #opened = new LRUCache<string, Opened>({
    max: MAX_OPEN,
    maxSize: MAX_MEMORY_BYTES,
    // A larger one is kept alone.
    sizeCalculation: ({ index }) => Math.min(MAX_MEMORY_BYTES, index.memoryBytes),
    dispose: ({ index }) => index.release(),
  });
  /** The versions of files that can't be used and could not be removed. */
  readonly #rejected = new Map<string, FileIdentity>();

  constructor(options: IndexCacheOptions) {
    this.#options = options;
  }

  /** Returns the index of a dictionary, if there is a usable one. The caller must release it. */
  acquire(dictionary: string): IndexFile | undefined {
    const index = this.#get(dictionary);
    index?.retain();
    return index;
  }

  /** Must be called when an index turns out to be damaged. Another one can then replace it. */
  reject(index: IndexFile, error: UnusableIndexError): void {
    const { dictionary } = index.tables;
    const opened = this.#opened.get(dictionary);
    // Another search may have rejected it, or a new one may have replaced it.
    if (opened?.index !== index) return;
    this.#opened.delete(dictionary);
    this.#reject(dictionary, error, opened.identity);
  }

  close(): void {
    this.#opened.clear();
  }

  #get(dictionary: string): IndexFile | undefined {
    const path = this.#options.store.pathOf(dictionary);
    const stats = lstat(path);
    const opened = this.#opened.get(dictionary);
    if (stats === undefined || !stats.isFile()) {
      this.#opened.delete(dictionary);
      return undefined;
    }
    if (opened !== undefined && isSame(opened.identity, stats)) return opened.index;
    const rejected = this.#rejected.get(dictionary);
    if (rejected !== undefined && isSame(rejected, stats)) return undefined;
    this.#opened.delete(dictionary);
    try {
      const index = IndexFile.open(path);
      if (index.tables.dictionary !== dictionary) throw new UnusableIndexError('of another dictionary');
      this.#opened.set(dictionary, { identity: identityOf(stats), index });
      return index;
    } catch (error) {
      if (!(error instanceof UnusableIndexError)) return undefined;
      this.#reject(dictionary, error, stats);
      return undefined;
    }
  }

  #reject(dictionary: string, { message }: UnusableIndexError, identity: FileIdentity): void {
    this.#rejected.set(dictionary, identityOf(identity as BigIntStats));
    this.#options.onRejected({ dictionary, reason: message });
    const path = this.#options.store.pathOf(dictionary);
    const stats = lstat(path);
    try {
      if (stats !== undefined && isSame(identity, stats)) rmSync(path);
    } catch {
      // The folder may be read-only.
    }
  }
}

function lstat(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, STAT_OPTIONS);
  } catch {
    return undefined;
  }
}
