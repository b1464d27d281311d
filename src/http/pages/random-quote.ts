// Draws a random quote.
import { randomInt } from 'node:crypto';
import { type AllQuery, collect } from '../../search/engine.js';
import type { QueryEngine } from '../../search/query.js';

/** A random quote that is longer is replaced by a line. */
const MAX_QUOTE_LENGTH = 2_000;
/** A draw may yield a blank line. */
const MAX_DRAWS = 10;

/** Returns a query for a random quote of readable length, or else for a random line. */
export async function drawQuote(
  engine: QueryEngine,
  dictionary: string | undefined,
  signal: AbortSignal,
): Promise<AllQuery> {
  const query: AllQuery = { dictionary, nresults: 1, offset: 0, unit: 'quote', order: 'random', format: 'text' };
  for (let draws = 1; ; draws += 1) {
    query.seed = randomInt(2 ** 32);
    const [text] = (await collect(engine.all(query, signal), String)).entries;
    const isBlank = text === undefined || text.trim() === '';
    if ((!isBlank && text.length <= MAX_QUOTE_LENGTH) || draws === MAX_DRAWS) return query;
    if (!isBlank) query.unit = 'line';
  }
}
