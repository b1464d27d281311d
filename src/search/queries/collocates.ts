// Finds the words beside the matches of an entry.
import type { EntryObject } from '../engine.js';
import { wordsOf } from './words.js';

/**
 * Finds the `distance` words on one side of each match. A word that overlaps the match isn't beside
 * it. A word beside several matches is found once, so that its count never exceeds its frequency.
 */
export function* collocatesOf(
  { text, matches }: Pick<EntryObject, 'text' | 'matches'>,
  side: 'left' | 'right',
  distance: number,
): Generator<string, void, void> {
  if (matches.length > 0)
    yield* side === 'left' ? wordsBefore(text, matches, distance) : wordsAfter(text, matches, distance);
}

type Matches = EntryObject['matches'];

function* wordsBefore(text: string, matches: Matches, distance: number): Generator<string, void, void> {
  let next = 0;
  /** The last words, as far as they weren't found yet. */
  let last: (string | undefined)[] = [];
  for (const word of wordsOf(text)) {
    while (startOf(matches, next) < word.end) {
      for (const found of last) if (found !== undefined) yield found;
      last = last.map(() => undefined);
      next += 1;
    }
    if (next === matches.length) return;
    last.push(word.text);
    if (last.length > distance) last.shift();
  }
  for (const found of last) if (found !== undefined) yield found;
}

const startOf = (matches: Matches, index: number) => matches[index]?.[0] ?? Number.POSITIVE_INFINITY;
const endOf = (matches: Matches, index: number) => matches[index]?.[1] ?? Number.POSITIVE_INFINITY;

function* wordsAfter(text: string, matches: Matches, distance: number): Generator<string, void, void> {
  let next = 0;
  let remaining = 0;
  for (const word of wordsOf(text)) {
    while (endOf(matches, next) <= word.start) {
      remaining = distance;
      next += 1;
    }
    if (remaining > 0) {
      yield word.text;
      remaining -= 1;
    } else if (next === matches.length) return;
  }
}
