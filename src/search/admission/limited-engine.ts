// Bounds the work of one worker. A search holds a slot while it works, but not while it waits for its
// reader. A regular expression that is mistaken or too large is rejected before its search takes a
// slot. All requests that arrive before a listing starts share it, and it holds one slot.
import { SharedLookups } from '../../concurrency/keyed-trailing-call.js';
import { TrailingCall } from '../../concurrency/trailing-call.js';
import type { AllQuery, Answer, DictionaryList, ListedFile, ListQuery, SearchEngine, SearchQuery } from '../engine.js';
import { assertRegex } from '../pattern/assert-regex.js';
import { isHeavy } from '../pattern/expensive-term.js';
import type { Places, Weight } from './admission-queue.js';

export class LimitedEngine implements SearchEngine {
  readonly #engine: SearchEngine;
  readonly #places: Places;
  readonly #listing: TrailingCall<DictionaryList>;
  readonly #files: SharedLookups<string | undefined, readonly ListedFile[]>;

  constructor(engine: SearchEngine, places: Places) {
    this.#engine = engine;
    this.#places = places;
    this.#listing = new TrailingCall((signal) => this.#inPlace('light', signal, () => engine.dictionaries(signal)));
    this.#files = new SharedLookups((dictionary, signal) =>
      this.#inPlace('light', signal, () => engine.files(dictionary, signal)),
    );
  }

  async *search(query: SearchQuery, signal: AbortSignal): Answer {
    assertRegex(query);
    const weight = isHeavy(query) ? 'heavy' : this.#weightOf(query.dictionary);
    return yield* this.#inTurn(() => this.#engine.search(query, signal), weight, signal);
  }

  all(query: AllQuery, signal: AbortSignal): Answer {
    return this.#inTurn(() => this.#engine.all(query, signal), this.#weightOf(query.dictionary), signal);
  }

  list(query: ListQuery, signal: AbortSignal): Answer {
    return this.#inTurn(() => this.#engine.list(query, signal), 'light', signal);
  }

  files(dictionary: string | undefined, signal: AbortSignal): Promise<readonly ListedFile[]> {
    return this.#files.run(dictionary, signal);
  }

  lineCounts(dictionary: string | undefined, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    return this.#inPlace(this.#weightOf(dictionary), signal, () => this.#engine.lineCounts(dictionary, signal));
  }

  version(dictionary: string | undefined): ReturnType<SearchEngine['version']> {
    return this.#engine.version(dictionary);
  }

  isLarge(dictionary: string | undefined): boolean {
    return this.#engine.isLarge(dictionary);
  }

  dictionaries(signal: AbortSignal): Promise<DictionaryList> {
    return this.#listing.run(signal);
  }

  check(): Promise<void> {
    return this.#engine.check();
  }

  /** Searches that still wait for a slot fail when they get one. */
  close(): Promise<void> {
    return this.#engine.close();
  }

  #weightOf(dictionary: string | undefined): Weight {
    return this.#engine.isLarge(dictionary) ? 'heavy' : 'light';
  }

  async #inPlace<Value>(weight: Weight, signal: AbortSignal, work: () => Promise<Value>): Promise<Value> {
    const turn = this.#places.turn(weight, signal, () => {});
    try {
      await turn.work();
      return await work();
    } finally {
      turn.end();
    }
  }

  async *#inTurn(start: () => Answer, weight: Weight, signal: AbortSignal): Answer {
    let answer: Answer | undefined;
    // The answer rests then, and can be ended without its reader.
    const end = () => answer?.return({ nrOfEntries: 0 }).catch(() => {});
    const turn = this.#places.turn(weight, signal, end);
    try {
      await turn.work();
      answer = start();
      for (;;) {
        const step = await answer.next();
        if (step.done) return step.value;
        turn.rest();
        yield step.value;
        await turn.work();
      }
    } finally {
      // Where the reader leaves, or the time is up while it rests.
      await answer?.return({ nrOfEntries: 0 });
      turn.end();
    }
  }
}
