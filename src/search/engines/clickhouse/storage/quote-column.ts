// The column `quote` of the lines table: 2n for a line of quote n, and 2n + 1 for a line between
// quotes n and n + 1, which belongs to no quote. So the column never decreases from line to line.

/** @param quote the number of the line's quote, or of the last one before it */
export function encodeQuote(quote: number, isInQuote: boolean): number {
  return 2 * quote + (isInQuote ? 0 : 1);
}

/** Returns `undefined` for a line that belongs to no quote. */
export function decodeQuote(column: number): number | undefined {
  return column % 2 === 0 ? column / 2 : undefined;
}

/** An SQL condition for lines that belong to a quote. */
export const IS_IN_QUOTE = 'quote % 2 = 0';
