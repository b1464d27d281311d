// The one place that names the engines.
import type { SearchEngine } from './engine.js';
import { openGrep } from './grep/grep-engine.js';
import { LimitedEngine, type Limits } from './limited-engine.js';

export interface EngineOptions extends Limits {
  dictionariesDir: string;
  defaultDictionary: string | undefined;
}

/** Throws when the dictionaries or the grep program can't be used. */
export async function openEngine(options: EngineOptions): Promise<SearchEngine> {
  return new LimitedEngine(await openGrep(options), options);
}
