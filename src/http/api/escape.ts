// Entries as a page can take them.
import type { Entry, EntryObject } from '../../search/engine.js';
import { escapeHtml } from '../pages/html.js';

export type Escape = 'json' | 'html';

/** Every text of an entry, as HTML. (JSON escapes what it must by itself.) */
export function escapeEntry(entry: Entry): Entry {
  if (typeof entry === 'string') return escapeHtml(entry);
  const { file, line, before, after } = entry;
  const { text, matches } = escapeMatched(entry);
  return {
    file: escapeHtml(file),
    line,
    text,
    before: before.map(escapeHtml),
    after: after.map(escapeHtml),
    matches,
  };
}

/** The offsets are those in the text that the caller gets. */
function escapeMatched({ text, matches }: EntryObject): Pick<EntryObject, 'text' | 'matches'> {
  let escaped = '';
  let end = 0;
  const moved = matches.map(([from, to]): [number, number] => {
    escaped += escapeHtml(text.slice(end, from));
    const start = escaped.length;
    escaped += escapeHtml(text.slice(from, to));
    end = to;
    return [start, escaped.length];
  });
  return { text: escaped + escapeHtml(text.slice(end)), matches: moved };
}
