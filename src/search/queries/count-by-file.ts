// Counts the entries and matches of each file.
import type { Answer, SearchEngine } from '../engine.js';
import type { Conditions, FileCount } from '../query.js';

export function countByFile(_engine: SearchEngine, _query: Conditions, _signal: AbortSignal): Answer<FileCount> {
  throw new Error('not implemented');
}
