// A search engine with a programmable response.
import type { AllQuery, Answer, ListQuery, SearchEngine, SearchQuery } from '../../src/search/engine.js';
import { inFormat } from '../../src/search/entries/typed-answer.js';

type Respond = (query: AllQuery | SearchQuery | ListQuery, signal: AbortSignal) => Answer;

export function stubEngine(respond: Respond): SearchEngine {
  return {
    search: (query, signal) => inFormat(query, respond(query, signal)),
    all: (query, signal) => inFormat(query, respond(query, signal)),
    list: (query, signal) => respond(query, signal) as Answer<string>,
    matchTexts: async (_, texts) => texts.map(() => undefined),
    files: async () => [],
    entryCounts: async () => undefined,
    lineCounts: async () => new Map(),
    wordCounts: async () => new Map(),
    version: async () => undefined,
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
