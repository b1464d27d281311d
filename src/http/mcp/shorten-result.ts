// Truncates the texts of a result that would take too much of the token budget.
import { type EntryObject, entryLength, type Match } from '../../search/engine.js';
import type { ConcordanceLine, Result } from '../../search/query.js';
import { costOf, type RenderedResult } from './result-page.js';
import { lengthWithin } from './token-estimate.js';

const ELLIPSIS = '…';
/** How much of the text before a match stays, as a share of the whole. */
const BEFORE_MATCH = 1 / 4;
/** The offsets of a match take more tokens than most words. */
const MATCHES_PER_TOKEN = 1 / 8;
/** Shorter texts aren't useful. */
const MIN_TEXT_TOKENS = 8;

/** Renders a result within a number of tokens, with its texts truncated if necessary. */
export function renderShortened<Some extends Result>(
  result: Some,
  render: (result: Some) => string,
  maxTokens: number,
): RenderedResult<Some> {
  // A token has at most four characters, so a longer result can't fit.
  if (lengthOf(result) <= 4 * maxTokens) {
    const text = render(result);
    if (costOf(result, text) <= maxTokens) return { result, text, isShortened: false };
  }
  for (let tokens = maxTokens / 2; ; tokens /= 2) {
    const shortened = shorten(result, tokens) as Some;
    const shortenedText = render(shortened);
    const fits = costOf(shortened, shortenedText) <= maxTokens;
    if (fits || tokens < MIN_TEXT_TOKENS) return { result: shortened, text: shortenedText, isShortened: true };
  }
}

function lengthOf(result: Result): number {
  return typeof result === 'string' || 'before' in result ? entryLength(result) : 0;
}

function shorten(result: Result, tokens: number): Result {
  if (typeof result === 'string') return cutEnd(result, tokens);
  if ('before' in result) return shortenEntry(result, tokens);
  return 'left' in result ? shortenConcordanceLine(result, tokens) : result;
}

/** Keeps the first match, and the context nearest to it. */
function shortenEntry(entry: EntryObject, tokens: number): EntryObject {
  const { text, start, end } = cutAround(entry.text, entry.matches[0], tokens);
  const shift = start > 0 ? ELLIPSIS.length - start : 0;
  const matches = entry.matches
    .filter((match) => match[0] >= start && match[1] <= end)
    .map(([from, to]): Match => [from + shift, to + shift]);
  const before = takeWithin(entry.before.toReversed(), tokens / 4).toReversed();
  return {
    ...entry,
    text,
    before,
    after: takeWithin(entry.after, tokens / 4),
    matches: matches.slice(0, tokens * MATCHES_PER_TOKEN),
  };
}

function shortenConcordanceLine(line: ConcordanceLine, tokens: number): ConcordanceLine {
  const share = tokens / 3;
  return {
    ...line,
    left: cutStart(line.left, share),
    match: cutEnd(line.match, share),
    right: cutEnd(line.right, share),
  };
}

/** Returns the text, and where it is in the original. */
function cutAround(text: string, match: Match | undefined, tokens: number) {
  const before = text.slice(0, match?.[0] ?? 0);
  const start = atCharacter(text, before.length - lengthWithin(before, tokens * BEFORE_MATCH));
  const end = atCharacter(text, start + lengthWithin(text, tokens, start));
  const cut = `${start > 0 ? ELLIPSIS : ''}${text.slice(start, end)}${end < text.length ? ELLIPSIS : ''}`;
  return { text: cut, start, end };
}

export function cutEnd(text: string, tokens: number): string {
  const length = lengthWithin(text, tokens);
  return length === text.length ? text : text.slice(0, atCharacter(text, length)) + ELLIPSIS;
}

function cutStart(text: string, tokens: number): string {
  const length = lengthWithin(text, tokens);
  return length === text.length ? text : ELLIPSIS + text.slice(atCharacter(text, text.length - length));
}

/** Moves an offset out of a surrogate pair. */
function atCharacter(text: string, offset: number): number {
  const code = text.charCodeAt(offset);
  return code >= 0xdc00 && code <= 0xdfff ? offset - 1 : offset;
}

/** Returns the first texts that fit. */
function takeWithin(texts: readonly string[], tokens: number): string[] {
  let free = tokens;
  const taken: string[] = [];
  for (const text of texts) {
    if (free < MIN_TEXT_TOKENS) break;
    const cut = cutEnd(text, free);
    taken.push(cut);
    free -= Math.max(1, costOf('', cut));
  }
  return taken;
}
