// Bounds the work of one worker. A search holds a place while it works, not while its reader takes its time.
import type { AllQuery, Answer, DictionaryList, ListQuery, SearchEngine, SearchQuery } from './engine.js';
import { isHeavy } from './heavy.js';
import { type Limits, Places } from './places.js';

export class LimitedEngine implements SearchEngine {
  readonly #engine: SearchEngine;
  readonly #places: Places;

  constructor(engine: SearchEngine, limits: Limits) {
    this.#engine = engine;
    this.#places = new Places(limits);
  }

  search(query: SearchQuery, signal: AbortSignal): Answer {
    return this.#inTurn(() => this.#engine.search(query, signal), isHeavy(query), signal);
  }

  all(query: AllQuery, signal: AbortSignal): Answer {
    return this.#inTurn(() => this.#engine.all(query, signal), false, signal);
  }

  list(query: ListQuery, signal: AbortSignal): Answer {
    return this.#inTurn(() => this.#engine.list(query, signal), false, signal);
  }

  dictionaries(): Promise<DictionaryList> {
    return this.#engine.dictionaries();
  }

  async *#inTurn(start: () => Answer, isHeavy: boolean, signal: AbortSignal): Answer {
    let answer: Answer | undefined;
    // The answer rests then, and can be ended without its reader.
    const end = () => answer?.return({ nrOfEntries: 0 }).catch(() => {});
    const turn = this.#places.turn(isHeavy, signal, end);
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
