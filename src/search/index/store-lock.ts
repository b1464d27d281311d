// Holds the lock of the indexes during a command of an operator.
import { readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { releaseLock, takeLock } from '../../concurrency/file-lock.js';
import { OperatorError } from '../../errors.js';
import { renderBuildFailure } from './build-failure.js';
import type { IndexStore } from './index-store.js';

export interface StoreLockOptions {
  store: IndexStore;
  signal: AbortSignal;
  onWait: (message: string) => void;
  timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 60_000;
const POLL_INTERVAL_MS = 100;

/**
 * Runs work while this process holds the lock, then removes drafts that the work left behind.
 * Throws an OperatorError if another process holds the lock for `timeoutMs`, or if the folder
 * can't be written to.
 */
export async function withStoreLock<Result>(options: StoreLockOptions, work: () => Promise<Result>): Promise<Result> {
  const { store } = options;
  await lock(options);
  try {
    return await work();
  } finally {
    try {
      store.removeDrafts();
    } finally {
      releaseLock(store.lockPath);
    }
  }
}

async function lock({ store, signal, onWait, timeoutMs = DEFAULT_TIMEOUT_MS }: StoreLockOptions): Promise<void> {
  const startedMs = Date.now();
  for (let isWaiting = false; !tryLock(store); isWaiting = true) {
    const holder = describeHolder(store.lockPath);
    if (!isWaiting) onWait(`Waiting for ${holder}, which builds or removes indexes.`);
    if (Date.now() - startedMs >= timeoutMs) {
      throw new OperatorError(
        `Indexes are locked by ${holder}, which has not finished in ${timeoutMs / 1000} s. Try again later.`,
      );
    }
    await sleep(POLL_INTERVAL_MS);
    signal.throwIfAborted();
  }
}

/** The first attempt removes a stale lock. */
function tryLock(store: IndexStore): boolean {
  try {
    store.create();
    return takeLock(store.lockPath) || takeLock(store.lockPath);
  } catch (error) {
    throw new OperatorError(renderBuildFailure(error), { cause: error });
  }
}

function describeHolder(lockPath: string): string {
  try {
    return `process ${readlinkSync(lockPath).split('-')[0]}`;
  } catch {
    // It has just finished.
    return 'another process';
  }
}
