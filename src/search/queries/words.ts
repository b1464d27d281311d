// Splits texts into words, to sort by the words beside matches or count them.

export interface Word {
  text: string;
  /** The offsets in the text, in UTF-16 code units. */
  start: number;
  end: number;
}

// At any point, each character fits one branch only, so the time is linear.
const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:['’‐‑-][\p{L}\p{N}][\p{L}\p{N}\p{M}]*)*/gu;

/**
 * Yields the words of a text in order. A word is a run of letters, digits and the marks on them.
 * Single apostrophes and hyphens between two of these belong to it: `don't`, `well-known`. A word
 * ends at a line end, even if it is hyphenated there.
 */
export function* wordsOf(text: string): Generator<Word, void, void> {
  for (const match of text.matchAll(WORD)) {
    const [word] = match;
    yield { text: word, start: match.index, end: match.index + word.length };
  }
}
