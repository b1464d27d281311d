// Queries and options with defaults filled in.
import type { AllQuery, SearchQuery } from '../../src/search/engine.js';
import type { EngineOptions } from '../../src/search/open-engine.js';

export function allQuery(query: Partial<AllQuery> = {}): AllQuery {
  return { nresults: 0, offset: 0, unit: 'line', order: 'file', format: 'text', ...query };
}

export function searchQuery(query: Partial<SearchQuery> = {}): SearchQuery {
  return { ...allQuery(), term: 'love', syntax: 'literal', ignore_case: false, n_before: 0, n_after: 0, ...query };
}

/** A request body. Requests with different numbers share neither a grep nor an answer. */
export function unsharedSearch(number: number): object {
  const term = 'HISTORY, n';
  return { action: 'search', dictionary: 'devils-dictionary.txt', term, syntax: 'word', n_before: number };
}

export function engineOptions(options: Partial<EngineOptions> & Pick<EngineOptions, 'dictionariesDir'>): EngineOptions {
  return {
    defaultDictionary: undefined,
    searchesPerWorker: 8,
    searchQueue: 8,
    answersPerWorker: 64,
    lineLength: 1_000_000,
    searchMemoryBytes: 256 * 1024 * 1024,
    maxDecompressedBytes: 64 * 1024 * 1024,
    urls: [],
    searchTimeoutMs: 10_000,
    ...options,
  };
}
