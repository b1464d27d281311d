// The view that a caller with a limited key has of an engine, as if it had no other dictionaries.
//
// Goals: no name, text or count of another dictionary reaches the caller, however a request spells
// its name; and callers with the same view share searches and answers.
//
// Invariant: the engine behind only gets names and selectors that lead to visible dictionaries.
import { TtlCache } from '../../concurrency/ttl-cache.js';
import { createNameFilter } from '../corpus/name-filter.js';
import { selectorOfMatching } from '../dictionary-selector.js';
import type {
  AllQuery,
  Answer,
  CountQuery,
  DictionaryList,
  EntryIn,
  Format,
  ListedFile,
  ListQuery,
  Match,
  SearchEngine,
  SearchQuery,
  Term,
} from '../engine.js';
import type {
  ConcordanceLine,
  ConcordanceQuery,
  Conditions,
  FileCount,
  FindQuery,
  Frequency,
  FrequencyQuery,
  QueryEngine,
} from '../query.js';
import { SelectorResolver } from './selector-resolver.js';

/** How long a default dictionary that was chosen from the visible ones stays the default. */
const DEFAULT_TTL_MS = 1_000;

export class VisibleEngine implements QueryEngine {
  readonly #engine: QueryEngine;
  readonly #isVisible: (name: string) => boolean;
  readonly #resolver: SelectorResolver;
  readonly #default: TtlCache<string | undefined>;
  /** The default dictionary of the engine, once it is known. It never changes. */
  #engineDefault: string | undefined;
  /** Callers share lists, so that they can be rendered once. */
  readonly #lists = new WeakMap<DictionaryList, DictionaryList>();

  /** @param globs for the names of the visible dictionaries, at least one */
  constructor(engine: QueryEngine, globs: readonly string[]) {
    this.#engine = engine;
    this.#isVisible = createNameFilter(globs);
    this.#default = new TtlCache(async (signal) => (await this.dictionaries(signal)).default, DEFAULT_TTL_MS);
    this.#resolver = new SelectorResolver({
      isVisible: this.#isVisible,
      all: selectorOfMatching(globs),
      listedName: (name) => engine.listedName(name),
      defaultName: () => this.#defaultName(),
    });
  }

  get lineLength(): number {
    return this.#engine.lineLength;
  }

  search<Some extends Format>(query: SearchQuery & { format: Some }, signal: AbortSignal): Answer<EntryIn<Some>> {
    return this.#answer(query, signal, (resolved) => this.#engine.search(resolved, signal));
  }

  find<Some extends Format>(query: FindQuery & { format: Some }, signal: AbortSignal): Answer<EntryIn<Some>> {
    return this.#answer(query, signal, (resolved) => this.#engine.find(resolved, signal));
  }

  all<Some extends Format>(query: AllQuery & { format: Some }, signal: AbortSignal): Answer<EntryIn<Some>> {
    return this.#answer(query, signal, (resolved) => this.#engine.all(resolved, signal));
  }

  concordance(query: ConcordanceQuery, signal: AbortSignal): Answer<ConcordanceLine> {
    return this.#answer(query, signal, (resolved) => this.#engine.concordance(resolved, signal));
  }

  count(query: Conditions, signal: AbortSignal): Answer<FileCount> {
    return this.#answer(query, signal, (resolved) => this.#engine.count(resolved, signal));
  }

  frequencies(query: FrequencyQuery, signal: AbortSignal): Answer<Frequency> {
    return this.#answer(query, signal, (resolved) => this.#engine.frequencies(resolved, signal));
  }

  list(query: ListQuery, signal: AbortSignal): Answer<string> {
    return this.#engine.list({ ...query, isVisible: this.#isVisible }, signal);
  }

  matchTexts(term: Term, texts: readonly string[], signal: AbortSignal): Promise<(Match[] | undefined)[]> {
    return this.#engine.matchTexts(term, texts, signal);
  }

  files(dictionary: string | undefined, signal: AbortSignal): Promise<readonly ListedFile[]> {
    return this.#call(dictionary, (name) => this.#engine.files(name, signal));
  }

  lineCounts(dictionary: string | undefined, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    return this.#call(dictionary, (name) => this.#engine.lineCounts(name, signal));
  }

  wordCounts(dictionary: string | undefined, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    return this.#call(dictionary, (name) => this.#engine.wordCounts(name, signal));
  }

  entryCounts(query: CountQuery, signal: AbortSignal): ReturnType<SearchEngine['entryCounts']> {
    return this.#call(query.dictionary, (dictionary) => this.#engine.entryCounts({ ...query, dictionary }, signal));
  }

  version(dictionary: string | undefined): ReturnType<SearchEngine['version']> {
    const resolved = this.#resolver.resolve(dictionary);
    return resolved instanceof Promise
      ? resolved.then((selector) => this.#engine.version(selector))
      : this.#engine.version(resolved);
  }

  async listedName(dictionary: string): Promise<string> {
    return this.#engine.listedName(await this.#resolver.resolve(dictionary));
  }

  /** Only decides how a search is scheduled, which this engine leaves to the one behind it. */
  isLarge(): boolean {
    return false;
  }

  async dictionaries(signal: AbortSignal): Promise<DictionaryList> {
    const list = await this.#engine.dictionaries(signal);
    this.#engineDefault = list.default;
    const known = this.#lists.get(list);
    if (known !== undefined) return known;
    const dictionaries = list.dictionaries.filter(({ name }) => this.#isVisible(name));
    const name = (await this.#visibleEngineDefault()) ?? dictionaries[0]?.name;
    const visible = { ...(name !== undefined && { default: name }), dictionaries };
    this.#lists.set(list, visible);
    return visible;
  }

  async #defaultName(): Promise<string | undefined> {
    return (await this.#visibleEngineDefault()) ?? this.#default.get(NO_SIGNAL);
  }

  /** Returns `undefined` if it isn't visible, or isn't known yet. */
  async #visibleEngineDefault(): Promise<string | undefined> {
    const name = this.#engineDefault;
    return name !== undefined && (await this.#resolver.canResolve(name)) ? name : undefined;
  }

  check(): Promise<void> {
    return this.#engine.check();
  }

  /** Leaves the engine open, because others use it. */
  async close(): Promise<void> {}

  async #call<Value>(dictionary: string | undefined, call: (selector: string) => Promise<Value>): Promise<Value> {
    const selector = await this.#resolver.resolve(dictionary);
    const value = await call(selector);
    await this.#resolver.assertUnchanged(selector);
    return value;
  }

  async *#answer<Query extends { dictionary?: string | undefined }, Some>(
    query: Query,
    signal: AbortSignal,
    start: (resolved: Query) => Answer<Some>,
  ): Answer<Some> {
    signal.throwIfAborted();
    const dictionary = await this.#resolver.resolve(query.dictionary);
    const answer = start({ ...query, dictionary });
    try {
      for (let isFirst = true; ; isFirst = false) {
        const step = await answer.next();
        // By now, the engine has resolved the selector.
        if (isFirst) await this.#resolver.assertUnchanged(dictionary);
        if (step.done) return step.value;
        yield step.value;
      }
    } finally {
      await answer.return({ nrOfEntries: 0 });
    }
  }
}

const NO_SIGNAL = new AbortController().signal;
