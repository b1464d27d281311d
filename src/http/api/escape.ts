// Escapes the texts of results for use in HTML.
import type { EntryObject } from '../../search/engine.js';
import type { Result } from '../../search/query.js';
import { escapeHtml } from '../pages/html.js';

export type Escape = 'json' | 'html';

/** Escapes every text of a result for HTML. (JSON.stringify escapes for JSON.) */
export function escapeEntry(result: Result): Result {
  if (typeof result === 'string') return escapeHtml(result);
  return 'before' in result ? escapeObject(result) : escapeFields(result);
}

/** Escapes the fields that are strings. */
function escapeFields<Fields extends object>(fields: Fields): Fields {
  const escaped = Object.entries(fields).map(([name, value]) => [
    name,
    typeof value === 'string' ? escapeHtml(value) : value,
  ]);
  return Object.fromEntries(escaped) as Fields;
}

function escapeObject(entry: EntryObject): EntryObject {
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
