// Returns each match with the text on both sides of it.
import type { Answer, SearchEngine } from '../engine.js';
import type { ConcordanceLine, ConcordanceQuery } from '../query.js';

export function concordance(
  _engine: SearchEngine,
  _query: ConcordanceQuery,
  _signal: AbortSignal,
): Answer<ConcordanceLine> {
  throw new Error('not implemented');
}
