// What a page shows of an entry that is too long to be read on one.
import type { EntryObject } from '../../search/engine.js';

/** The longest text of an entry, or context on either side of it, in UTF-16 code units. */
export const SHOWN_LENGTH = 10_000;

/** What is shown before the first match, where the beginning is not. */
const LEAD_LENGTH = 500;

export interface Excerpt extends EntryObject {
  /** Where in the text its shown part begins. */
  at: number;
}

/** A copy with the texts no longer than that, where the first match is. Copies: a substring would keep all of the text in memory. */
export function excerpt(entry: EntryObject): Excerpt {
  const { file, line, text, before, after, matches } = entry;
  return {
    file,
    line,
    ...excerptText(text, matches),
    before: lastOf(before),
    after: firstOf(after),
  };
}

function excerptText(text: string, matches: EntryObject['matches']): Pick<Excerpt, 'text' | 'matches' | 'at'> {
  if (text.length <= SHOWN_LENGTH) return { text, matches, at: 0 };
  const [first] = matches;
  const from = first === undefined || first[1] <= SHOWN_LENGTH ? 0 : Math.max(0, first[0] - LEAD_LENGTH);
  const to = from + SHOWN_LENGTH;
  const lead = from === 0 ? '' : '…';
  const move = (at: number) => Math.min(at, to) - from + lead.length;
  return {
    at: from,
    text: `${lead}${copyOf(text.slice(from, to))}${to < text.length ? '…' : ''}`,
    matches: matches.filter(([start]) => start >= from && start < to).map(([start, end]) => [move(start), move(end)]),
  };
}

/** As many of the first as are no longer than that together. */
function firstOf(texts: string[]): string[] {
  let length = 0;
  const shown: string[] = [];
  for (const text of texts) {
    if (length + text.length > SHOWN_LENGTH) return [...shown, `${copyOf(text.slice(0, SHOWN_LENGTH - length))}…`];
    length += text.length;
    shown.push(text);
  }
  return shown;
}

/** As many of the last as are no longer than that together. */
function lastOf(texts: string[]): string[] {
  let length = 0;
  const shown: string[] = [];
  for (const text of texts.toReversed()) {
    if (length + text.length > SHOWN_LENGTH) {
      shown.push(`…${copyOf(text.slice(text.length - SHOWN_LENGTH + length))}`);
      break;
    }
    length += text.length;
    shown.push(text);
  }
  return shown.reverse();
}

/** A copy that does not keep the text alive from which it was cut. */
export function copyOf(text: string): string {
  return Buffer.from(text).toString();
}
