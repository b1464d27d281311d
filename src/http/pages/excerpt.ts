// Shortens entries that are too long for a page.
import type { EntryObject, Match } from '../../search/engine.js';

/** The maximum length of a part of a line on the page of a text, in UTF-16 code units. */
export const MAX_EXCERPT_LENGTH = 10_000;

/** Longer lines, or paragraphs, are shown as passages around their matches. */
export const MAX_ENTRY_LENGTH = { line: 1_000, quote: 2_000 };
/** The maximum length of the context on each side. */
export const MAX_CONTEXT_LENGTH = 2_000;
export const MAX_PASSAGES = 5;
/** How much to show on each side of a match, and of a match itself. */
const SIDE_LENGTH = 200;
const MAX_MATCH_LENGTH = 500;
const GAP = ' … ';

export interface Excerpt extends EntryObject {
  /** The offset of the excerpt in the full text. */
  offset: number;
  isShortened: boolean;
  /** How many matches of the full text aren't in the excerpt. */
  nrOfHiddenMatches: number;
}

type ShownText = Pick<Excerpt, 'text' | 'matches' | 'offset' | 'isShortened' | 'nrOfHiddenMatches'>;

/** A part of a text. Its matches have offsets in the full text. */
interface Passage {
  start: number;
  end: number;
  matches: Match[];
}

/** Shows long texts as passages around the first matches. */
export function excerpt(entry: EntryObject, unit: keyof typeof MAX_ENTRY_LENGTH): Excerpt {
  const { file, line, text, before, after, matches } = entry;
  return {
    file,
    line,
    ...excerptText(text, matches, MAX_ENTRY_LENGTH[unit]),
    before: takeLast(before),
    after: takeFirst(after),
  };
}

function excerptText(text: string, matches: Match[], maxLength: number): ShownText {
  if (text.length <= maxLength) {
    return { text, matches, offset: 0, isShortened: false, nrOfHiddenMatches: 0 };
  }
  const passages =
    matches.length === 0 ? [passageAt(0, maxLength, text, [])] : passagesAround(text, matches, maxLength);
  const shown: Match[] = [];
  let shownText = passages[0]?.start === 0 ? '' : '… ';
  for (const [index, passage] of passages.entries()) {
    if (index > 0) shownText += GAP;
    const shift = shownText.length - passage.start;
    shown.push(...passage.matches.map(([start, end]): Match => [start + shift, Math.min(end, passage.end) + shift]));
    shownText += copyOf(text.slice(passage.start, passage.end));
  }
  if ((passages.at(-1)?.end ?? 0) < text.length) shownText += ' …';
  return {
    text: shownText,
    matches: shown,
    offset: passages[0]?.start ?? 0,
    isShortened: true,
    nrOfHiddenMatches: matches.length - shown.length,
  };
}

function passagesAround(text: string, matches: Match[], maxLength: number): Passage[] {
  const passages: Passage[] = [];
  for (const match of matches) {
    const [start, end] = match;
    const from = start - SIDE_LENGTH;
    const to = Math.min(end, start + MAX_MATCH_LENGTH) + SIDE_LENGTH;
    const last = passages.at(-1);
    if (last !== undefined && from <= last.end && to - last.start <= maxLength) {
      passages[passages.length - 1] = passageAt(last.start, to, text, [...last.matches, match]);
    } else if (passages.length === MAX_PASSAGES) {
      break;
    } else {
      passages.push(passageAt(Math.max(from, last?.end ?? 0), to, text, [match]));
    }
  }
  return passages;
}

/** Extends the passage where it would split a surrogate pair. */
function passageAt(from: number, to: number, text: string, matches: Match[]): Passage {
  const splits = (offset: number) => /[\udc00-\udfff]/.test(text.charAt(offset));
  const start = Math.max(0, from);
  const end = Math.min(to, text.length);
  return { start: splits(start) ? start - 1 : start, end: splits(end) ? end + 1 : end, matches };
}

/** Returns the first texts, up to the maximum length in total. */
function takeFirst(texts: string[]): string[] {
  let length = 0;
  const shown: string[] = [];
  for (const text of texts) {
    if (length + text.length > MAX_CONTEXT_LENGTH)
      return [...shown, `${copyOf(text.slice(0, MAX_CONTEXT_LENGTH - length))}…`];
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
    if (length + text.length > MAX_CONTEXT_LENGTH) {
      shown.push(`…${copyOf(text.slice(text.length - MAX_CONTEXT_LENGTH + length))}`);
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
