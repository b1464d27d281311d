// Places for work: so many at once, so many wait in order of arrival, the rest are refused.
import { AppError } from '../../errors.js';
import { createSearchCounts, type SearchCounts } from '../search-counts.js';

export interface Limits {
  /** Searches that work at the same time. Heavy ones have half of these places at most, and one at least. */
  searchesPerWorker: number;
  /** Searches that wait to begin. Heavy ones have half of the queue at most. */
  searchQueue: number;
  /** Searches that have begun and not ended: also those whose reader takes a rest, and which need no place meanwhile. */
  answersPerWorker: number;
}

/** What one search does: begin, then work and rest in turns, then end. */
export interface Turn {
  /** Resolves when there is a place. The first time it throws `too_busy` where too many wait, and always the signal's reason. */
  work(): Promise<void>;
  /** Who does not go on soon loses the place for now. */
  rest(): void;
  end(): void;
}

/** The longest rest in which the place is kept: nearly all readers ask for more at once. */
export const REST_MS = 50;

/** One that has begun and has lost its place in a rest. */
interface Resting {
  /** Ends it: its reader is told so when it asks for more, and a new one can begin. */
  evict: () => void;
}

/**
 * `heavy` is work that takes long, or that one caller can make long at will. `shared` is work for many callers, who wait elsewhere: it is not counted among those who wait
 * or have begun, and has its turn like all others.
 */
export type Weight = 'light' | 'heavy' | 'shared';

interface Waiting {
  weight: Weight;
  isNew: boolean;
  go: () => void;
}

export class Places {
  readonly #limits: Limits;
  readonly #counts: SearchCounts;
  readonly #mostHeavy: number;
  readonly #waiting = new Set<Waiting>();
  /** Those that have rested longest first. */
  readonly #resting = new Set<Resting>();
  #newWaiting = 0;
  #newHeavyWaiting = 0;
  #working = 0;
  #heavyWorking = 0;
  #begun = 0;

  constructor(limits: Limits, counts = createSearchCounts()) {
    this.#limits = limits;
    this.#counts = counts;
    this.#mostHeavy = Math.max(1, Math.floor(limits.searchesPerWorker / 2));
  }

  /**
   * @param stop ends the work in a rest: it has rested longest of all, and another can't begin
   */
  turn(weight: Weight, signal: AbortSignal, stop: () => void): Turn {
    let hasBegun = false;
    let isWorking = false;
    let isEvicted = false;
    let timer: NodeJS.Timeout | undefined;
    const resting: Resting = {
      evict: () => {
        isEvicted = true;
        stop();
        end();
      },
    };
    const leave = () => {
      clearTimeout(timer);
      if (!isWorking) return;
      isWorking = false;
      this.#working -= 1;
      this.#counts.running -= 1;
      if (weight === 'heavy') this.#heavyWorking -= 1;
      this.#admit();
    };
    const end = () => {
      signal.removeEventListener('abort', end);
      this.#resting.delete(resting);
      leave();
      if (!hasBegun) return;
      hasBegun = false;
      this.#begun -= 1;
      this.#admit();
    };
    const rest = () => {
      timer = setTimeout(() => {
        if (!isWorking) return;
        this.#resting.add(resting);
        leave();
      }, REST_MS);
    };
    const work = async () => {
      clearTimeout(timer);
      this.#resting.delete(resting);
      signal.throwIfAborted();
      if (isEvicted) throw new AppError('too_busy', 'Others could not begin, and this answer was not read.');
      if (isWorking) return;
      const isNew = !hasBegun && weight !== 'shared';
      if (this.#has(weight, isNew)) this.#take(weight, isNew);
      else await this.#wait(weight, isNew, signal);
      isWorking = true;
      if (!isNew) return;
      hasBegun = true;
      // Its reader may never ask again.
      signal.addEventListener('abort', end, { once: true });
    };
    return { work, rest, end };
  }

  async #wait(weight: Weight, isNew: boolean, signal: AbortSignal): Promise<void> {
    const { searchQueue } = this.#limits;
    const isHeavy = weight === 'heavy';
    if (
      isNew &&
      (this.#newWaiting >= searchQueue || (isHeavy && this.#newHeavyWaiting >= Math.ceil(searchQueue / 2)))
    ) {
      this.#counts.refused += 1;
      throw new AppError('too_busy', `${this.#begun} searches are under way and ${this.#newWaiting} are waiting.`);
    }
    if (isNew) this.#newWaiting += 1;
    if (isNew) this.#counts.waiting += 1;
    if (isNew && isHeavy) this.#newHeavyWaiting += 1;
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        signal.removeEventListener('abort', giveUp);
        this.#waiting.delete(waiting);
        if (isNew) this.#newWaiting -= 1;
        if (isNew) this.#counts.waiting -= 1;
        if (isNew && isHeavy) this.#newHeavyWaiting -= 1;
      };
      const giveUp = () => {
        leave();
        reject(signal.reason);
      };
      const go = () => {
        leave();
        resolve();
      };
      const waiting = { weight, isNew, go };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.add(waiting);
      this.#admit();
    });
  }

  /** Whoever can go on goes on, before anyone else can take the place. */
  #admit(): void {
    for (const { weight, isNew, go } of this.#waiting) {
      if (!this.#has(weight, isNew)) continue;
      this.#take(weight, isNew);
      go();
    }
    // A new one has a place to work, but too many have begun.
    const couldBegin = [...this.#waiting].some(({ weight, isNew }) => isNew && this.#has(weight, false));
    const [longest] = this.#resting;
    if (couldBegin) longest?.evict();
  }

  #has(weight: Weight, isNew: boolean): boolean {
    const { searchesPerWorker, answersPerWorker } = this.#limits;
    if (this.#working >= searchesPerWorker) return false;
    if (weight === 'heavy' && this.#heavyWorking >= this.#mostHeavy) return false;
    return !isNew || this.#begun < answersPerWorker;
  }

  #take(weight: Weight, isNew: boolean): void {
    this.#working += 1;
    this.#counts.running += 1;
    if (weight === 'heavy') this.#heavyWorking += 1;
    if (isNew) this.#begun += 1;
  }
}
