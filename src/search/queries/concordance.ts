// Returns each match with the text on both sides of it.
import { TimeSlice } from '../../concurrency/time-slice.js';
import type { Answer, SearchEngine } from '../engine.js';
import { Batch } from '../entries/batch.js';
import type { ConcordanceLine, ConcordanceQuery, SortOrder } from '../query.js';
import { concordanceLength } from './concordance-length.js';
import { everyEntry } from './find-entries.js';
import { MatchContext } from './match-context.js';
import { SortedLines } from './sorted-lines.js';

/**
 * As in `QueryEngine`. In file order, lines are yielded as they are found. The other orders read
 * all matches first.
 */
export function concordance(
  engine: SearchEngine,
  query: ConcordanceQuery,
  signal: AbortSignal,
): Answer<ConcordanceLine> {
  const { order } = query;
  return order === 'file'
    ? linesInFileOrder(engine, query, signal)
    : linesInWordOrder(engine, { ...query, order }, signal);
}

async function* linesInFileOrder(
  engine: SearchEngine,
  query: ConcordanceQuery,
  signal: AbortSignal,
): Answer<ConcordanceLine> {
  const { offset } = query;
  const end = endOf(query);
  const slice = new TimeSlice();
  const batch = new Batch(concordanceLength);
  const answer = everyEntry(engine, query, signal);
  let nrOfEntries = 0;
  try {
    for (;;) {
      const step = await answer.next();
      if (step.done) return { ...step.value, nrOfEntries };
      for (const entry of step.value) {
        const page = entry.matches.slice(Math.max(0, offset - nrOfEntries), Math.max(0, end - nrOfEntries));
        nrOfEntries += entry.matches.length;
        if (page.length === 0) continue;
        const context = new MatchContext(entry, query);
        for (const match of page) {
          batch.add(context.lineOf(match));
          if (batch.isFull) yield batch.flush();
          if (slice.isExpired) await slice.yieldToEventLoop();
          signal.throwIfAborted();
        }
      }
      // The search may take long to find the next entry.
      if (!batch.isEmpty) yield batch.flush();
    }
  } finally {
    await answer.return({ nrOfEntries });
  }
}

async function* linesInWordOrder(
  engine: SearchEngine,
  query: ConcordanceQuery & { order: SortOrder },
  signal: AbortSignal,
): Answer<ConcordanceLine> {
  const { order, offset } = query;
  const slice = new TimeSlice();
  const lines = new SortedLines(order, endOf(query), signal);
  const answer = everyEntry(engine, query, signal);
  let nrOfEntries = 0;
  try {
    for (;;) {
      const step = await answer.next();
      if (step.done) {
        yield* lines.flush(offset);
        return { ...step.value, nrOfEntries };
      }
      for (const entry of step.value) {
        const context = new MatchContext(entry, query);
        nrOfEntries += entry.matches.length;
        for (const match of entry.matches) {
          const key = context.sortKey(order, match);
          if (lines.mayInclude(key)) lines.add(key, context.lineOf(match));
          if (lines.isFull) await lines.sort();
          if (slice.isExpired) await slice.yieldToEventLoop();
          signal.throwIfAborted();
        }
      }
    }
  } finally {
    await answer.return({ nrOfEntries });
  }
}

/** Returns the position after the last line of the page. */
function endOf({ nresults, offset }: ConcordanceQuery): number {
  return nresults > 0 ? offset + nresults : Number.POSITIVE_INFINITY;
}
