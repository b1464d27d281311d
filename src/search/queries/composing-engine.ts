// Answers queries of several conditions by combining searches of one term each.
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
import { concordance } from './concordance.js';
import { countByFile } from './count-by-file.js';
import { findEntries } from './find-entries.js';
import { countTexts } from './frequencies.js';

export class ComposingEngine implements QueryEngine {
  readonly #engine: SearchEngine;

  constructor(engine: SearchEngine) {
    this.#engine = engine;
  }

  find<Some extends Format>(query: FindQuery & { format: Some }, signal: AbortSignal): Answer<EntryIn<Some>> {
    return findEntries(this.#engine, query, signal);
  }

  concordance(query: ConcordanceQuery, signal: AbortSignal): Answer<ConcordanceLine> {
    return concordance(this.#engine, query, signal);
  }

  count(query: Conditions, signal: AbortSignal): Answer<FileCount> {
    return countByFile(this.#engine, query, signal);
  }

  frequencies(query: FrequencyQuery, signal: AbortSignal): Answer<Frequency> {
    return countTexts(this.#engine, query, signal);
  }

  search<Some extends Format>(query: SearchQuery & { format: Some }, signal: AbortSignal): Answer<EntryIn<Some>> {
    return this.#engine.search(query, signal);
  }

  all<Some extends Format>(query: AllQuery & { format: Some }, signal: AbortSignal): Answer<EntryIn<Some>> {
    return this.#engine.all(query, signal);
  }

  get lineLength(): number {
    return this.#engine.lineLength;
  }

  list(query: ListQuery, signal: AbortSignal): Answer<string> {
    return this.#engine.list(query, signal);
  }

  matchTexts(term: Term, texts: readonly string[], signal: AbortSignal): Promise<(Match[] | undefined)[]> {
    return this.#engine.matchTexts(term, texts, signal);
  }

  files(dictionary: string | undefined, signal: AbortSignal): Promise<readonly ListedFile[]> {
    return this.#engine.files(dictionary, signal);
  }

  entryCounts(query: CountQuery, signal: AbortSignal): ReturnType<SearchEngine['entryCounts']> {
    return this.#engine.entryCounts(query, signal);
  }

  lineCounts(dictionary: string | undefined, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    return this.#engine.lineCounts(dictionary, signal);
  }

  wordCounts(dictionary: string | undefined, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    return this.#engine.wordCounts(dictionary, signal);
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
    return this.#engine.dictionaries(signal);
  }

  check(): Promise<void> {
    return this.#engine.check();
  }

  close(): Promise<void> {
    return this.#engine.close();
  }
}
