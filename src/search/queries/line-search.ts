// Several conditions on lines as one search, for engines that combine terms themselves.
import type { Format, LineCondition, SearchEngine, SearchQuery, Term } from '../engine.js';
import { type FindQuery, isPlain, type QueryTerm } from '../query.js';

/** Returns `undefined` if the engine can't answer the query by one search. */
export function toLineSearch<Some extends Format>(
  engine: SearchEngine,
  query: FindQuery & { format: Some },
): (SearchQuery & { format: Some }) | undefined {
  const { all_of, any_of, none_of, join_hyphens: _, ignore_marks, ...rest } = query;
  const isPossible = engine.combinesTerms && query.unit === 'line' && !ignore_marks;
  if (!isPossible || ![...all_of, ...any_of, ...none_of].every(isPlain)) return undefined;
  // grep reads the text for the first, and only its lines for the others.
  const [first, ...others] = all_of.filter(isPlain).sort((one, other) => selectivityOf(other) - selectivityOf(one));
  const conditions: LineCondition[] = others.map((term) => ({ terms: [term], isNegated: false }));
  const [any, none] = [any_of.filter(isPlain), none_of.filter(isPlain)];
  if (first !== undefined) {
    if (any.length > 0) conditions.push({ terms: any, isNegated: false });
    if (none.length > 0) conditions.push({ terms: none, isNegated: true });
    return { ...rest, ...first, conditions };
  }
  const [start, ...alternatives] = any.length > 0 ? any : none;
  if (start === undefined || !alternatives.every((term) => isReadAlike(term, start))) return undefined;
  if (any.length > 0 && none.length > 0) conditions.push({ terms: none, isNegated: true });
  const terms = { ...start, alternatives: alternatives.map(({ term }) => term) };
  return { ...rest, ...terms, isInverted: any.length === 0, conditions };
}

function isReadAlike(one: Term, other: Term): boolean {
  return one.syntax === other.syntax && one.ignore_case === other.ignore_case;
}

/** An estimate: longer terms are rarer. Regular expressions often match a lot, and take longer. */
export function selectivityOf({ term, syntax }: Pick<QueryTerm, 'term' | 'syntax'>): number {
  return syntax === 'regex' ? -1 / term.length : term.length;
}
