// Divides the conditions of a query: some are searches of their own, whose entries are joined; grep
// decides on the others where it has the texts of candidates, which takes less.
import { type Conditions, isPlain, type QueryTerm } from '../query.js';
import { selectivityOf } from './line-search.js';

type Terms = Pick<Conditions, 'all_of' | 'any_of' | 'none_of'>;

export interface ConditionPlan {
  /** Without any, all lines or quotes are candidates. */
  joined: Terms;
  verified: Terms;
}

export function planConditions({ all_of, any_of, none_of, ignore_marks }: Conditions): ConditionPlan {
  const canVerify = (term: QueryTerm) => ignore_marks || isVerifiable(term);
  const isJoined = (term: QueryTerm) => !canVerify(term);
  const excluded = { joined: none_of.filter(isJoined), verified: none_of.filter(canVerify) };
  // The candidates are those of one term, or all that match any.
  const [base, ...others] = all_of.toSorted((one, other) => selectivityOf(other) - selectivityOf(one));
  const joinsAny = base === undefined || any_of.some(isJoined);
  return {
    joined: {
      all_of: base === undefined ? [] : [base, ...others.filter(isJoined)],
      any_of: joinsAny ? any_of : [],
      none_of: excluded.joined,
    },
    verified: {
      all_of: others.filter(canVerify),
      any_of: joinsAny ? [] : any_of,
      none_of: excluded.verified,
    },
  };
}

/**
 * Whether a decoded text tells if a term matches. In it, U+FFFD can stand for invalid bytes, which
 * no term matches, but which a regular expression or U+FFFD itself would.
 */
function isVerifiable(term: QueryTerm): boolean {
  return !isPlain(term) || (term.syntax !== 'regex' && !term.term.includes('\ufffd'));
}
