// Bounds the work of one worker. A search holds a place while it works, not while its reader takes its time.
import type { AllQuery, Answer, DictionaryList, ListedFile, ListQuery, SearchEngine, SearchQuery } from './engine.js';
import { isHeavy } from './heavy.js';
import type { Places, Weight } from './places.js';

export class LimitedEngine implements SearchEngine {
  readonly #engine: SearchEngine;
  readonly #places: Places;

  constructor(engine: SearchEngine, places: Places) {
    this.#engine = engine;
    this.#places = places;
  }

  search(query: SearchQuery, signal: AbortSignal): Answer {
    const weight = isHeavy(query) ? 'heavy' : this.#weightOf(query.dictionary);
    return this.#inTurn(() => this.#engine.search(query, signal), weight, signal);
  }

  all(query: AllQuery, signal: AbortSignal): Answer {
    return this.#inTurn(() => this.#engine.all(query, signal), this.#weightOf(query.dictionary), signal);
  }

  list(query: ListQuery, signal: AbortSignal): Answer {
    return this.#inTurn(() => this.#engine.list(query, signal), 'light', signal);
  }

  files(dictionary: string | undefined): Promise<ListedFile[]> {
    return this.#engine.files(dictionary);
  }

  async lineCounts(dictionary: string | undefined, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    const turn = this.#places.turn(this.#weightOf(dictionary), signal, () => {});
    try {
      await turn.work();
      return await this.#engine.lineCounts(dictionary, signal);
    } finally {
      turn.end();
    }
  }

  version(dictionary: string | undefined): ReturnType<SearchEngine['version']> {
    return this.#engine.version(dictionary);
  }

  isLarge(dictionary: string | undefined): boolean {
    return this.#engine.isLarge(dictionary);
  }

  dictionaries(): Promise<DictionaryList> {
    return this.#engine.dictionaries();
  }

  check(): Promise<void> {
    return this.#engine.check();
  }

  #weightOf(dictionary: string | undefined): Weight {
    return this.#engine.isLarge(dictionary) ? 'heavy' : 'light';
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
