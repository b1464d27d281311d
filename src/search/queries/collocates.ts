// Finds the words beside the matches of an entry.
import type { EntryObject, Match } from '../engine.js';
import { WordScanner } from './word-scanner.js';

/**
 * Calls `found` with the offsets of the `distance` words before each match. A word that overlaps
 * the match isn't before it. A word before several matches is found once, so that the count of a
 * word never exceeds its frequency in the text.
 */
export function findWordsBefore(
  { text, matches }: Pick<EntryObject, 'text' | 'matches'>,
  distance: number,
  found: (start: number, end: number) => void,
): void {
  const scanner = new WordScanner(text);
  let hasWord = scanner.next();
  /** The last words before the match that haven't been reported. */
  const last: Match[] = [];
  for (const [matchStart] of matches) {
    for (; hasWord && scanner.end <= matchStart; hasWord = scanner.next()) {
      last.push([scanner.start, scanner.end]);
      if (last.length > distance) last.shift();
    }
    for (const [start, end] of last) found(start, end);
    last.length = 0;
  }
}

/** Like `findWordsBefore`, for the words after each match. */
export function findWordsAfter(
  { text, matches }: Pick<EntryObject, 'text' | 'matches'>,
  distance: number,
  found: (start: number, end: number) => void,
): void {
  const scanner = new WordScanner(text);
  let next = 0;
  let remaining = 0;
  while (scanner.next()) {
    for (; (matches[next]?.[1] ?? Number.POSITIVE_INFINITY) <= scanner.start; next += 1) remaining = distance;
    if (remaining > 0) {
      found(scanner.start, scanner.end);
      remaining -= 1;
    } else if (next === matches.length) return;
  }
}
