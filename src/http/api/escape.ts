// Escapes the texts of entries for use in HTML.
import type { EntryObject } from '../../search/engine.js';
import type { Result } from '../../search/query.js';
import { escapeHtml } from '../pages/html.js';

export type Escape = 'json' | 'html';

/** Escapes every text of an entry for HTML. (JSON.stringify escapes for JSON.) */
export function escapeEntry(entry: Result): Result {
  if (typeof entry === 'string') return escapeHtml(entry);
  if (!('before' in entry)) return entry;
  const { file, line, before, after } = entry;
  const { text, matches } = escapeMatches(entry);
  return {
    file: escapeHtml(file),
    line,
    text,
    before: before.map(escapeHtml),
    after: after.map(escapeHtml),
    matches,
  };
}

/** Escapes the text and shifts the offsets of its matches accordingly. */
function escapeMatches({ text, matches }: EntryObject): Pick<EntryObject, 'text' | 'matches'> {
  let escaped = '';
  let position = 0;
  const shifted = matches.map(([start, end]): [number, number] => {
    escaped += escapeHtml(text.slice(position, start));
    const escapedStart = escaped.length;
    escaped += escapeHtml(text.slice(start, end));
    position = end;
    return [escapedStart, escaped.length];
  });
  return { text: escaped + escapeHtml(text.slice(position)), matches: shifted };
}
