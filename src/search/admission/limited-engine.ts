// Bounds the work of one worker. A search holds a slot while it works, but not while it waits for
// its reader. Mistaken and oversized regular expressions are rejected without a slot. All requests
// that arrive before a listing or a count of words starts share it, and it holds one slot.
import { KeyedTrailingCall } from '../../concurrency/keyed-trailing-call.js';
import { TrailingCall } from '../../concurrency/trailing-call.js';
import type {
  AllQuery,
  Answer,
  CountQuery,
  DictionaryList,
  EntryIn,
  Format,
  ListedFile,
  ListQuery,
  SearchEngine,
  SearchQuery,
  Term,
} from '../engine.js';
import { assertRegex, assertRegexes } from '../pattern/assert-regex.js';
import { isExpensive } from '../pattern/expensive-term.js';
import {
  type ConcordanceLine,
  type ConcordanceQuery,
  type Conditions,
  type FileCount,
  type FindQuery,
  type Frequency,
  type FrequencyQuery,
  isPlain,
  type QueryEngine,
} from '../query.js';
import type { AdmissionQueue, Cost } from './admission-queue.js';

export class LimitedEngine implements QueryEngine {
  readonly #engine: QueryEngine;
  readonly #queue: AdmissionQueue;
  readonly #listing: TrailingCall<DictionaryList>;
  readonly #wordCounts: KeyedTrailingCall<string | undefined, ReadonlyMap<string, number>>;
  readonly #files: KeyedTrailingCall<string | undefined, readonly ListedFile[]>;

  constructor(engine: QueryEngine, queue: AdmissionQueue) {
    this.#engine = engine;
    this.#queue = queue;
    this.#listing = new TrailingCall((signal) => this.#withSlot('cheap', signal, () => engine.dictionaries(signal)));
    // Counting the words takes a pass over the text.
    this.#wordCounts = new KeyedTrailingCall((dictionary, signal) =>
      this.#withSlot(this.#costOf(dictionary), signal, () => engine.wordCounts(dictionary, signal)),
    );
    this.#files = new KeyedTrailingCall((dictionary, signal) =>
      this.#withSlot('cheap', signal, () => engine.files(dictionary, signal)),
    );
  }

  async *search<Some extends Format>(
    query: SearchQuery & { format: Some },
    signal: AbortSignal,
  ): Answer<EntryIn<Some>> {
    assertRegex(query);
    const cost = isExpensive(query) ? 'expensive' : this.#costOf(query.dictionary);
    return yield* this.#answerWithSlot(() => this.#engine.search(query, signal), cost, signal);
  }

  find<Some extends Format>(query: FindQuery & { format: Some }, signal: AbortSignal): Answer<EntryIn<Some>> {
    return this.#query(query, () => this.#engine.find(query, signal), signal);
  }

  concordance(query: ConcordanceQuery, signal: AbortSignal): Answer<ConcordanceLine> {
    return this.#query(query, () => this.#engine.concordance(query, signal), signal);
  }

  count(query: Conditions, signal: AbortSignal): Answer<FileCount> {
    return this.#query(query, () => this.#engine.count(query, signal), signal);
  }

  frequencies(query: FrequencyQuery, signal: AbortSignal): Answer<Frequency> {
    return this.#query(query, () => this.#engine.frequencies(query, signal), signal);
  }

  all<Some extends Format>(query: AllQuery & { format: Some }, signal: AbortSignal): Answer<EntryIn<Some>> {
    return this.#answerWithSlot(() => this.#engine.all(query, signal), this.#costOf(query.dictionary), signal);
  }

  get lineLength(): number {
    return this.#engine.lineLength;
  }

  list(query: ListQuery, signal: AbortSignal): Answer<string> {
    return this.#answerWithSlot(() => this.#engine.list(query, signal), 'cheap', signal);
  }

  matchTexts(term: Term, texts: readonly string[], signal: AbortSignal): ReturnType<SearchEngine['matchTexts']> {
    const cost = isExpensive(term) ? 'expensive' : 'cheap';
    return this.#withSlot(cost, signal, () => this.#engine.matchTexts(term, texts, signal));
  }

  files(dictionary: string | undefined, signal: AbortSignal): Promise<readonly ListedFile[]> {
    return this.#files.run(dictionary, signal);
  }

  async entryCounts(query: CountQuery, signal: AbortSignal): ReturnType<SearchEngine['entryCounts']> {
    assertRegex(query);
    const cost = isExpensive(query) ? 'expensive' : this.#costOf(query.dictionary);
    return this.#withSlot(cost, signal, () => this.#engine.entryCounts(query, signal));
  }

  lineCounts(dictionary: string | undefined, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    return this.#withSlot(this.#costOf(dictionary), signal, () => this.#engine.lineCounts(dictionary, signal));
  }

  wordCounts(dictionary: string | undefined, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    return this.#wordCounts.run(dictionary, signal);
  }

  version(dictionary: string | undefined): ReturnType<SearchEngine['version']> {
    return this.#engine.version(dictionary);
  }

  listedName(dictionary: string): ReturnType<SearchEngine['listedName']> {
    return this.#engine.listedName(dictionary);
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

  /** All searches of a query share one slot. */
  async *#query<Some>(query: Conditions, start: () => Answer<Some>, signal: AbortSignal): Answer<Some> {
    const terms = [...query.all_of, ...query.any_of, ...query.none_of];
    assertRegexes(terms.filter(isPlain));
    const cost = terms.some((term) => !isPlain(term) || isExpensive(term))
      ? 'expensive'
      : this.#costOf(query.dictionary);
    return yield* this.#answerWithSlot(start, cost, signal, terms.length);
  }

  #costOf(dictionary: string | undefined): Cost {
    return this.#engine.isLarge(dictionary) ? 'expensive' : 'cheap';
  }

  async #withSlot<Value>(cost: Cost, signal: AbortSignal, work: () => Promise<Value>): Promise<Value> {
    const slot = this.#queue.createSlot(cost, signal, () => {});
    try {
      await slot.acquire();
      return await work();
    } finally {
      slot.release();
    }
  }

  async *#answerWithSlot<Some>(start: () => Answer<Some>, cost: Cost, signal: AbortSignal, answers = 1): Answer<Some> {
    let answer: Answer<Some> | undefined;
    // An evicted answer is paused, so it can be ended here although its reader hasn't finished.
    const endAnswer = () => answer?.return({ nrOfEntries: 0 }).catch(() => {});
    const slot = this.#queue.createSlot(cost, signal, endAnswer, answers);
    try {
      await slot.acquire();
      answer = start();
      for (;;) {
        const step = await answer.next();
        if (step.done) return step.value;
        slot.pause();
        yield step.value;
        await slot.acquire();
      }
    } finally {
      // The reader has left, or the deadline has passed during a pause.
      await answer?.return({ nrOfEntries: 0 });
      slot.release();
    }
  }
}
