// Finds the lines of a quote that matches cover.
import type { EntryObject, Match } from '../engine.js';

/**
 * Returns the lines that each match covers as an entry without context. Matches that share a line
 * are in one entry.
 *
 * @param matches in order and without overlaps
 */
export function coveredLines(quote: EntryObject, matches: readonly Match[]): EntryObject[] {
  const entries: EntryObject[] = [];
  const { file, text } = quote;
  let { line } = quote;
  let lineStart = 0;
  for (let index = 0; index < matches.length; ) {
    const [first] = matches[index] as Match;
    for (let end = text.indexOf('\n', lineStart); end !== -1 && end < first; end = text.indexOf('\n', lineStart)) {
      lineStart = end + 1;
      line += 1;
    }
    const covered: Match[] = [];
    let entryEnd = first;
    for (; index < matches.length; index += 1) {
      const [start, end] = matches[index] as Match;
      if (start > entryEnd) break;
      covered.push([start - lineStart, end - lineStart]);
      entryEnd = lineEndAt(text, end);
    }
    entries.push({ file, line, text: text.slice(lineStart, entryEnd), before: [], after: [], matches: covered });
  }
  return entries;
}

/** Returns the end of the line that a position is in. */
function lineEndAt(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}
