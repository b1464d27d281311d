// The first hit after a text, in a dictionary of several texts.
import { AppError } from '../../errors.js';
import { collect } from '../../search/engine.js';
import type { Conditions, QueryEngine } from '../../search/query.js';

/** How long a page waits for it. */
const TIMEOUT_MS = 300;

export interface TextLocation {
  file: string;
  line: number;
}

/**
 * Searches the dictionary of the conditions up to the first hit in a file after this one. Returns
 * `undefined` if there is none, or if that takes too long.
 */
export async function findNextText(
  engine: QueryEngine,
  file: string,
  conditions: Conditions,
  signal: AbortSignal,
): Promise<TextLocation | undefined> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), TIMEOUT_MS);
  const isLater = laterThan(file);
  let found: TextLocation | undefined;
  const observer = {
    signal: stop.signal,
    observe: (file: string, line: number) => {
      if (found !== undefined || !isLater(file)) return;
      found = { file, line };
      stop.abort();
    },
  };
  const page = { n_before: 0, n_after: 0, offset: 0, nresults: 1, order: 'file', format: 'location' } as const;
  try {
    const answer = engine.find({ ...conditions, ...page, observer }, AbortSignal.any([signal, stop.signal]));
    await collect(answer, () => undefined);
  } catch (error) {
    if (!stop.signal.aborted && !(error instanceof AppError)) throw error;
  } finally {
    clearTimeout(timer);
  }
  return found;
}

/** Returns a function that compares a path in byte order, the order of a search. */
function laterThan(file: string): (other: string) => boolean {
  const bytes = Buffer.from(file);
  let last: string | undefined;
  let isLater = false;
  return (other) => {
    if (other !== last) isLater = bytes.compare(Buffer.from(other)) < 0;
    last = other;
    return isLater;
  };
}
