// Chooses a word that is typical of a text, from a part of the text.

const WORD = /[\p{L}\p{M}]+/gu;

/** In these scripts, words are short, and no spaces separate them. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
const UNSPACED_LENGTH = 2;
const MIN_LENGTH = 4;

/** Common words occur in the other texts, too. */
const COMMON_WORD_PENALTY = 4;

/** Counts the words of a text that are long enough for an example. */
export function countWords(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [letters] of text.matchAll(WORD)) {
    const word = UNSPACED.test(letters) ? [...letters].slice(0, UNSPACED_LENGTH).join('') : letters;
    if (weightOf(word) > 0) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

/** Returns the most typical words first: frequent here, long, and rare in the other texts. */
export function typicalWords(counts: ReadonlyMap<string, number>, others: ReadonlyMap<string, number>[]): string[] {
  const scores = [...counts].map(([word, count]) => {
    const elsewhere = others.reduce((sum, other) => sum + (other.get(word) ?? 0), 0);
    return { word, score: (count * weightOf(word)) / (1 + COMMON_WORD_PENALTY * elsewhere) };
  });
  return scores.sort((a, b) => b.score - a.score).map(({ word }) => word);
}

function weightOf(word: string): number {
  return [...word].length - (UNSPACED.test(word) ? UNSPACED_LENGTH : MIN_LENGTH) + 1;
}
