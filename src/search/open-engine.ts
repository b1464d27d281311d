// The one place that names the engines.
import type { SearchEngine } from './engine.js';
import { type GrepOptions, openGrep } from './grep/grep-engine.js';
import { LimitedEngine } from './limited-engine.js';
import type { Limits } from './places.js';

export type EngineOptions = GrepOptions & Limits;

/** Throws when the dictionaries or the grep program can't be used. */
export async function openEngine(options: EngineOptions): Promise<SearchEngine> {
  return new LimitedEngine(await openGrep(options), options);
}
