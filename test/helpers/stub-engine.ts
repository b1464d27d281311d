// A search engine with a programmable response.
import type { AllQuery, Answer, ListQuery, SearchQuery } from '../../src/search/engine.js';
import { inFormat } from '../../src/search/entries/typed-answer.js';
import { type QueryEngine, toSearchQuery } from '../../src/search/query.js';

type Respond = (query: AllQuery | SearchQuery | ListQuery, signal: AbortSignal) => Answer;

/** Queries for entries are answered as searches. Nothing else is answered. */
const unanswered = () => {
  throw new Error('The stub answers no such query.');
};

export function stubEngine(respond: Respond): QueryEngine {
  return {
    lineLength: Number.POSITIVE_INFINITY,
    search: (query, signal) => inFormat(query, respond(query, signal)),
    find: (query, signal) => inFormat(query, respond(toSearchQuery(query) ?? query, signal)),
    concordance: unanswered,
    count: unanswered,
    frequencies: unanswered,
    all: (query, signal) => inFormat(query, respond(query, signal)),
    list: (query, signal) => respond(query, signal) as Answer<string>,
    matchTexts: async (_, texts) => texts.map(() => undefined),
    files: async () => [],
    entryCounts: async () => undefined,
    lineCounts: async () => new Map(),
    wordCounts: async () => new Map(),
    version: async () => undefined,
    listedName: (dictionary) => dictionary,
    isLarge: () => false,
    dictionaries: async () => ({ default: 'stub', dictionaries: [] }),
    check: async () => {},
    close: async () => {},
  };
}

/** Waits until the signal aborts, like a slow search. */
export async function untilAborted(signal: AbortSignal): Promise<never> {
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  throw signal.reason;
}
