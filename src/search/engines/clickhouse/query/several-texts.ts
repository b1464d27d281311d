// Answers a query about several texts by one query each, in the order of their paths.
import type { AllQuery, Answer, Summary } from '../../../engine.js';
import { createSelection } from '../../../entries/selection.js';

/** An offset beyond the last entry: such a query only counts. */
const BEYOND = Number.MAX_SAFE_INTEGER;

/** @param read answers the query about one text */
export async function* readSeveral<Query extends AllQuery, Text>(
  query: Query,
  texts: readonly Text[],
  read: (query: Query, text: Text) => Answer,
): Answer {
  const selection = createSelection(query);
  const total: Summary = { nrOfEntries: 0 };
  const versions: (string | undefined)[] = [];
  for (const text of texts) {
    const before = total.nrOfEntries;
    const part = query.order === 'file' ? pageOf(query, before) : { order: 'file', offset: 0, nresults: 0 };
    const answer = read({ ...query, ...part }, text);
    let index = before;
    try {
      for (;;) {
        const step = await answer.next();
        if (step.done) {
          total.nrOfEntries += step.value.nrOfEntries;
          if (step.value.truncated !== undefined) total.truncated ??= step.value.truncated;
          versions.push(step.value.version);
          break;
        }
        const selected = query.order === 'file' ? step.value : selection.take(index, step.value);
        if (selected.length > 0) yield selected;
        index += step.value.length;
      }
    } finally {
      // The reader may have stopped.
      await answer.return({ nrOfEntries: 0 });
    }
  }
  if (query.order !== 'file') yield* selection.flush();
  return versions.includes(undefined) ? total : { ...total, version: joinVersions(versions) };
}

/** Returns the version of several texts. */
export function joinVersions(versions: readonly (string | undefined)[]): string {
  return versions.join('\0');
}

/** Returns the page of a text whose entries follow some others. */
function pageOf({ offset, nresults }: AllQuery, before: number): Pick<AllQuery, 'offset' | 'nresults'> {
  const start = Math.max(0, offset - before);
  if (nresults <= 0) return { offset: start, nresults };
  const end = offset + nresults - before;
  return end > start ? { offset: start, nresults: end - start } : { offset: BEYOND, nresults: 1 };
}
