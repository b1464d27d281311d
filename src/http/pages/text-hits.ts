// The hits of a search on a page of a text: the matches to mark, and the hits before and after.
import { AppError } from '../../errors.js';
import { collect, type EntryObject, type Match } from '../../search/engine.js';
import type { Conditions, FindQuery, QueryEngine } from '../../search/query.js';
import { type Hit, HitRecorder, type LineWindow } from './hit-recorder.js';

/** Entries are lines or quotes; each is a hit. */
export interface TextHits {
  /** The number of hits in the text. */
  count: number;
  /** The hit that contains the requested line. */
  current: Hit | undefined;
  previous: Hit | undefined;
  next: Hit | undefined;
  /** The matches in each line on the page, by its number. */
  matches: ReadonlyMap<number, Match[]>;
}

/**
 * Searches the text twice: for the lines of all hits, of which it keeps those around the page, and
 * for the entries on the page. Throws like a search.
 */
export async function findHits(
  engine: QueryEngine,
  file: string,
  conditions: Conditions,
  window: LineWindow,
  signal: AbortSignal,
): Promise<TextHits> {
  const recorder = new HitRecorder(window);
  const query = { ...conditions, dictionary: file, files: undefined, n_before: 0, n_after: 0, order: 'file' } as const;
  const all = { ...query, offset: 0, nresults: 1, format: 'location', observer: recorder } as const;
  const { nrOfEntries: count } = await collect(engine.find(all, signal), () => undefined);
  if (recorder.count !== count) throw new AppError('engine_unavailable', 'The matches could not be located.');
  const { nrBefore, nrOnPage, latest, earlier, next } = recorder;
  // An entry may begin before the page and end on it.
  const offset = Math.max(0, nrBefore - 1);
  const shown = { ...query, offset, nresults: nrBefore - offset + nrOnPage, format: 'object' } as const;
  const matches = new Map<number, Match[]>();
  let isCurrent = false;
  for (const entry of await firstEntries(engine, shown, signal)) {
    const last = addMatches(matches, entry, window);
    if (entry.line === latest?.line) isCurrent = last >= (window.line ?? Number.POSITIVE_INFINITY);
  }
  return isCurrent
    ? { count, current: latest, previous: earlier, next, matches }
    : { count, current: undefined, previous: latest, next, matches };
}

async function firstEntries(
  engine: QueryEngine,
  query: FindQuery & { format: 'object' },
  signal: AbortSignal,
): Promise<EntryObject[]> {
  const found: EntryObject[] = [];
  if (query.nresults === 0) return found;
  for await (const entries of engine.find(query, signal)) {
    found.push(...entries);
    // Searching on would only count the others, and the count is known.
    if (found.length >= query.nresults) break;
  }
  return found;
}

/** Adds the matches of an entry by line, and returns the number of its last line. */
function addMatches(
  byLine: Map<number, Match[]>,
  { line, text, matches }: EntryObject,
  { first, last }: LineWindow,
): number {
  const lines = text.split('\n');
  let lineStart = 0;
  let next = 0;
  for (const [index, { length }] of lines.entries()) {
    const lineEnd = lineStart + length;
    const inLine: Match[] = [];
    for (let at = next; at < matches.length; at += 1) {
      const [start, end] = matches[at] as Match;
      if (start >= lineEnd) break;
      // A match may go on in the next line.
      if (end <= lineEnd) next = at + 1;
      const part: Match = [Math.max(start, lineStart) - lineStart, Math.min(end, lineEnd) - lineStart];
      if (part[0] < part[1]) inLine.push(part);
    }
    const number = line + index;
    if (inLine.length > 0 && number >= first && number <= last) byLine.set(number, inLine);
    lineStart = lineEnd + 1;
  }
  return line + lines.length - 1;
}
