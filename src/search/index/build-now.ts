// Builds indexes in the foreground, for `npm run index`. The caller must hold the lock of the store.
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, OperatorError } from '../../errors.js';
import type { Dictionaries } from '../corpus/dictionaries.js';
import { IndexCache } from './index-cache.js';
import { IndexMatcher, type IndexNeed } from './index-matcher.js';
import type { IndexOptions } from './index-options.js';
import type { IndexStore } from './index-store.js';
import { type Obstacle, obstaclesOf } from './indexable-files.js';
import { isEncoded } from './is-encoded.js';
import { runBuild } from './run-build.js';

export interface BuildNowOptions extends Omit<IndexOptions, 'log'> {
  dictionaries: Dictionaries;
  store: IndexStore;
  signal: AbortSignal;
  observer: BuildObserver;
}

export interface BuildObserver {
  /** Adds to the size of the files to read. Negative for files that turn out to need no reading. */
  onTotal: (bytes: number) => void;
  onRead: (bytes: number) => void;
  onOutcome: (dictionary: string, outcome: BuildNowOutcome) => void;
  /** Called before the wait for files that changed too recently. */
  onRecentChanges: (dictionary: string) => void;
  /** An existing index is damaged or of an unknown format. */
  onRejected: (rejection: { dictionary: string; reason: string }) => void;
}

export type BuildNowOutcome =
  | { outcome: 'built'; textBytes: number; indexBytes: number; seconds: number; leftOut: LeftOut }
  | { outcome: 'current'; leftOut: LeftOut }
  /** None of its files can be indexed. */
  | { outcome: 'impossible'; leftOut: LeftOut }
  | { outcome: 'failed'; message: string };

/** The number of files that can't be indexed, by reason. */
export type LeftOut = Record<Obstacle, number>;

/** How long to wait for files that keep changing. */
const MAX_WAIT_MS = 10_000;
const POLL_INTERVAL_MS = 250;

/**
 * Builds the indexes of these dictionaries or, if there are no names, of all large ones that need
 * it. Returns whether all of them are current. Throws OperatorErrors before it builds anything, and
 * the signal's reason.
 */
export async function buildNow(names: readonly string[], options: BuildNowOptions): Promise<boolean> {
  const { dictionaries, store, signal, observer } = options;
  for (const name of names) await assertDictionary(dictionaries, name, signal);
  const builder = new Builder(options, new IndexCache({ store, onRejected: observer.onRejected }));
  try {
    const needed = names.length > 0 ? [...new Set(names)] : await builder.findNeeded();
    const sizes: number[] = [];
    for (const name of needed) sizes.push(await builder.textBytes(name));
    observer.onTotal(sizes.reduce((sum, bytes) => sum + bytes, 0));
    let areAllCurrent = true;
    for (const [at, name] of needed.entries()) {
      const outcome = await builder.build(name);
      if (outcome.outcome !== 'built') observer.onTotal(-(sizes[at] as number));
      observer.onOutcome(name, outcome);
      if (outcome.outcome !== 'built' && outcome.outcome !== 'current') areAllCurrent = false;
    }
    return areAllCurrent;
  } finally {
    builder.close();
  }
}

async function assertDictionary(dictionaries: Dictionaries, name: string, signal: AbortSignal): Promise<void> {
  const [top = ''] = name.split('/', 1);
  if (top !== name) {
    const dictionary = JSON.stringify(top);
    throw new OperatorError(`${JSON.stringify(name)} is part of the dictionary ${dictionary}. Index ${dictionary}.`);
  }
  try {
    await dictionaries.find(name, signal);
  } catch (error) {
    throw error instanceof AppError ? new OperatorError(error.message, { cause: error }) : error;
  }
}

class Builder {
  readonly #options: BuildNowOptions;
  readonly #cache: IndexCache;
  readonly #matcher: IndexMatcher;

  constructor(options: BuildNowOptions, cache: IndexCache) {
    this.#options = options;
    this.#cache = cache;
    this.#matcher = new IndexMatcher(options.dictionaries);
  }

  async findNeeded(): Promise<string[]> {
    const { dictionaries, minBytes, signal } = this.#options;
    const names: string[] = [];
    for (const { name, bytes } of (await dictionaries.list(signal)).dictionaries) {
      if (bytes <= minBytes) continue;
      if (await this.#isNeeded(name)) names.push(name);
    }
    return names;
  }

  /** Returns the size of the files that can be indexed, now or soon. */
  async textBytes(name: string): Promise<number> {
    const { dictionaries, signal } = this.#options;
    try {
      const files = await dictionaries.files(name, signal);
      return files.reduce((sum, file) => sum + (isEncoded(file, dictionaries.root.path) ? 0 : file.bytes), 0);
    } catch (error) {
      // The dictionary has changed since it was found.
      if (error instanceof AppError) return 0;
      throw error;
    }
  }

  async build(name: string): Promise<BuildNowOutcome> {
    const { signal } = this.#options;
    try {
      const { indexable, hasRecentChanges } = await this.#settledNeed(name);
      if (indexable.length > 0) return await this.#build(name);
      if (hasRecentChanges) return { outcome: 'failed', message: 'it keeps changing. Try again later.' };
      const leftOut = await this.#leftOut(name);
      return { outcome: this.#hasIndex(name) ? 'current' : 'impossible', leftOut };
    } catch (error) {
      signal.throwIfAborted();
      // The dictionary has changed since it was found.
      if (error instanceof AppError) return { outcome: 'failed', message: error.message };
      throw error;
    }
  }

  close(): void {
    this.#cache.close();
  }

  async #build(name: string): Promise<BuildNowOutcome> {
    const { dictionaries, dir, maxBytes, signal, observer } = this.#options;
    const task = { dictionariesDir: dictionaries.root.path, indexDir: dir, maxBytes, names: [name] };
    for await (const event of runBuild(task, signal)) {
      if (event.event === 'progress') observer.onRead(event.bytes);
      else if (event.event === 'failed') return { outcome: 'failed', message: event.message };
      else if (event.event === 'ended' && event.outcome === 'built') {
        const { textBytes, indexBytes, seconds } = event;
        return { outcome: 'built', textBytes, indexBytes, seconds, leftOut: await this.#leftOut(name) };
      }
    }
    return { outcome: 'failed', message: 'it changed meanwhile. Try again later.' };
  }

  /** Waits until no file has changed too recently, unless that takes too long. */
  async #settledNeed(name: string): Promise<IndexNeed> {
    const endMs = Date.now() + MAX_WAIT_MS;
    for (let isWaiting = false; ; isWaiting = true) {
      const need = await this.#need(name);
      if (!need.hasRecentChanges || Date.now() > endMs) return need;
      if (!isWaiting) this.#options.observer.onRecentChanges(name);
      await sleep(POLL_INTERVAL_MS);
      this.#options.signal.throwIfAborted();
    }
  }

  async #need(name: string): Promise<IndexNeed> {
    const index = this.#cache.acquire(name);
    try {
      return await this.#matcher.need(index, name, this.#options.signal);
    } finally {
      index?.release();
    }
  }

  async #isNeeded(name: string): Promise<boolean> {
    try {
      const { indexable, hasRecentChanges } = await this.#need(name);
      return indexable.length > 0 || hasRecentChanges;
    } catch (error) {
      // The dictionary has changed since it was listed.
      if (error instanceof AppError) return false;
      throw error;
    }
  }

  #hasIndex(name: string): boolean {
    const index = this.#cache.acquire(name);
    index?.release();
    return index !== undefined;
  }

  async #leftOut(name: string): Promise<LeftOut> {
    const { dictionaries, signal } = this.#options;
    const leftOut = { compressed: 0, encoded: 0, recent: 0, remote: 0 };
    for (const obstacle of obstaclesOf(await dictionaries.files(name, signal), dictionaries.root.path)) {
      if (obstacle !== undefined) leftOut[obstacle] += 1;
    }
    return leftOut;
  }
}
