// Bounds the work of one worker: so many searches run at once, so many wait in order of arrival, the rest are refused.
import { AppError } from '../errors.js';
import type { AllQuery, Answer, DictionaryList, SearchEngine, SearchQuery } from './engine.js';

export interface Limits {
  searchesPerWorker: number;
  searchQueue: number;
}

export class LimitedEngine implements SearchEngine {
  readonly #engine: SearchEngine;
  readonly #limits: Limits;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(engine: SearchEngine, limits: Limits) {
    this.#engine = engine;
    this.#limits = limits;
  }

  search(query: SearchQuery, signal: AbortSignal): Answer {
    return this.#inTurn(() => this.#engine.search(query, signal), signal);
  }

  all(query: AllQuery, signal: AbortSignal): Answer {
    return this.#inTurn(() => this.#engine.all(query, signal), signal);
  }

  dictionaries(): Promise<DictionaryList> {
    return this.#engine.dictionaries();
  }

  async *#inTurn(start: () => Answer, signal: AbortSignal): Answer {
    await this.#enter(signal);
    try {
      return yield* start();
    } finally {
      this.#leave();
    }
  }

  async #enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#running < this.#limits.searchesPerWorker) {
      this.#running += 1;
      return;
    }
    if (this.#waiting.size >= this.#limits.searchQueue) {
      throw new AppError('too_busy', `${this.#running} searches are running and ${this.#waiting.size} are waiting.`);
    }
    await new Promise<void>((resolve, reject) => {
      const giveUp = () => {
        this.#waiting.delete(go);
        reject(signal.reason);
      };
      const go = () => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.add(go);
    });
  }

  /** Hands the place to the one that has waited longest: it is never free in between, so nobody can overtake. */
  #leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#running -= 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
