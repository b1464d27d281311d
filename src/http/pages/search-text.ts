// Runs the search of a text page. Its failure doesn't keep the page from showing the text.
import { AppError } from '../../errors.js';
import type { QueryEngine } from '../../search/query.js';
import type { LineWindow } from './hit-recorder.js';
import { findNextText } from './next-text.js';
import { findHits } from './text-hits.js';
import type { FoundInText } from './text-page.js';
import type { TextSearch } from './text-search.js';

/** How long a page waits for the search, if that leaves half of its time for the text. */
const TIMEOUT_MS = 5_000;

export interface TextSearchOptions {
  window: LineWindow;
  signal: AbortSignal;
  searchTimeoutMs: number;
}

export async function searchText(
  engine: QueryEngine,
  file: string,
  { conditions, ...search }: TextSearch,
  { window, signal, searchTimeoutMs }: TextSearchOptions,
): Promise<FoundInText> {
  const nothing = { search, hits: undefined, nextText: undefined };
  if (conditions === undefined) return { ...nothing, problem: search.problem };
  const timeoutMs = Math.min(TIMEOUT_MS, searchTimeoutMs / 2);
  const timeout = new AbortController();
  const timeoutError = new AppError('search_timeout', `The search took longer than ${timeoutMs} ms.`);
  const timer = setTimeout(() => timeout.abort(timeoutError), timeoutMs);
  try {
    const hits = await findHits(engine, file, conditions, window, AbortSignal.any([signal, timeout.signal]));
    const needsNextText = hits.next === undefined && conditions.dictionary !== file;
    const nextText = needsNextText ? await findNextText(engine, file, conditions, signal) : undefined;
    return { search, hits, nextText, problem: undefined };
  } catch (error) {
    if (signal.aborted || !(error instanceof AppError)) throw error;
    return { ...nothing, problem: error.message };
  } finally {
    clearTimeout(timer);
  }
}
