// Lets grep decide which candidates meet the conditions of a query.
import type { EntryObject, Match, SearchEngine } from '../engine.js';
import { mergeMatches } from '../entries/merge-matches.js';
import type { Conditions, QueryTerm } from '../query.js';
import type { EntrySource } from './entry-source.js';
import { TermCondition } from './term-condition.js';

/** Decides on candidates, of which it gets as many as grep can read at once, in file order. */
export class ConditionVerifier {
  readonly #all: readonly TermCondition[];
  readonly #any: readonly TermCondition[];
  readonly #none: readonly TermCondition[];

  /** Throws `invalid_request` if nothing is left of a term without its marks. */
  constructor(
    engine: SearchEngine,
    source: EntrySource,
    { all_of, any_of, none_of }: Pick<Conditions, 'all_of' | 'any_of' | 'none_of'>,
  ) {
    const condition = (term: QueryTerm) => new TermCondition(engine, source, term);
    this.#all = all_of.map(condition);
    this.#any = any_of.map(condition);
    this.#none = none_of.map(condition);
  }

  async close(): Promise<void> {
    for (const condition of [...this.#all, ...this.#any, ...this.#none]) await condition.close();
  }

  /** Returns the candidates that meet the conditions, with the matches of all positive terms. */
  async verify(candidates: readonly EntryObject[], signal: AbortSignal): Promise<EntryObject[]> {
    let entries = [...candidates];
    for (const condition of this.#all) {
      const found = await condition.verify(entries, signal);
      entries = entries.flatMap((entry, at) => withMatches(entry, [found[at]]));
    }
    if (this.#any.length > 0) {
      const found: (Match[] | undefined)[][] = [];
      for (const condition of this.#any) found.push(await condition.verify(entries, signal));
      entries = entries.flatMap((entry, at) =>
        withMatches(
          entry,
          found.map((each) => each[at]),
        ),
      );
    }
    for (const condition of this.#none) {
      const found = await condition.verify(entries, signal);
      entries = entries.filter((_, at) => found[at] === undefined);
    }
    return entries;
  }
}

/** Adds the matches of those terms that match. Returns no entry if none does. */
function withMatches(entry: EntryObject, found: readonly (Match[] | undefined)[]): EntryObject[] {
  if (found.every((matches) => matches === undefined)) return [];
  return [{ ...entry, matches: mergeMatches([...entry.matches, ...found.flatMap((matches) => matches ?? [])]) }];
}
