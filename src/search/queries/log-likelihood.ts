// Measures how much more, or less, often a word occurs in some positions of a text than elsewhere.

export interface WordTable {
  /** How often the word occurs in the positions, and the number of words there. */
  count: number;
  positions: number;
  /** How often the word occurs in the whole text, and the number of words in it. */
  frequency: number;
  words: number;
}

const DECIMALS = 1e4;

/**
 * Returns the log-likelihood ratio G² of the 2x2 table of words: in the positions or not, and this
 * word or another (Dunning 1993). 0 if the word is as frequent in both. Rounded to four decimals.
 */
export function logLikelihood({ count, positions, frequency, words }: WordTable): number {
  const elsewhere = frequency - count;
  const otherWords = words - frequency;
  const table = [
    [count, positions, frequency],
    [elsewhere, words - positions, frequency],
    [positions - count, positions, otherWords],
    [words - positions - elsewhere, words - positions, otherWords],
  ] as const;
  let sum = 0;
  for (const [observed, row, column] of table) {
    if (observed > 0) sum += observed * Math.log((observed * words) / (row * column));
  }
  // Rounding errors can make it slightly negative.
  return Math.round(Math.max(0, 2 * sum) * DECIMALS) / DECIMALS;
}
