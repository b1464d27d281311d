// One grep for several literal searches in the same small dictionary, and whose lines are whose.
import { TimeSlice } from '../../../concurrency/time-slice.js';
import type { Ready, Shared } from '../../batching/batching-engine.js';
import type { TextFile } from '../../corpus/text-file.js';
import type { SearchQuery, Summary } from '../../engine.js';
import { Batch } from '../../entries/batch.js';
import { ContextEntries, type LineRecord } from '../../entries/context-entries.js';
import { createSelection } from '../../entries/selection.js';
import type { ForkedRun, ForkServers } from '../../grep/fork-server.js';
import type { Forked } from '../../grep/forked-output.js';
import { GROUP_END, GrepLines, type GroupedRecord } from '../../grep/grep-output.js';
import { type Grep, NOT_FOUND, outcomeOf, type Pattern, patternOf, runGrep } from '../../grep/run-grep.js';
import { literalMatches } from '../../pattern/literal-matches.js';
import { LineEntries } from './line-entries.js';
import type { OpenDictionary } from './open-dictionary.js';

export interface TogetherOptions {
  grep: Grep;
  forkServers: ForkServers;
  /** Where grep is started. */
  root: string;
  /** The longest line that is given, in UTF-16 code units. */
  lineLength: number;
}

/**
 * Up to here one grep for several terms takes less time than one for each, whatever their number; looking for several terms makes reading dearer, so
 * the gain is the smaller the more there is to read (see `npm run bench`).
 */
const MAX_BYTES = 8 * 1024 * 1024;

/** A term that is in nearly every line must not make the others wait for what it finds. */
const MAX_OUTPUT_BYTES = 256 * 1024;

/** What grep has printed, and whether that was all. */
interface Found {
  lines: Buffer;
  isWhole: boolean;
}

/** Whether the lines of a query can be told from those of others, exactly: see `linesWith` and `itemsFor`. */
export function isBatchable({ term, syntax, ignore_case, unit }: SearchQuery): boolean {
  // U+FFFD in a text that was decoded may be a byte that is not UTF-8.
  return syntax === 'literal' && !ignore_case && unit === 'line' && !term.includes('\ufffd');
}

/** Whether the lines alone are enough to answer a query. */
export function isPlain({ format, n_before, n_after }: SearchQuery): boolean {
  return format === 'text' && n_before + n_after === 0;
}

/** Whether sharing a run is worth while. */
export function isSmall({ bytes }: { bytes: number }): boolean {
  return bytes <= MAX_BYTES;
}

/** The text of a dictionary in which searches can share a run. */
function sharedText({ files: [first, ...others], only }: OpenDictionary): TextFile | undefined {
  const isOneSmallFile = first !== undefined && others.length === 0 && isSmall(first);
  return isOneSmallFile && !only?.isPacked ? only : undefined;
}

/** All of the queries are plain, or none is. */
export async function searchBatch(
  options: TogetherOptions,
  queries: readonly SearchQuery[],
  dictionary: OpenDictionary,
  signal: AbortSignal,
): Promise<Shared[]> {
  const text = sharedText(dictionary);
  const [first] = queries;
  if (text === undefined || first === undefined) return queries.map(() => 'alone');
  const plain = isPlain(first);
  const n_before = Math.max(...queries.map((query) => query.n_before));
  const n_after = Math.max(...queries.map((query) => query.n_after));
  const output = plain ? [] : ['-n', '-B', String(n_before), '-A', String(n_after)];
  const pattern = { ...patternOf(first), terms: [...new Set(queries.map(({ term }) => term))] };
  const { lines, isWhole } = await find(options, pattern, output, text, signal);
  if (!isWhole) return withoutBroadest(queries, lines);
  const end = await dictionary.end();
  const groups = plain ? [] : groupsIn(lines, text.path);
  const answers: Ready[] = [];
  const slice = new TimeSlice();
  for (const query of queries) {
    if (slice.isExpired) await slice.yieldToEventLoop();
    answers.push(
      plain
        ? plainAnswer(query, linesWith(lines, query.term), end, options)
        : contextAnswer(query, [...itemsFor(groups, query)], end, options),
    );
  }
  return answers;
}

async function find(
  { grep, root, forkServers }: TogetherOptions,
  pattern: Pattern,
  output: readonly string[],
  text: TextFile,
  signal: AbortSignal,
): Promise<Found> {
  const run = { terms: pattern.terms, output, maxBytes: MAX_OUTPUT_BYTES };
  const forked = await fork(forkServers, run, text, signal);
  if (forked !== undefined && grep.counts !== undefined) grep.counts[outcomeOf(forked.status)] += 1;
  if (forked !== undefined && forked.status <= NOT_FOUND) return { lines: forked.printed, isWhole: forked.isWhole };
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of runGrep(grep, { pattern, output, files: [], cwd: root, input: text.fd }, signal)) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes > MAX_OUTPUT_BYTES) return { lines: Buffer.concat(pieces), isWhole: false };
  }
  return { lines: pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces), isWhole: true };
}

/** The grep of a fork server opens the file itself, and would read a byte order mark. */
async function fork(
  forkServers: ForkServers,
  run: Omit<ForkedRun, 'text'>,
  text: TextFile,
  signal: AbortSignal,
): Promise<Forked | undefined> {
  if (!text.hasByteOrderMark) return forkServers.run({ ...run, text: text.fd }, signal);
  const copy = text.copy();
  if (copy === undefined) return undefined;
  try {
    return await forkServers.run({ ...run, text: copy.fd }, signal);
  } finally {
    copy.close();
  }
}

/** Those who have found the most so far go on by themselves: the one with the most, and whoever has half as much. */
function withoutBroadest(queries: readonly SearchQuery[], lines: Buffer): Shared[] {
  const found = queries.map(({ term }) => linesWith(lines, term).length);
  const most = Math.max(...found);
  return found.map((bytes) => (2 * bytes >= most ? 'alone' : 'again'));
}

const NEWLINE = 0x0a;

/**
 * Of lines that hold one of several terms, those that hold this one: what a grep for it alone prints.
 *
 * Why this is exact: in the C locale, `grep -F` selects a line if its bytes hold the bytes of one of the patterns (POSIX.1-2017, grep, -F; -e), and whether
 * they hold one pattern does not depend on the others. So what it selects for this term alone is among what it selects for all of them, in the
 * same order, and is told from the rest by the same comparison of bytes. No term holds a newline, so none matches beyond its line.
 */
export function linesWith(lines: Buffer, term: string): Buffer {
  const bytes = Buffer.from(term);
  const found: Buffer[] = [];
  let end = 0;
  for (let at = lines.indexOf(bytes); at !== -1; at = lines.indexOf(bytes, end)) {
    const begin = at === 0 ? 0 : lines.lastIndexOf(NEWLINE, at - 1) + 1;
    end = lines.indexOf(NEWLINE, at) + 1;
    // Where the output was broken off.
    if (end === 0) end = lines.length;
    found.push(lines.subarray(begin, end));
  }
  return Buffer.concat(found);
}

/** The lines of a group: they adjoin one another in the file. */
type Lines = readonly LineRecord[];

function groupsIn(lines: Buffer, file: string): Lines[] {
  // No line is cut here: what is cut off could hold the term.
  const parser = new GrepLines({ located: true, file, longest: lines.length, lineEnd: 'lf or crlf' });
  const groups: LineRecord[][] = [[]];
  for (const item of parser.read(lines)) {
    if (item === GROUP_END) groups.push([]);
    else groups.at(-1)?.push({ ...item, isMatch: false });
  }
  return groups;
}

/**
 * The same where lines come with context: the lines with this term, and those that its context reaches. All of these are there, as the grep was asked for the most
 * context that any of the queries has.
 */
function* itemsFor(
  groups: readonly Lines[],
  { term, format, n_before, n_after }: SearchQuery,
): Generator<GroupedRecord> {
  for (const group of groups) {
    /** Up to where the lines of this group have been given. */
    let given = 0;
    for (let at = nextWith(term, group, 0); at < group.length; ) {
      const next = nextWith(term, group, at + 1);
      const from = Math.max(given, at - n_before);
      if (from > given) yield GROUP_END;
      yield* group.slice(from, at);
      const item = group[at] as LineRecord;
      yield { ...item, isMatch: true, matches: format === 'object' ? literalMatches(term, item.text) : [] };
      given = Math.min(next, at + 1 + n_after, group.length);
      yield* group.slice(at + 1, given);
      at = next;
    }
    yield GROUP_END;
  }
}

function nextWith(term: string, group: Lines, from: number): number {
  let at = from;
  while (at < group.length && !group[at]?.text.includes(term)) at += 1;
  return at;
}

type End = Pick<Summary, 'truncated' | 'version'>;

function* plainAnswer(query: SearchQuery, lines: Buffer, end: End, options: TogetherOptions): Ready {
  const selection = createSelection(query);
  const entries = new LineEntries({ selection, longest: options.lineLength, lineEnd: 'lf or crlf' });
  const given = entries.read(lines);
  if (given.length > 0) yield given;
  yield* selection.rest();
  return summaryOf(entries, end);
}

function* contextAnswer(
  query: SearchQuery,
  items: readonly GroupedRecord[],
  end: End,
  options: TogetherOptions,
): Ready {
  const selection = createSelection(query);
  const entries = new ContextEntries({ ...query, selection, longest: options.lineLength });
  const batch = new Batch();
  for (const item of items) {
    for (const entry of item === GROUP_END ? entries.end() : entries.take(item)) {
      batch.add(entry);
      if (batch.isFull) yield batch.empty();
    }
  }
  if (!batch.isEmpty) yield batch.empty();
  yield* selection.rest();
  return summaryOf(entries, end);
}

/** What is said at the end of an answer. */
export function summaryOf(entries: { nrOfEntries: number; wasCut: boolean }, end: End): Summary {
  const { nrOfEntries, wasCut } = entries;
  return { nrOfEntries, ...(wasCut && { truncated: 'line_length' }), ...end };
}
