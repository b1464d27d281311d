// A search of an open dictionary, or of several.
import type { AllQuery, SearchQuery } from '../../engine.js';
import type { Selection } from '../../entries/selection.js';
import type { Pattern } from '../../grep/run-grep.js';
import type { OpenDictionaries } from './open-dictionaries.js';
import type { OpenDictionary } from './open-dictionary.js';

export interface SearchTask {
  query: AllQuery & Pick<SearchQuery, 'n_before' | 'n_after' | 'observer'>;
  pattern: Pattern;
  dictionary: OpenDictionary | OpenDictionaries;
  selection: Selection;
  signal: AbortSignal;
}

/** A search of one open dictionary. */
export interface DictionaryTask extends SearchTask {
  dictionary: OpenDictionary;
}
