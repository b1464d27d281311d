// Reads the answer of an engine into a page of results.
import { TimeSlice } from '../../concurrency/time-slice.js';
import type { Answer, Summary } from '../../search/engine.js';
import type { Result } from '../../search/query.js';
import type { Escape } from '../api/escape.js';
import { escapeEntry } from '../api/escape.js';
import { ResultPage } from './result-page.js';
import { renderResult } from './result-text.js';
import { renderShortened } from './shorten-result.js';

export interface CollectedPage {
  page: ResultPage<Result>;
  summary: Summary;
  /** The number of results that the engine returned. */
  returned: number;
}

export interface CollectOptions {
  maxTokens: number;
  escaping: Escape;
  /** How many of the returned results to skip, and then to keep at most; 0 or less keeps all. */
  skip?: number;
  limit?: number;
}

/** Reads the whole answer, because the summary comes last, but keeps only what fits. */
export async function collectPage(answer: Answer<Result>, options: CollectOptions): Promise<CollectedPage> {
  const { maxTokens, escaping, skip = 0, limit = 0 } = options;
  const page = new ResultPage<Result>(maxTokens);
  const slice = new TimeSlice();
  let returned = 0;
  for (;;) {
    if (slice.isExpired) await slice.yieldToEventLoop();
    const step = await answer.next();
    if (step.done) return { page, summary: step.value, returned };
    for (const result of step.value) {
      const isWanted = returned >= skip && (limit <= 0 || returned < skip + limit);
      returned += 1;
      if (!isWanted || page.isFull) continue;
      const escaped = escaping === 'json' ? result : escapeEntry(result);
      page.add(renderShortened(escaped, renderResult, page.maxResultTokens));
    }
  }
}
