// The indexes of a service: finds the one of a dictionary, and keeps all up to date in the
// background.
//
// Goals: an index for every large dictionary soon after it appears or changes, without disturbing
// searches, and however many workers and services share the folder of indexes.
//
// Steps: a worker that gets the lock removes what is left over, finds the dictionaries that need an
// index, and runs a process that builds one after the other. The others try again later.
import { resolve } from 'node:path';
import { releaseLock, takeLock } from '../../concurrency/file-lock.js';
import { AppError } from '../../errors.js';
import type { Dictionaries, DictionaryDescription } from '../corpus/dictionaries.js';
import type { IndexState } from '../engine.js';
import type { IndexCounts } from '../search-counts.js';
import type { BuildEvent, BuildTask } from './build-task.js';
import { removeGoneRoots } from './gone-roots.js';
import { IndexCache } from './index-cache.js';
import type { IndexFile } from './index-file.js';
import type { UnusableIndexError } from './index-header.js';
import { type Found, IndexMatcher } from './index-matcher.js';
import type { IndexOptions } from './index-options.js';
import { IndexStore } from './index-store.js';
import type { IndexedFiles } from './indexed-files.js';
import { runBuild } from './run-build.js';

export interface KeeperParts {
  dictionaries: Dictionaries;
  options: IndexOptions;
  counts: IndexCounts;
}

/** The first check leaves time to start the service. */
const FIRST_CHECK_MS = 500;
const CHECK_INTERVAL_MS = 20_000;
/**
 * For a worker that waits for another one, or for files that changed just now, and after a search
 * in a dictionary whose index is missing or stale.
 */
const RETRY_MS = 2_500;
/** Between checks that searches request, some of which are in dictionaries that can't be indexed. */
const MIN_INTERVAL_MS = 10_000;
/** How long a dictionary whose build failed has to wait. */
const BACKOFF_MS = 600_000;
/** An index is updated at most so often that about this much of it is written in a millisecond. */
const MAX_UPDATE_BYTES_PER_MS = 2_000;
/** Bounds the arguments of the process. */
const MAX_NAMES = 100;

export class IndexKeeper {
  readonly #parts: KeeperParts;
  readonly #store: IndexStore;
  readonly #indexes: IndexCache;
  readonly #matcher: IndexMatcher;
  readonly #closing = new AbortController();
  /** When a build may be tried again, by dictionary. */
  readonly #backoffs = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  /** When the timer ends; 0 during a check. */
  #nextCheckMs = 0;
  /** When the last check ended. */
  #lastCheckMs = 0;
  /** Whether files changed too recently to be indexed in the last check. */
  #hasRecentChanges = false;
  /** The number of checks in a row with such files, as of a log that is written to all the time. */
  #checksWithChanges = 0;
  /** The message of the last check that failed. */
  #lastFailure = '';
  #check: Promise<void> = Promise.resolve();

  constructor(parts: KeeperParts) {
    const { dictionaries, options, counts } = parts;
    this.#parts = parts;
    this.#matcher = new IndexMatcher(dictionaries);
    this.#store = new IndexStore(options.dir, dictionaries.root.path);
    this.#indexes = new IndexCache({
      store: this.#store,
      onRejected: (rejection) => {
        counts.rejected += 1;
        options.log.onRejected(rejection);
      },
    });
  }

  /** Begins to keep indexes up to date. */
  start(): void {
    this.#schedule(FIRST_CHECK_MS);
  }

  /**
   * Returns what the index of a dictionary has of a file or a folder in it. The caller must release
   * the index. Returns `undefined` if it has nothing of the current version. Throws the signal's
   * reason.
   *
   * @param path the path of a file in the dictionary
   */
  async acquire(path: string, found: Found, signal: AbortSignal): Promise<IndexedFiles | undefined> {
    const [name = ''] = path.split('/', 1);
    const index = this.#indexes.acquire(name);
    if (index === undefined) {
      if (found.bytes > this.#parts.options.minBytes) this.#request();
      return undefined;
    }
    try {
      const indexed = await this.#matcher.match(index, found, signal);
      if (indexed.count > 0) {
        index.retain();
        return indexed;
      }
      this.#request();
      return undefined;
    } finally {
      index.release();
    }
  }

  /** Must be called when an index turns out to be damaged. */
  reject(index: IndexFile, error: UnusableIndexError): void {
    this.#indexes.reject(index, error);
  }

  /** Returns `none` for a dictionary that is gone. Throws the signal's reason. */
  async stateOf({ name, bytes }: DictionaryDescription, signal: AbortSignal): Promise<IndexState> {
    const index = this.#indexes.acquire(name);
    const mayHaveIndex = index !== undefined || bytes > this.#parts.options.minBytes;
    try {
      if (mayHaveIndex && this.#store.isBuilding(name)) return 'building';
      if (index === undefined) {
        if (mayHaveIndex) this.#request();
        return 'none';
      }
      const missing = await this.#matcher.missingFiles(index, name, signal);
      if (missing.length === 0) return 'current';
      this.#request();
      return 'stale';
    } catch (error) {
      if (error instanceof AppError) return 'none';
      throw error;
    } finally {
      index?.release();
    }
  }

  /** Ends a build, and closes all indexes. */
  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#timer);
    await this.#check;
    this.#indexes.close();
  }

  /** Checks soon, unless a check is running or has just found nothing to do. */
  #request(): void {
    const nowMs = Date.now();
    const delayMs = Math.max(RETRY_MS, this.#lastCheckMs + MIN_INTERVAL_MS - nowMs);
    if (this.#nextCheckMs > nowMs + delayMs) this.#schedule(delayMs);
  }

  #schedule(delayMs: number): void {
    if (this.#closing.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#nextCheckMs = Date.now() + delayMs;
    this.#timer = setTimeout(() => {
      this.#nextCheckMs = 0;
      this.#check = this.#runCheck();
    }, delayMs);
    // A check must not keep the process alive.
    this.#timer.unref();
  }

  async #runCheck(): Promise<void> {
    let isOwner = false;
    try {
      this.#store.create();
      isOwner = takeLock(this.#store.lockPath);
      if (isOwner) await this.#update(this.#closing.signal);
    } catch (error) {
      if (!this.#closing.signal.aborted && !this.#isKnownFailure(error)) {
        this.#parts.options.log.onBuildFailed({ dictionary: '', error });
      }
    } finally {
      if (isOwner) releaseLock(this.#store.lockPath);
      this.#parts.counts.bytes = this.#store.bytes;
      this.#lastCheckMs = Date.now();
      if (isOwner) this.#checksWithChanges = this.#hasRecentChanges ? this.#checksWithChanges + 1 : 0;
      const needsRetry = !isOwner || this.#hasRecentChanges;
      const retryMs = RETRY_MS * 2 ** Math.max(0, this.#checksWithChanges - 1);
      this.#schedule(needsRetry ? Math.min(retryMs, CHECK_INTERVAL_MS) : CHECK_INTERVAL_MS);
    }
  }

  async #update(signal: AbortSignal): Promise<void> {
    const { dictionaries, options } = this.#parts;
    this.#hasRecentChanges = false;
    this.#store.removeDrafts();
    removeGoneRoots(options.dir);
    const { dictionaries: all } = await dictionaries.list(signal);
    this.#store.removeExcept(all.map(({ name }) => name));
    const names: string[] = [];
    for (const { name, bytes } of all) {
      if (bytes > options.minBytes && (await this.#needsBuild(name, signal))) names.push(name);
      if (names.length === MAX_NAMES) break;
    }
    if (names.length > 0) await this.#build(names, signal);
  }

  async #needsBuild(name: string, signal: AbortSignal): Promise<boolean> {
    if (Date.now() < (this.#backoffs.get(name) ?? 0)) return false;
    const index = this.#indexes.acquire(name);
    try {
      const { indexable, hasRecentChanges } = await this.#matcher.need(index, name, signal);
      this.#hasRecentChanges ||= hasRecentChanges;
      if (indexable.length === 0) return false;
      if (index === undefined) return true;
      return Date.now() > this.#store.modifiedMs(name) + index.bytes / MAX_UPDATE_BYTES_PER_MS;
    } catch (error) {
      signal.throwIfAborted();
      // The dictionary has changed since it was listed.
      if (error instanceof AppError) return false;
      throw error;
    } finally {
      index?.release();
    }
  }

  async #build(names: readonly string[], signal: AbortSignal): Promise<void> {
    const { dictionaries, options } = this.#parts;
    const task: BuildTask = {
      dictionariesDir: dictionaries.root.path,
      indexDir: resolve(options.dir),
      maxBytes: options.maxBytes,
      names,
    };
    for await (const event of runBuild(task, signal)) this.#handle(event);
  }

  #handle(event: BuildEvent): void {
    const { counts, options } = this.#parts;
    const { dictionary } = event;
    if (event.event === 'started') options.log.onBuildStart({ dictionary });
    else if (event.event === 'failed') {
      counts.builds.failed += 1;
      this.#backoffs.set(dictionary, Date.now() + BACKOFF_MS);
      options.log.onBuildFailed({ dictionary, error: new Error(event.message) });
    } else if (event.event === 'ended' && event.outcome === 'built') {
      const { seconds, textBytes, indexBytes } = event;
      counts.builds.built += 1;
      counts.buildSeconds += seconds;
      counts.indexedBytes += textBytes;
      this.#backoffs.delete(dictionary);
      options.log.onBuildEnd({ dictionary, seconds, textBytes, indexBytes });
    }
  }

  /** Whether the same failure has been logged. */
  #isKnownFailure(error: unknown): boolean {
    const { message } = error as Error;
    const isKnown = message === this.#lastFailure;
    this.#lastFailure = message;
    return isKnown;
  }
}
