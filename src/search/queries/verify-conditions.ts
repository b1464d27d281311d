// Lets grep decide which candidates meet the conditions of a query.
import type { EntryObject, Match, SearchEngine } from '../engine.js';
import { mergeMatches } from '../entries/merge-matches.js';
import type { Conditions, QueryTerm } from '../query.js';
import { TermVerifier } from './term-verifier.js';
import { unmarkedTerm } from './unmarked-term.js';

/** Decides on candidates, of which it gets as many as grep can read at once. */
export class ConditionVerifier {
  readonly #all: readonly TermVerifier[];
  readonly #any: readonly TermVerifier[];
  readonly #none: readonly TermVerifier[];

  /** Throws `invalid_request` if nothing is left of a term without its marks. */
  constructor(
    engine: SearchEngine,
    options: Pick<Conditions, 'join_hyphens' | 'ignore_marks'>,
    { all_of, any_of, none_of }: Pick<Conditions, 'all_of' | 'any_of' | 'none_of'>,
  ) {
    const verifier = (term: QueryTerm) =>
      new TermVerifier(engine, options, options.ignore_marks ? unmarkedTerm(term) : term);
    this.#all = all_of.map(verifier);
    this.#any = any_of.map(verifier);
    this.#none = none_of.map(verifier);
  }

  /** Returns the candidates that meet the conditions, with the matches of all positive terms. */
  async verify(candidates: readonly EntryObject[], signal: AbortSignal): Promise<EntryObject[]> {
    let entries = [...candidates];
    for (const verifier of this.#all) {
      const found = await verifier.verify(entries, signal);
      entries = entries.flatMap((entry, at) => withMatches(entry, [found[at]]));
    }
    if (this.#any.length > 0) {
      const found: (Match[] | undefined)[][] = [];
      for (const verifier of this.#any) found.push(await verifier.verify(entries, signal));
      entries = entries.flatMap((entry, at) =>
        withMatches(
          entry,
          found.map((each) => each[at]),
        ),
      );
    }
    for (const verifier of this.#none) {
      const found = await verifier.verify(entries, signal);
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
