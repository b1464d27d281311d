// Counts different texts: the matches, or the words beside them.
import type { Answer, SearchEngine } from '../engine.js';
import type { Frequency, FrequencyQuery } from '../query.js';

export function countTexts(_engine: SearchEngine, _query: FrequencyQuery, _signal: AbortSignal): Answer<Frequency> {
  throw new Error('not implemented');
}
