// Finds the entries that match a term after their text was changed: phrases, and comparison without
// combining marks. A search finds candidates, and grep decides which of them match.
import { TimeSlice } from '../../concurrency/time-slice.js';
import { AppError } from '../../errors.js';
import { type Answer, type EntryObject, entryLength, type SearchEngine } from '../engine.js';
import { Batch } from '../entries/batch.js';
import { assertRegex } from '../pattern/assert-regex.js';
import { isPlain, type QueryTerm } from '../query.js';
import { candidateTerm } from './candidate-term.js';
import { coveredLines } from './covered-lines.js';
import { type EntrySource, EVERY_ENTRY, entriesOfNoTerm } from './entry-source.js';
import { removeMarks } from './marks.js';
import { TermVerifier } from './term-verifier.js';

/**
 * How much text grep gets, in UTF-16 code units with context. Starting a grep takes longer than
 * matching a little text. The first ones get less, so that the first entries come soon.
 */
const FIRST_LENGTH = 64 * 1024;
const MAX_LENGTH = 1024 * 1024;

/** Added to the length of each candidate. */
const OVERHEAD = 64;

/** Throws as a search does, with messages about "term". */
export async function* verifiedEntries(
  engine: SearchEngine,
  source: EntrySource,
  given: QueryTerm,
  signal: AbortSignal,
): Answer<EntryObject> {
  const term = source.ignore_marks ? withoutMarks(given) : given;
  const verifier = new TermVerifier(engine, source, term);
  const candidates = candidatesFor(engine, source, term, signal);
  const batch = new Batch<EntryObject>();
  const slice = new TimeSlice();
  let nrOfEntries = 0;
  try {
    for (let maxLength = FIRST_LENGTH; ; maxLength = Math.min(2 * maxLength, MAX_LENGTH)) {
      const { entries, summary } = await readUpTo(maxLength, candidates);
      // Even if there are no candidates, because grep may reject the term.
      const found = await verifier.verify(entries, signal);
      for (const [index, entry] of entries.entries()) {
        const matches = found[index];
        if (matches === undefined) continue;
        const isInLines = source.unit === 'line' && !isPlain(term);
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
      if (summary !== undefined) return { ...summary, nrOfEntries };
    }
  } finally {
    await candidates.return({ nrOfEntries });
  }
}

function withoutMarks(term: QueryTerm): QueryTerm {
  const text = removeMarks(term.term);
  if (text === '') {
    throw new AppError('invalid_request', '"term" must have a character other than combining marks.');
  }
  const unmarked = { ...term, term: text };
  // Nothing may be left of what it repeats.
  if (isPlain(unmarked)) assertRegex(unmarked);
  return unmarked;
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

/** Reads entries up to a length. With the last ones, it returns the summary. */
async function readUpTo(maxLength: number, answer: Answer<EntryObject>) {
  const entries: EntryObject[] = [];
  for (let length = 0; length < maxLength; ) {
    const step = await answer.next();
    if (step.done) return { entries, summary: step.value };
    for (const entry of step.value) {
      entries.push(entry);
      length += entryLength(entry) + OVERHEAD;
    }
  }
  return { entries, summary: undefined };
}
