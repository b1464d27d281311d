// Request batching: answers several searches with one run of the batch searcher.
//
// Goals: starting a process dominates the cost of a small search, so the higher the load, the
// cheaper each search must get; a lone search must not wait; and no search may wait long
// because of a slow batch, a client that has left, or a term that matches nearly everything.
//
// Invariant: a group holds the searches that can be batched together. While any of them waits,
// `isRunning` is true and exactly one chain of batches serves the group. At most `maxPending`
// searches wait for a batch or are in one.
//
// Steps of a search: it joins its group. If the group is idle, a batch starts in the next phase of
// the event loop, and takes all searches that have arrived by the time it gets a slot. Searches
// that arrive meanwhile wait for the next batch, which starts when the current one ends (plus a
// short linger), or after `MAX_WAIT_MS`. A search that the batch could not answer runs unbatched,
// or retries in the next.
import { AppError } from '../../errors.js';
import type { Tracer } from '../../tracing/tracer.js';
import type { AdmissionQueue } from '../admission/admission-queue.js';
import type {
  AllQuery,
  Answer,
  CountQuery,
  DictionaryList,
  Entry,
  EntryIn,
  Format,
  ListedFile,
  ListQuery,
  SearchEngine,
  SearchQuery,
  Summary,
  Term,
} from '../engine.js';
import { inFormat } from '../entries/typed-answer.js';
import {
  type ConcordanceLine,
  type ConcordanceQuery,
  type Conditions,
  type FileCount,
  type FindQuery,
  type Frequency,
  type FrequencyQuery,
  type QueryEngine,
  toSearchQuery,
} from '../query.js';
import { createSearchCounts, type SearchCounts } from '../search-counts.js';
import { BatchSize } from './batch-size.js';
import { BatchTrace } from './batch-trace.js';

/**
 * An answer that needs no more I/O. It is built as it is read, and an error affects only its
 * reader.
 */
export type BatchedAnswer = Generator<Entry[], Summary, void>;

/**
 * What a batch did for a search: answered it, or left it to run unbatched, in the next batch, or in
 * a smaller one.
 */
export type BatchOutcome = BatchedAnswer | 'unbatched' | 'retry' | 'retry in a smaller batch';

export interface BatchSearcher {
  /** Returns a key, equal for searches that can share a batch, or `undefined` if this one can't. */
  batchKeyOf(query: SearchQuery): string | undefined;
  /** Searches for queries with equal keys. If it throws an AppError, all of them fail with it. */
  searchBatch(queries: readonly SearchQuery[], signal: AbortSignal): Promise<BatchOutcome[]>;
}

export interface BatchingOptions {
  /** Runs everything that isn't batched. Closing it also closes the searcher. */
  unbatched: QueryEngine;
  searcher: BatchSearcher;
  /** A batch takes one slot, whatever its size. */
  queue: AdmissionQueue;
  /** The maximum number of searches that wait for a batch or are in one. */
  maxPending: number;
  counts?: SearchCounts;
  tracer?: Tracer | undefined;
}

interface PendingSearch {
  query: SearchQuery;
  /** Whether its caller is still waiting. */
  isActive: boolean;
  /** The number of batches that left it for the next one. */
  attempts: number;
  resolve: (outcome: BatchedAnswer | 'unbatched') => void;
  reject: (error: unknown) => void;
  /** Called after the caller has left. */
  onLeave: () => void;
  trace: BatchTrace | undefined;
}

interface Group {
  waiting: PendingSearch[];
  isRunning: boolean;
  size: BatchSize;
}

type Outcome = BatchOutcome | { failure: AppError };

/** In UTF-16 code units. Linux accepts at least 128 KiB of arguments (execve(2)). */
const MAX_TERMS_LENGTH = 24 * 1024;
/** When a batch takes longer, the next one starts in parallel. */
const MAX_WAIT_MS = 250;
/** How long to linger before the next batch, as a fraction of the duration of the last one. */
const LINGER_RATIO = 0.5;
const MAX_LINGER_MS = 2;
/** A search runs unbatched after this many batches that didn't answer it. */
const MAX_ATTEMPTS = 3;

export class BatchingEngine implements QueryEngine {
  readonly #options: BatchingOptions;
  readonly #counts: SearchCounts;
  readonly #groups = new Map<string, Group>();
  #nrOfPending = 0;

  constructor(options: BatchingOptions) {
    this.#options = options;
    this.#counts = options.counts ?? createSearchCounts();
  }

  search<Some extends Format>(query: SearchQuery & { format: Some }, signal: AbortSignal): Answer<EntryIn<Some>> {
    const key = this.#options.searcher.batchKeyOf(query);
    if (key === undefined) return this.#options.unbatched.search(query, signal);
    return inFormat(query, this.#searchBatched(key, query, signal));
  }

  find<Some extends Format>(query: FindQuery & { format: Some }, signal: AbortSignal): Answer<EntryIn<Some>> {
    const search = toSearchQuery(query);
    return search === undefined ? this.#options.unbatched.find(query, signal) : this.search(search, signal);
  }

  concordance(query: ConcordanceQuery, signal: AbortSignal): Answer<ConcordanceLine> {
    return this.#options.unbatched.concordance(query, signal);
  }

  count(query: Conditions, signal: AbortSignal): Answer<FileCount> {
    return this.#options.unbatched.count(query, signal);
  }

  frequencies(query: FrequencyQuery, signal: AbortSignal): Answer<Frequency> {
    return this.#options.unbatched.frequencies(query, signal);
  }

  all<Some extends Format>(query: AllQuery & { format: Some }, signal: AbortSignal): Answer<EntryIn<Some>> {
    return this.#options.unbatched.all(query, signal);
  }

  get lineLength(): number {
    return this.#options.unbatched.lineLength;
  }

  list(query: ListQuery, signal: AbortSignal): Answer<string> {
    return this.#options.unbatched.list(query, signal);
  }

  matchTexts(term: Term, texts: readonly string[], signal: AbortSignal): ReturnType<SearchEngine['matchTexts']> {
    return this.#options.unbatched.matchTexts(term, texts, signal);
  }

  files(dictionary: string | undefined, signal: AbortSignal): Promise<readonly ListedFile[]> {
    return this.#options.unbatched.files(dictionary, signal);
  }

  entryCounts(query: CountQuery, signal: AbortSignal): ReturnType<SearchEngine['entryCounts']> {
    return this.#options.unbatched.entryCounts(query, signal);
  }

  lineCounts(dictionary: string | undefined, signal: AbortSignal): ReturnType<SearchEngine['lineCounts']> {
    return this.#options.unbatched.lineCounts(dictionary, signal);
  }

  wordCounts(dictionary: string | undefined, signal: AbortSignal): ReturnType<SearchEngine['wordCounts']> {
    return this.#options.unbatched.wordCounts(dictionary, signal);
  }

  version(dictionary: string | undefined): ReturnType<SearchEngine['version']> {
    return this.#options.unbatched.version(dictionary);
  }

  listedName(dictionary: string): ReturnType<SearchEngine['listedName']> {
    return this.#options.unbatched.listedName(dictionary);
  }

  isLarge(dictionary: string | undefined): boolean {
    return this.#options.unbatched.isLarge(dictionary);
  }

  dictionaries(signal: AbortSignal): Promise<DictionaryList> {
    return this.#options.unbatched.dictionaries(signal);
  }

  check(): Promise<void> {
    return this.#options.unbatched.check();
  }

  close(): Promise<void> {
    return this.#options.unbatched.close();
  }

  async *#searchBatched(key: string, query: SearchQuery, signal: AbortSignal): Answer {
    const outcome = await this.#join(key, query, signal);
    if (outcome === 'unbatched') return yield* this.#options.unbatched.search(query, signal);
    return yield* outcome;
  }

  async #join(key: string, query: SearchQuery, signal: AbortSignal): Promise<BatchedAnswer | 'unbatched'> {
    signal.throwIfAborted();
    if (this.#nrOfPending >= this.#options.maxPending) {
      this.#counts.rejected += 1;
      throw new AppError(
        'too_busy',
        `The search queue is full: ${this.#nrOfPending} searches are in a batch or waiting for one. Try again later.`,
      );
    }
    const group = this.#groups.get(key) ?? createGroup();
    this.#groups.set(key, group);
    // Include all searches whose requests are read in this phase of the event loop.
    if (!group.isRunning) setImmediate(() => this.#runBatch(key, group));
    group.isRunning = true;
    this.#nrOfPending += 1;
    this.#counts.waiting += 1;
    let leave = () => {};
    const trace = BatchTrace.start(this.#options.tracer);
    try {
      return await new Promise((resolve, reject) => {
        const onLeave = () => {};
        const search: PendingSearch = { query, isActive: true, attempts: 0, resolve, reject, onLeave, trace };
        group.waiting.push(search);
        leave = () => {
          search.isActive = false;
          reject(signal.reason);
          search.onLeave();
          trace?.leave(signal.reason);
        };
        signal.addEventListener('abort', leave, { once: true });
      });
    } finally {
      signal.removeEventListener('abort', leave);
      this.#nrOfPending -= 1;
      this.#counts.waiting -= 1;
    }
  }

  /** Runs a batch of the waiting searches, then the next for those that have arrived meanwhile. */
  async #runBatch(key: string, group: Group): Promise<void> {
    group.isRunning = group.waiting.some(({ isActive }) => isActive);
    if (!group.isRunning) {
      if (this.#groups.get(key) === group) this.#groups.delete(key);
      return;
    }
    const controller = new AbortController();
    const slot = this.#options.queue.createSlot('batch', controller.signal, () => {});
    await slot.acquire();
    // Includes the searches that arrived while the batch waited for its slot.
    const batch = takeBatch(group);
    let hasStartedNext = false;
    const startNext = () => {
      if (!hasStartedNext || !group.isRunning) void this.#runBatch(key, group);
      hasStartedNext = true;
    };
    const maxWait = setTimeout(startNext, MAX_WAIT_MS);
    const startedMs = performance.now();
    const search = () => this.#searchBatch(batch, controller);
    const outcomes = await BatchTrace.run(this.#options.tracer, batch, search);
    const tookMs = performance.now() - startedMs;
    slot.release();
    clearTimeout(maxWait);
    adaptSize(group.size, outcomes);
    for (const [index, search] of batch.entries()) {
      if (!isRetry(outcomes[index])) continue;
      search.attempts += 1;
      if (search.attempts >= MAX_ATTEMPTS) outcomes[index] = 'unbatched';
    }
    const retries = batch.filter(({ isActive }, index) => isActive && isRetry(outcomes[index]));
    for (const { trace } of retries) trace?.waitAgain();
    group.waiting.unshift(...retries);
    for (const [index, { isActive, resolve, reject }] of batch.entries()) {
      const outcome = outcomes[index] ?? 'unbatched';
      if (!isActive || isRetry(outcome)) continue;
      if (typeof outcome === 'object' && 'failure' in outcome) reject(outcome.failure);
      else {
        if (outcome !== 'unbatched' && batch.length > 1) this.#counts.batched += 1;
        resolve(outcome);
      }
    }
    linger(group, batch.length, tookMs, startNext);
  }

  /** Returns an outcome for each search, or none. Aborts the batch once all its callers have left. */
  async #searchBatch(batch: PendingSearch[], controller: AbortController): Promise<Outcome[]> {
    // All callers may have left before the slot was free.
    if (batch.length === 0) return [];
    for (const search of batch) {
      search.onLeave = () => {
        if (batch.every(({ isActive }) => !isActive)) controller.abort();
      };
    }
    try {
      const queries = batch.map(({ query }) => query);
      return await this.#options.searcher.searchBatch(queries, controller.signal);
    } catch (error) {
      // One of the queries may have caused an unexpected error, so each runs unbatched.
      return error instanceof AppError ? batch.map(() => ({ failure: error })) : [];
    }
  }
}

function createGroup(): Group {
  return { waiting: [], isRunning: false, size: new BatchSize() };
}

function isRetry(outcome: Outcome | undefined): outcome is 'retry' | 'retry in a smaller batch' {
  return outcome === 'retry' || outcome === 'retry in a smaller batch';
}

function adaptSize(size: BatchSize, outcomes: readonly Outcome[]): void {
  const isAnswer = (outcome: Outcome) => typeof outcome === 'object' && !('failure' in outcome);
  if (outcomes.includes('retry in a smaller batch')) size.shrinkBelow(outcomes.length);
  else if (outcomes.length === 1 && outcomes[0] === 'unbatched') size.reset();
  else if (outcomes.every(isAnswer)) size.succeedWith(outcomes.length);
}

/**
 * Starts the next batch once as many searches wait as the last batch had, or the linger time is
 * over: clients that were answered together tend to send their next requests together. Doesn't
 * linger after a batch of one.
 */
function linger(group: Group, lastBatchSize: number, tookMs: number, start: () => void): void {
  const deadlineMs = performance.now() + Math.min(tookMs * LINGER_RATIO, MAX_LINGER_MS);
  const poll = () => {
    const isFull = lastBatchSize === 1 || group.waiting.length >= lastBatchSize;
    if (isFull || performance.now() >= deadlineMs) start();
    else setImmediate(poll);
  };
  poll();
}

/** Removes the first waiting searches, as many as fit into a batch. */
function takeBatch(group: Group): PendingSearch[] {
  group.waiting = group.waiting.filter(({ isActive }) => isActive);
  let length = 0;
  const end = group.waiting.findIndex(({ query: { term } }, index) => {
    length += term.length;
    return index > 0 && (index >= group.size.max || length > MAX_TERMS_LENGTH);
  });
  return group.waiting.splice(0, end === -1 ? group.waiting.length : end);
}
