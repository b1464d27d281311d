// Shortens entries that are too long for a page.
import type { EntryObject } from '../../search/engine.js';

/** The maximum length of an entry's text, and of its context on each side, in UTF-16 code units. */
export const MAX_EXCERPT_LENGTH = 10_000;

/** How much to show before the first match if the excerpt doesn't start at the beginning. */
const LEAD_LENGTH = 500;

export interface Excerpt extends EntryObject {
  /** The offset of the excerpt in the full text. */
  offset: number;
}

/** Truncates the texts of an entry to the maximum length, around the first match. */
export function excerpt(entry: EntryObject): Excerpt {
  const { file, line, text, before, after, matches } = entry;
  return {
    file,
    line,
    ...excerptText(text, matches),
    before: takeLast(before),
    after: takeFirst(after),
  };
}

function excerptText(text: string, matches: EntryObject['matches']): Pick<Excerpt, 'text' | 'matches' | 'offset'> {
  if (text.length <= MAX_EXCERPT_LENGTH) return { text, matches, offset: 0 };
  const [first] = matches;
  const from = first === undefined || first[1] <= MAX_EXCERPT_LENGTH ? 0 : Math.max(0, first[0] - LEAD_LENGTH);
  const to = from + MAX_EXCERPT_LENGTH;
  const lead = from === 0 ? '' : '…';
  const shift = (offset: number) => Math.min(offset, to) - from + lead.length;
  return {
    offset: from,
    text: `${lead}${copyOf(text.slice(from, to))}${to < text.length ? '…' : ''}`,
    matches: matches.filter(([start]) => start >= from && start < to).map(([start, end]) => [shift(start), shift(end)]),
  };
}

/** Returns the first texts, up to the maximum length in total. */
function takeFirst(texts: string[]): string[] {
  let length = 0;
  const shown: string[] = [];
  for (const text of texts) {
    if (length + text.length > MAX_EXCERPT_LENGTH)
      return [...shown, `${copyOf(text.slice(0, MAX_EXCERPT_LENGTH - length))}…`];
    length += text.length;
    shown.push(text);
  }
  return shown;
}

/** Returns the last texts, up to the maximum length in total. */
function takeLast(texts: string[]): string[] {
  let length = 0;
  const shown: string[] = [];
  for (const text of texts.toReversed()) {
    if (length + text.length > MAX_EXCERPT_LENGTH) {
      shown.push(`…${copyOf(text.slice(text.length - MAX_EXCERPT_LENGTH + length))}`);
      break;
    }
    length += text.length;
    shown.push(text);
  }
  return shown.reverse();
}

/** Copies a substring: V8 would keep the whole string alive for it. */
export function copyOf(text: string): string {
  return Buffer.from(text).toString();
}
