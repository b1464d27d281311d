// The views of an engine, one for each set of visible dictionaries.
import { LRUCache } from 'lru-cache';
import type { QueryEngine } from '../query.js';
import { VisibleEngine } from './visible-engine.js';

/** More than a key file needs. */
const MAX_VIEWS = 1_000;

export class EngineViews {
  readonly #engine: QueryEngine;
  readonly #views = new LRUCache<string, QueryEngine>({ max: MAX_VIEWS });

  constructor(engine: QueryEngine) {
    this.#engine = engine;
  }

  /**
   * Returns the engine as a caller sees it. Callers with the same globs share a view.
   *
   * @param globs for the names of the visible dictionaries, in a fixed order; by default, all are
   */
  of(globs: readonly string[] | undefined): QueryEngine {
    if (globs === undefined) return this.#engine;
    // No glob contains NUL.
    const key = globs.join('\0');
    const known = this.#views.get(key);
    if (known !== undefined) return known;
    const view = new VisibleEngine(this.#engine, globs);
    this.#views.set(key, view);
    return view;
  }
}
