// One grep for several literal searches in the same small dictionary.
//
// Goals: pay for one process instead of one per search, and give each search exactly the answer
// that a grep of its own would give.
//
// Invariant: in the C locale, `grep -F` selects a line if its bytes contain those of any pattern
// (POSIX.1-2017, grep, -F and -e), and whether they contain one pattern doesn't depend on the
// others. So the lines selected for one term alone are among those selected for all, in the same
// order, and the same comparison of bytes finds them. No term contains a newline, so no match
// crosses lines.
//
// Steps: run one grep with all terms and the largest context of any query; find each term's lines
// in its output; build each answer from them as it is read. If the output exceeds
// its limit, the broadest terms run unbatched, and the others retry.
import { TimeSlice } from '../../../concurrency/time-slice.js';
import type { BatchedAnswer, BatchOutcome } from '../../batching/batching-engine.js';
import type { SearchQuery } from '../../engine.js';
import { Batch } from '../../entries/batch.js';
import { ContextEntries, type LineRecord } from '../../entries/context-entries.js';
import { createSelection } from '../../entries/selection.js';
import { type SummaryEnd, summaryOf } from '../../entries/summary.js';
import { GROUP_END, GrepLines, type GroupedRecord } from '../../grep/grep-output.js';
import { literalMatches } from '../../pattern/literal-matches.js';
import { type BatchableText, type BatchedGrepOptions, grepAnyTerm } from './batched-grep.js';
import { LineEntries } from './line-entries.js';
import type { OpenDictionary } from './open-dictionary.js';

export interface BatchedSearchOptions extends BatchedGrepOptions {
  /** The maximum length of a line, in UTF-16 code units. */
  lineLength: number;
}

/**
 * Up to this size, one grep for any number of terms is quicker than one for each. Several terms
 * make reading slower, so the gain shrinks as the text grows (see `npm run bench`).
 */
const MAX_TEXT_BYTES = 16 * 1024 * 1024;

/** Whether the lines of a query can be distinguished exactly from those of others. */
export function isBatchable({ term, syntax, ignore_case, unit, files, ...query }: SearchQuery): boolean {
  const { alternatives, isInverted, conditions } = query;
  if (alternatives !== undefined || isInverted || conditions !== undefined) return false;
  // In decoded text, U+FFFD can stand for invalid bytes.
  const isExact = syntax === 'literal' && !ignore_case && !term.includes('\ufffd');
  return isExact && unit === 'line' && files === undefined;
}

/** Whether a query needs nothing but the text of its matching lines. */
export function isPlain({ format, n_before, n_after, observer }: SearchQuery): boolean {
  return format === 'text' && n_before + n_after === 0 && observer === undefined;
}

/** Whether a file is small enough to gain from batching. */
export function isSmall({ bytes }: { bytes: number }): boolean {
  return bytes <= MAX_TEXT_BYTES;
}

/** Returns the text of a dictionary if it is batchable: small, and readable by grep. */
function batchableText({ files, only, packed }: OpenDictionary): BatchableText | undefined {
  if (packed !== undefined) return packed;
  const isSmallFile = files.every(isSmall) && only?.needsDecoding === false;
  return isSmallFile ? only : undefined;
}

/** @param queries either all plain, or none */
export async function searchBatch(
  options: BatchedSearchOptions,
  queries: readonly SearchQuery[],
  dictionary: OpenDictionary,
  signal: AbortSignal,
): Promise<BatchOutcome[]> {
  const text = batchableText(dictionary);
  const [first] = queries;
  if (text === undefined || first === undefined) return queries.map(() => 'unbatched');
  const plain = isPlain(first);
  const n_before = Math.max(...queries.map((query) => query.n_before));
  const n_after = Math.max(...queries.map((query) => query.n_after));
  const output = plain ? [] : ['-n', '-B', String(n_before), '-A', String(n_after)];
  const terms = [...new Set(queries.map(({ term }) => term))];
  const { lines, isComplete } = await grepAnyTerm(options, { terms, output, text }, signal);
  if (!isComplete) return splitOffBroadest(queries, lines);
  const end = await dictionary.summaryEnd();
  const groups = plain ? [] : groupsIn(lines, text);
  const answers: BatchedAnswer[] = [];
  const slice = new TimeSlice();
  for (const query of queries) {
    if (slice.isExpired) await slice.yieldToEventLoop();
    answers.push(
      plain
        ? plainAnswer(query, linesWith(lines, query.term), end, options)
        : contextAnswer(query, [...recordsFor(groups, query)], end, options),
    );
  }
  return answers;
}

/**
 * Runs the query with the most output, and any with at least half as much, unbatched. If these are
 * most queries, only their number is too large.
 */
function splitOffBroadest(queries: readonly SearchQuery[], lines: Buffer): BatchOutcome[] {
  const outputBytes = queries.map(({ term }) => linesWith(lines, term).length);
  const maxBytes = Math.max(...outputBytes);
  const broadest = outputBytes.map((bytes) => 2 * bytes >= maxBytes);
  const nrOfBroadest = broadest.filter(Boolean).length;
  if (nrOfBroadest > 1 && 2 * nrOfBroadest > queries.length) return queries.map(() => 'retry in a smaller batch');
  return broadest.map((isBroad) => (isBroad ? 'unbatched' : 'retry'));
}

const NEWLINE = 0x0a;

/** Returns the lines that contain the term: what a grep for it alone prints. */
export function linesWith(lines: Buffer, term: string): Buffer {
  const bytes = Buffer.from(term);
  const matching: Buffer[] = [];
  let end = 0;
  for (let match = lines.indexOf(bytes); match !== -1; match = lines.indexOf(bytes, end)) {
    const start = match === 0 ? 0 : lines.lastIndexOf(NEWLINE, match - 1) + 1;
    end = lines.indexOf(NEWLINE, match) + 1;
    // Incomplete output can end within a line.
    if (end === 0) end = lines.length;
    matching.push(lines.subarray(start, end));
  }
  return Buffer.concat(matching);
}

/** Adjacent lines of the file. */
type LineGroup = readonly LineRecord[];

function groupsIn(lines: Buffer, text: BatchableText): LineGroup[] {
  const source = 'sections' in text ? { sections: text.sections } : { file: text.path };
  // Lines aren't truncated here, since the term could be in the part that is cut off.
  const parser = new GrepLines({ withLocations: true, ...source, maxLength: lines.length, lineEnd: 'lf or crlf' });
  const groups: LineRecord[][] = [[]];
  for (const record of parser.read(lines)) {
    if (record === GROUP_END) groups.push([]);
    else groups.at(-1)?.push({ ...record, isMatch: false });
  }
  return groups;
}

/** Yields the lines that contain the term and their context, which the groups include. */
function* recordsFor(
  groups: readonly LineGroup[],
  { term, format, n_before, n_after }: SearchQuery,
): Generator<GroupedRecord> {
  for (const group of groups) {
    /** The index in the group after the last line that was yielded. */
    let yieldedTo = 0;
    for (let match = nextMatch(term, group, 0); match < group.length; ) {
      const next = nextMatch(term, group, match + 1);
      const from = Math.max(yieldedTo, match - n_before);
      if (from > yieldedTo) yield GROUP_END;
      yield* group.slice(from, match);
      const record = group[match] as LineRecord;
      yield { ...record, isMatch: true, matches: format === 'object' ? literalMatches(term, record.text) : [] };
      yieldedTo = Math.min(next, match + 1 + n_after, group.length);
      yield* group.slice(match + 1, yieldedTo);
      match = next;
    }
    yield GROUP_END;
  }
}

/** Returns the length of the group if there is no further match. */
function nextMatch(term: string, group: LineGroup, from: number): number {
  let index = from;
  while (index < group.length && !group[index]?.text.includes(term)) index += 1;
  return index;
}

function* plainAnswer(
  query: SearchQuery,
  lines: Buffer,
  end: SummaryEnd,
  { lineLength }: BatchedSearchOptions,
): BatchedAnswer {
  const selection = createSelection(query);
  const lineEntries = new LineEntries({ selection, maxLength: lineLength, lineEnd: 'lf or crlf' });
  const entries = lineEntries.read(lines);
  if (entries.length > 0) yield entries;
  yield* selection.flush();
  return summaryOf(lineEntries, end);
}

function* contextAnswer(
  query: SearchQuery,
  records: readonly GroupedRecord[],
  end: SummaryEnd,
  { lineLength }: BatchedSearchOptions,
): BatchedAnswer {
  const selection = createSelection(query);
  const entries = new ContextEntries({ ...query, selection, maxLength: lineLength });
  const batch = Batch.ofEntries();
  for (const record of records) {
    for (const entry of record === GROUP_END ? entries.end() : entries.take(record)) {
      batch.add(entry);
      if (batch.isFull) yield batch.flush();
    }
  }
  if (!batch.isEmpty) yield batch.flush();
  yield* selection.flush();
  return summaryOf(entries, end);
}
