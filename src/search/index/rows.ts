// The rows of the index: which blocks contain a trigram, that is three consecutive folded bytes of
// a line. Rare trigrams share rows, which only adds candidates.

export const ROW_BITS = 16;
export const ROWS = 2 ** ROW_BITS;
/** The number of bytes of a trigram. */
export const GRAM_BYTES = 3;

/** Hashes a trigram, a number of 24 bits, to a row by Fibonacci hashing. */
export function rowOf(trigram: number): number {
  return Math.imul(trigram, 0x9e3779b1) >>> (32 - ROW_BITS);
}

/** Returns the rows of all trigrams of a folded text without line ends, each once. */
export function rowsOf(folded: Buffer): number[] {
  const rows = new Set<number>();
  for (let at = 0; at + GRAM_BYTES <= folded.length; at += 1) rows.add(rowOf(folded.readUIntBE(at, GRAM_BYTES)));
  return [...rows];
}
