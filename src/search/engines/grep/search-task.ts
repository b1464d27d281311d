// A search of an open dictionary.
import type { AllQuery, SearchQuery } from '../../engine.js';
import type { Selection } from '../../entries/selection.js';
import type { Pattern } from '../../grep/run-grep.js';
import type { OpenDictionary } from './open-dictionary.js';

export interface SearchTask {
  query: AllQuery & Pick<SearchQuery, 'n_before' | 'n_after' | 'observer'>;
  pattern: Pattern;
  dictionary: OpenDictionary;
  selection: Selection;
  signal: AbortSignal;
}
