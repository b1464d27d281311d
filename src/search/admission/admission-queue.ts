// Admission control: which searches may run now, which wait, and which are rejected.
//
// Goals: bound the concurrent work of a worker, keep the order of arrival, let cheap searches past
// expensive ones, and let no client that reads slowly keep others waiting.
//
// Invariant: at most `searchesPerWorker` slots are acquired, at most half of them (at least one) by
// expensive searches, and at most `answersPerWorker` searches have started and not ended. A query
// of several terms counts as that many; one of more than `answersPerWorker` starts alone.
//
// Steps of a search: it acquires a slot, or waits in the queue for one. Between two batches of its
// answer it pauses; if the pause exceeds `PAUSE_MS`, another search gets the slot, and it queues
// again when its client reads on. If a slot is free but too many answers are open, the search that
// has been paused longest is evicted, so that a new one can start.
//
// Batches and searches take turns when both wait: a batch stands for several searches, which would
// otherwise wait behind each of those that arrived first.
import { availableParallelism } from 'node:os';
import { AppError } from '../../errors.js';
import type { Tracer } from '../../tracing/tracer.js';
import { withSpan } from '../../tracing/with-span.js';
import { createSearchCounts, type SearchCounts } from '../search-counts.js';

export interface Limits {
  /** Concurrent searches. Expensive ones get at most half of the slots, and at least one. */
  searchesPerWorker: number;
  /** Searches that wait to start. Expensive ones get at most half of the queue. */
  searchQueue: number;
  /** Searches that have started and not ended, including paused ones, which hold no slot. */
  answersPerWorker: number;
}

/** The slot of one search: acquired, then paused and acquired again repeatedly, then released. */
export interface Slot {
  /**
   * Resolves once the search may run. The first call throws `too_busy` if the queue is full; every
   * call throws the signal's reason, and `too_busy` after an eviction.
   */
  acquire(): Promise<void>;
  /** After `PAUSE_MS`, gives the slot to another search. */
  pause(): void;
  release(): void;
}

/** Nearly all clients read on sooner than this. */
export const PAUSE_MS = 50;

/**
 * `expensive` is a search that takes long, or that a caller can make take long. `batch` is a grep
 * for several searches, which wait elsewhere, so it counts neither as waiting nor as started.
 */
export type Cost = 'cheap' | 'expensive' | 'batch';

interface PausedSlot {
  /** Ends the search; its client gets `too_busy` when it reads on. */
  evict: () => void;
}

interface Start {
  cost: Cost;
  /** How many searches start. 0 if the search has started before, or is a batch. */
  answers: number;
}

interface Waiter extends Start {
  admit: () => void;
}

export class AdmissionQueue {
  /**
   * Slots for a search that can use several cores: those that no other search needs now, and only
   * for cores that no search of this worker uses. They keep no other search waiting.
   */
  readonly spareSlots = {
    acquire: (max: number): number => {
      const { searchesPerWorker } = this.#limits;
      const free = Math.min(searchesPerWorker, availableParallelism()) - this.#running - this.#spare;
      const count = this.#waiters.size > 0 ? 0 : Math.max(0, Math.min(max, free));
      this.#spare += count;
      return count;
    },
    release: (count: number): void => {
      this.#spare -= count;
    },
  };

  readonly #limits: Limits;
  readonly #counts: SearchCounts;
  readonly #tracer: Tracer | undefined;
  readonly #maxExpensive: number;
  readonly #waiters = new Set<Waiter>();
  /** Whether the last waiter that was admitted was a batch. */
  #wasBatch = false;
  /** Oldest first. */
  readonly #paused = new Set<PausedSlot>();
  #newWaiting = 0;
  #newExpensiveWaiting = 0;
  #running = 0;
  /** The spare slots that are acquired. */
  #spare = 0;
  #expensiveRunning = 0;
  #started = 0;

  constructor(limits: Limits, counts = createSearchCounts(), tracer?: Tracer) {
    this.#limits = limits;
    this.#counts = counts;
    this.#tracer = tracer;
    this.#maxExpensive = Math.max(1, Math.floor(limits.searchesPerWorker / 2));
  }

  /**
   * @param onEvict ends the work of a paused search, so that a new one can start
   * @param answers how many searches it counts as once it has started
   */
  createSlot(cost: Cost, signal: AbortSignal, onEvict: () => void, answers = 1): Slot {
    let hasStarted = false;
    let isRunning = false;
    let isEvicted = false;
    let timer: NodeJS.Timeout | undefined;
    const pausedSlot: PausedSlot = {
      evict: () => {
        isEvicted = true;
        onEvict();
        release();
      },
    };
    const stopRunning = () => {
      clearTimeout(timer);
      if (!isRunning) return;
      isRunning = false;
      this.#running -= 1;
      this.#counts.running -= 1;
      if (cost === 'expensive') this.#expensiveRunning -= 1;
      this.#admitWaiters();
    };
    const release = () => {
      signal.removeEventListener('abort', release);
      this.#paused.delete(pausedSlot);
      stopRunning();
      if (!hasStarted) return;
      hasStarted = false;
      this.#started -= answers;
      this.#admitWaiters();
    };
    const pause = () => {
      timer = setTimeout(() => {
        if (!isRunning) return;
        this.#paused.add(pausedSlot);
        stopRunning();
      }, PAUSE_MS);
    };
    const acquire = async () => {
      clearTimeout(timer);
      this.#paused.delete(pausedSlot);
      signal.throwIfAborted();
      if (isEvicted)
        throw new AppError(
          'too_busy',
          'The client read the answer too slowly, and another search took its slot. Read faster, or request less.',
        );
      if (isRunning) return;
      const isNew = !hasStarted && cost !== 'batch';
      const start = { cost, answers: isNew ? answers : 0 };
      if (this.#canRun(start)) this.#run(start);
      else await this.#traceWait(start, signal);
      isRunning = true;
      if (!isNew) return;
      hasStarted = true;
      // The client may never read on.
      signal.addEventListener('abort', release, { once: true });
    };
    return { acquire, pause, release };
  }

  /** A batch waits on behalf of searches that record it themselves. */
  #traceWait(start: Start, signal: AbortSignal): Promise<void> {
    const wait = () => this.#wait(start, signal);
    return start.cost === 'batch' ? wait() : withSpan(this.#tracer, 'queue wait', {}, wait);
  }

  async #wait({ cost, answers }: Start, signal: AbortSignal): Promise<void> {
    const isExpensive = cost === 'expensive';
    const isNew = answers > 0;
    if (isNew && this.#isFull(isExpensive)) {
      this.#counts.rejected += 1;
      throw new AppError(
        'too_busy',
        `The search queue is full: ${this.#started} searches are running and ${this.#newWaiting} are waiting. Try again later.`,
      );
    }
    this.#countWaiting(isNew, isExpensive, 1);
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        signal.removeEventListener('abort', abort);
        this.#waiters.delete(waiter);
        this.#countWaiting(isNew, isExpensive, -1);
      };
      const abort = () => {
        leave();
        reject(signal.reason);
      };
      const admit = () => {
        leave();
        resolve();
      };
      const waiter = { cost, answers, admit };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiters.add(waiter);
      this.#admitWaiters();
    });
  }

  #isFull(isExpensive: boolean): boolean {
    const { searchQueue } = this.#limits;
    if (this.#newWaiting >= searchQueue) return true;
    return isExpensive && this.#newExpensiveWaiting >= Math.ceil(searchQueue / 2);
  }

  #countWaiting(isNew: boolean, isExpensive: boolean, change: 1 | -1): void {
    if (!isNew) return;
    this.#newWaiting += change;
    this.#counts.waiting += change;
    if (isExpensive) this.#newExpensiveWaiting += change;
  }

  /** Admits every waiter that can run, before a new caller can take its slot. */
  #admitWaiters(): void {
    for (let next = this.#nextWaiter(); next !== undefined; next = this.#nextWaiter()) {
      this.#wasBatch = next.cost === 'batch';
      this.#run(next);
      next.admit();
    }
    // A slot is free, but too many answers are open.
    const couldStart = [...this.#waiters].some(
      ({ cost, answers }) => answers > 0 && this.#canRun({ cost, answers: 0 }),
    );
    const [oldest] = this.#paused;
    if (couldStart) oldest?.evict();
  }

  /** Returns the oldest waiter of the kind whose turn it is that can run, or else of the other. */
  #nextWaiter(): Waiter | undefined {
    let other: Waiter | undefined;
    for (const waiter of this.#waiters) {
      if (!this.#canRun(waiter)) continue;
      if ((waiter.cost === 'batch') !== this.#wasBatch) return waiter;
      other ??= waiter;
    }
    return other;
  }

  #canRun({ cost, answers }: Start): boolean {
    const { searchesPerWorker, answersPerWorker } = this.#limits;
    if (this.#running >= searchesPerWorker) return false;
    if (cost === 'expensive' && this.#expensiveRunning >= this.#maxExpensive) return false;
    return answers === 0 || this.#started === 0 || this.#started + answers <= answersPerWorker;
  }

  #run({ cost, answers }: Start): void {
    this.#running += 1;
    this.#counts.running += 1;
    if (cost === 'expensive') this.#expensiveRunning += 1;
    this.#started += answers;
  }
}
