// Joins answers in file order by the positions of their entries, as a merge join does.
import { TimeSlice } from '../../concurrency/time-slice.js';
import type { EntryObject } from '../engine.js';
import { Batch } from '../entries/batch.js';
import { mergeMatches } from '../entries/merge-matches.js';
import { comparePositions, type EntryCursor, type Position } from './entry-cursor.js';

export interface JoinedAnswers {
  /** An entry must be in all of these. */
  allOf: readonly EntryCursor[];
  /** An entry must be in one of these, unless there are none. */
  anyOf: readonly EntryCursor[];
  /** An entry must be in none of these. */
  noneOf: readonly EntryCursor[];
}

/**
 * Yields the entries that the answers select, each with the matches of all answers that have it.
 * There must be an answer in `allOf` or `anyOf`.
 *
 * @param onConflict called if two answers have different texts at one position
 */
export async function* joinEntries(
  answers: JoinedAnswers,
  onConflict: () => void,
): AsyncGenerator<EntryObject[], void, void> {
  const { allOf, anyOf, noneOf } = answers;
  const cursors = [...allOf, ...anyOf, ...noneOf];
  const batch = Batch.ofEntries<EntryObject>();
  const slice = new TimeSlice();
  for (;;) {
    const waiting = cursors.filter((cursor) => !cursor.isReady);
    if (waiting.length > 0) {
      // The next entry may take long to arrive.
      if (!batch.isEmpty) yield batch.flush();
      // All of them at once, so that their greps run in parallel.
      await Promise.all(waiting.map((cursor) => cursor.read()));
    } else if (batch.isFull) yield batch.flush();
    if (slice.isExpired) await slice.yieldToEventLoop();
    const position = nextPosition(answers);
    if (position === undefined) break;
    // A cursor that has skipped entries may have to read on first.
    if (!cursors.every((cursor) => skipTo(cursor, position))) continue;
    const found = [...allOf, ...anyOf].filter((cursor) => isAt(cursor, position));
    const isSelected =
      allOf.every((cursor) => isAt(cursor, position)) &&
      (anyOf.length === 0 || anyOf.some((cursor) => isAt(cursor, position))) &&
      !noneOf.some((cursor) => isAt(cursor, position));
    if (isSelected) {
      const entries = found.map(({ current }) => current as EntryObject);
      if (entries.some((entry) => !isSameText(entry, entries[0] as EntryObject))) onConflict();
      batch.add(entries.length === 1 ? (entries[0] as EntryObject) : mergeEntries(entries));
    }
    for (const cursor of found) cursor.advance();
  }
  if (!batch.isEmpty) yield batch.flush();
}

/** Returns the first position that may be selected, or `undefined` if there is none. */
function nextPosition({ allOf, anyOf }: JoinedAnswers): Position | undefined {
  let last: Position | undefined;
  for (const { current } of allOf) {
    if (current === undefined) return undefined;
    if (last === undefined || comparePositions(current, last) > 0) last = current;
  }
  let first: Position | undefined;
  for (const { current } of anyOf) {
    if (current !== undefined && (first === undefined || comparePositions(current, first) < 0)) first = current;
  }
  if (anyOf.length === 0 || last === undefined) return last ?? first;
  if (first === undefined) return undefined;
  return comparePositions(first, last) > 0 ? first : last;
}

/** Skips the entries before a position. Returns whether the next entry is known. */
function skipTo(cursor: EntryCursor, position: Position): boolean {
  while (cursor.current !== undefined && comparePositions(cursor.current, position) < 0) cursor.advance();
  return cursor.isReady;
}

function isAt({ current }: EntryCursor, position: Position): boolean {
  return current !== undefined && comparePositions(current, position) === 0;
}

/** A search may cut a text with very many matches earlier than another. */
function isSameText({ text }: EntryObject, other: EntryObject): boolean {
  return text.length < other.text.length ? other.text.startsWith(text) : text.startsWith(other.text);
}

function mergeEntries(entries: readonly EntryObject[]): EntryObject {
  return { ...(entries[0] as EntryObject), matches: mergeMatches(entries.flatMap(({ matches }) => matches)) };
}
