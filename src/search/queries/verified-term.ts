// Finds the entries that match a term after their text was changed: phrases, and comparison without
// combining marks. A search finds candidates, and grep decides which of them match.
import { TimeSlice } from '../../concurrency/time-slice.js';
import type { Answer, EntryObject, Match, SearchEngine } from '../engine.js';
import { Batch } from '../entries/batch.js';
import { clipMatches } from '../entries/context-entries.js';
import { isPlain, type QueryTerm } from '../query.js';
import { candidateTerm } from './candidate-term.js';
import { coveredLines } from './covered-lines.js';
import { type EntrySource, EVERY_ENTRY, entriesOfNoTerm } from './entry-source.js';
import { growingBatches } from './growing-batches.js';
import { isLong, LongQuotes } from './long-quote.js';
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
  const isPhrase = !isPlain(term);
  const isInLines = source.unit === 'line' && isPhrase;
  const verifier = new TermVerifier(engine, source, term);
  const longQuotes = new LongQuotes(engine, verifier);
  const batches = growingBatches(candidatesFor(engine, source, term, signal));
  const batch = Batch.ofEntries<EntryObject>();
  const slice = new TimeSlice();
  let nrOfEntries = 0;
  try {
    for (;;) {
      const step = await batches.next();
      if (step.done) {
        const { truncated: reason, ...summary } = step.value;
        // The lines of a long quote are read by themselves.
        const truncated = isInLines && reason === 'line_length' ? longQuotes.truncated : reason;
        return { ...summary, ...(truncated !== undefined && { truncated }), nrOfEntries };
      }
      const found = await verifier.verify(step.value, signal);
      for (const [index, entry] of step.value.entries()) {
        for await (const result of resultsOf(entry, found[index])) {
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

  function resultsOf(entry: EntryObject, matches: Match[] | undefined): AsyncIterable<EntryObject> | EntryObject[] {
    if (isPhrase && isLong(entry, engine)) {
      return isInLines ? linesInLongQuote(entry) : longQuote(entry);
    }
    if (matches === undefined) return [];
    return isInLines ? coveredLines(entry, matches) : [{ ...entry, matches }];
  }

  async function* linesInLongQuote(quote: EntryObject): AsyncGenerator<EntryObject, void, void> {
    for await (const { entry, matches } of longQuotes.windows(quote, signal)) yield* coveredLines(entry, matches);
  }

  /** The quote stays as it was returned, with the matches in that part of it. */
  async function* longQuote(quote: EntryObject): AsyncGenerator<EntryObject, void, void> {
    const all: Match[] = [];
    let isMatch = false;
    for await (const { start, matches } of longQuotes.windows(quote, signal)) {
      isMatch = true;
      if (start >= quote.text.length) continue;
      for (const [from, to] of matches) all.push([start + from, start + to]);
    }
    if (isMatch) yield { ...quote, matches: clipMatches(all, quote.text.length) };
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
