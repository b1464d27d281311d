// Lets all searches that are waiting share the next run. Starting a process is what a small search costs: the more load, the cheaper each.
import { AppError } from '../../errors.js';
import type { AdmissionQueue } from '../admission/admission-queue.js';
import type {
  AllQuery,
  Answer,
  DictionaryList,
  Entry,
  ListedFile,
  ListQuery,
  SearchEngine,
  SearchQuery,
  Summary,
} from '../engine.js';
import { createSearchCounts, type SearchCounts } from '../search-counts.js';

/** An answer for which nothing more need be waited for. It is put together as it is read, and fails for its reader alone. */
export type Ready = Generator<Entry[], Summary, void>;

/** What becomes of a search in a shared run: it is answered, must run by itself, or is to be in the next run. */
export type Shared = Ready | 'alone' | 'again';

/** What can answer several searches at once. */
export interface BatchSearcher {
  /** Searches of the same group can share a run. Without one, the search runs by itself. */
  batchKeyOf(query: SearchQuery): string | undefined;
  /** The searches are of one group. What it throws is the failure of each of them. */
  searchBatch(queries: readonly SearchQuery[], signal: AbortSignal): Promise<Shared[]>;
}

export interface BatchingOptions {
  /** Runs what does not share. Closing it also closes the searcher. */
  alone: SearchEngine;
  searcher: BatchSearcher;
  /** A shared run has one place, however many share it. */
  queue: AdmissionQueue;
  /** Searches that wait for a shared run, or are in one. */
  maxSharing: number;
  counts?: SearchCounts;
}

interface Caller {
  query: SearchQuery;
  /** Whether it still waits. */
  isThere: boolean;
  /** The runs that it has been in. */
  tries: number;
  settle: (shared: Ready | 'alone') => void;
  fail: (error: unknown) => void;
  /** Is told that it has left. */
  onLeave: () => void;
}

interface Group {
  waiting: Caller[];
  isRunning: boolean;
}

type Outcome = Shared | { failure: AppError };

/** The most searches of a run, and the longest that their terms may be together: Linux takes 128 KiB of arguments at the very least (execve(2)). */
const MAX_CALLERS = 256;
const MAX_TERM_LENGTH = 24 * 1024;
/** A run that takes longer has met with something else than work. */
const PATIENCE_MS = 250;
/** How long a run may wait for more callers: a part of what the last run took, and not so long that it could be felt. */
const MAX_GATHERING = 0.5;
const MAX_GATHERING_MS = 2;
/** Who had to run again so often goes on alone. */
const MAX_TRIES = 3;

export class BatchingEngine implements SearchEngine {
  readonly #options: BatchingOptions;
  readonly #counts: SearchCounts;
  readonly #groups = new Map<string, Group>();
  #nrSharing = 0;

  constructor(options: BatchingOptions) {
    this.#options = options;
    this.#counts = options.counts ?? createSearchCounts();
  }

  search(query: SearchQuery, signal: AbortSignal): Answer {
    const group = this.#options.searcher.batchKeyOf(query);
    return group === undefined ? this.#options.alone.search(query, signal) : this.#share(group, query, signal);
  }

  all(query: AllQuery, signal: AbortSignal): Answer {
    return this.#options.alone.all(query, signal);
  }

  list(query: ListQuery, signal: AbortSignal): Answer {
    return this.#options.alone.list(query, signal);
  }

  files(dictionary: string | undefined, signal: AbortSignal): Promise<readonly ListedFile[]> {
    return this.#options.alone.files(dictionary, signal);
  }

  lineCounts(dictionary: string | undefined, signal: AbortSignal): ReturnType<SearchEngine['lineCounts']> {
    return this.#options.alone.lineCounts(dictionary, signal);
  }

  version(dictionary: string | undefined): ReturnType<SearchEngine['version']> {
    return this.#options.alone.version(dictionary);
  }

  isLarge(dictionary: string | undefined): boolean {
    return this.#options.alone.isLarge(dictionary);
  }

  dictionaries(signal: AbortSignal): Promise<DictionaryList> {
    return this.#options.alone.dictionaries(signal);
  }

  check(): Promise<void> {
    return this.#options.alone.check();
  }

  close(): Promise<void> {
    return this.#options.alone.close();
  }

  async *#share(group: string, query: SearchQuery, signal: AbortSignal): Answer {
    const shared = await this.#join(group, query, signal);
    if (shared === 'alone') return yield* this.#options.alone.search(query, signal);
    return yield* shared;
  }

  async #join(name: string, query: SearchQuery, signal: AbortSignal): Promise<Ready | 'alone'> {
    signal.throwIfAborted();
    if (this.#nrSharing >= this.#options.maxSharing) {
      this.#counts.refused += 1;
      throw new AppError('too_busy', `${this.#nrSharing} searches are in a run or waiting for one.`);
    }
    const group = this.#groups.get(name) ?? { waiting: [], isRunning: false };
    this.#groups.set(name, group);
    // Those whose requests are read in this turn of the event loop are in time for the run.
    if (!group.isRunning) setImmediate(() => this.#run(name, group));
    group.isRunning = true;
    this.#nrSharing += 1;
    this.#counts.waiting += 1;
    let leave = () => {};
    try {
      return await new Promise((settle, fail) => {
        const caller: Caller = { query, isThere: true, tries: 0, settle, fail, onLeave: () => {} };
        group.waiting.push(caller);
        leave = () => {
          caller.isThere = false;
          fail(signal.reason);
          caller.onLeave();
        };
        signal.addEventListener('abort', leave, { once: true });
      });
    } finally {
      signal.removeEventListener('abort', leave);
      this.#nrSharing -= 1;
      this.#counts.waiting -= 1;
    }
  }

  /** Runs for those who wait, and then for those who have come meanwhile. */
  async #run(name: string, group: Group): Promise<void> {
    group.isRunning = group.waiting.some(({ isThere }) => isThere);
    if (!group.isRunning) {
      if (this.#groups.get(name) === group) this.#groups.delete(name);
      return;
    }
    const over = new AbortController();
    const slot = this.#options.queue.createSlot('batch', over.signal, () => {});
    await slot.acquire();
    // Those too who have come while it waited for a place.
    const callers = nextOf(group);
    // A run that is slow keeps nobody waiting for long.
    let isPatient = true;
    const next = () => {
      if (isPatient || !group.isRunning) void this.#run(name, group);
      isPatient = false;
    };
    const patience = setTimeout(next, PATIENCE_MS);
    const begun = performance.now();
    const outcomes = await this.#runFor(callers, over);
    const tookMs = performance.now() - begun;
    slot.release();
    clearTimeout(patience);
    for (const [at, caller] of callers.entries()) {
      if (outcomes[at] !== 'again') continue;
      caller.tries += 1;
      if (caller.tries >= MAX_TRIES) outcomes[at] = 'alone';
    }
    group.waiting.unshift(...callers.filter(({ isThere }, at) => isThere && outcomes[at] === 'again'));
    for (const [at, { isThere, settle, fail }] of callers.entries()) {
      const outcome = outcomes[at] ?? 'alone';
      if (!isThere || outcome === 'again') continue;
      if (typeof outcome === 'object' && 'failure' in outcome) fail(outcome.failure);
      else {
        if (outcome !== 'alone' && callers.length > 1) this.#counts.shared += 1;
        settle(outcome);
      }
    }
    gather(group, callers.length, tookMs, next);
  }

  async #runFor(callers: Caller[], over: AbortController): Promise<Outcome[]> {
    // They may have left while there was no place.
    if (callers.length === 0) return [];
    for (const caller of callers) {
      caller.onLeave = () => {
        if (callers.every(({ isThere }) => !isThere)) over.abort();
      };
    }
    try {
      const queries = callers.map(({ query }) => query);
      return await this.#options.searcher.searchBatch(queries, over.signal);
    } catch (error) {
      // What is not expected may be due to one of them.
      return callers.map(() => (error instanceof AppError ? { failure: error } : 'alone'));
    }
  }
}

/**
 * Lets the next run begin when as many wait for it as the last one has answered, and at once where that was one. Many of those who are answered ask again at
 * once: a run that begins a moment later takes them along, and is the cheaper for each.
 */
function gather(group: Group, nrAnswered: number, tookMs: number, begin: () => void): void {
  const end = performance.now() + Math.min(tookMs * MAX_GATHERING, MAX_GATHERING_MS);
  const look = () => {
    if (nrAnswered === 1 || group.waiting.length >= nrAnswered || performance.now() >= end) begin();
    else setImmediate(look);
  };
  look();
}

/** Takes as many of those who wait as can share a run. */
function nextOf(group: Group): Caller[] {
  group.waiting = group.waiting.filter(({ isThere }) => isThere);
  let length = 0;
  const end = group.waiting.findIndex(({ query: { term } }, at) => {
    length += term.length;
    return at > 0 && (at >= MAX_CALLERS || length > MAX_TERM_LENGTH);
  });
  return group.waiting.splice(0, end === -1 ? group.waiting.length : end);
}
