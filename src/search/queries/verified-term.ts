// Finds the entries that match a term after their text was changed: phrases, and comparison without
// combining marks. A search finds candidates, and grep decides which of them match.
import { TimeSlice } from '../../concurrency/time-slice.js';
import type { Answer, EntryObject, SearchEngine } from '../engine.js';
import { Batch } from '../entries/batch.js';
import { isPlain, type QueryTerm } from '../query.js';
import { candidateTerm } from './candidate-term.js';
import { coveredLines } from './covered-lines.js';
import { type EntrySource, EVERY_ENTRY, entriesOfNoTerm } from './entry-source.js';
import { growingBatches } from './growing-batches.js';
import { TermVerifier } from './term-verifier.js';
import { unmarkedTerm } from './unmarked-term.js';

/** Throws as a search does. */
export async function* verifiedEntries(
  engine: SearchEngine,
  source: EntrySource,
  given: QueryTerm,
  signal: AbortSignal,
): Answer<EntryObject> {
  const term = source.ignore_marks ? unmarkedTerm(given) : given;
  const verifier = new TermVerifier(engine, source, term);
  const batches = growingBatches(candidatesFor(engine, source, term, signal));
  const isInLines = source.unit === 'line' && !isPlain(term);
  const batch = new Batch<EntryObject>();
  const slice = new TimeSlice();
  let nrOfEntries = 0;
  try {
    for (;;) {
      const step = await batches.next();
      if (step.done) return { ...step.value, nrOfEntries };
      const found = await verifier.verify(step.value, signal);
      for (const [index, entry] of step.value.entries()) {
        const matches = found[index];
        if (matches === undefined) continue;
        for (const result of isInLines ? coveredLines(entry, matches) : [{ ...entry, matches }]) {
          nrOfEntries += 1;
          batch.add(source.format === 'location' ? { ...result, matches: [] } : result);
          if (batch.isFull) yield batch.flush();
        }
        if (slice.isExpired) await slice.yieldToEventLoop();
        signal.throwIfAborted();
      }
      // The search may take long to find the next candidate.
      if (!batch.isEmpty) yield batch.flush();
    }
  } finally {
    await batches.return({ nrOfEntries });
  }
}

/** Returns entries that include all those that match, in the format `location`. */
function candidatesFor(
  engine: SearchEngine,
  source: EntrySource,
  term: QueryTerm,
  signal: AbortSignal,
): Answer<EntryObject> {
  const isPhrase = !isPlain(term);
  const context = isPhrase && source.unit === 'line' ? { n_before: 0, n_after: 0 } : {};
  const where: EntrySource = { ...source, ...context, unit: isPhrase ? 'quote' : source.unit };
  const candidate = candidateTerm(term, source);
  if (candidate === undefined) return entriesOfNoTerm(engine, where, signal);
  const { join_hyphens: _, ignore_marks: __, ...rest } = where;
  return engine.search({ ...EVERY_ENTRY, ...rest, format: 'location', ...candidate }, signal);
}
