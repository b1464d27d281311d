// Divides the conditions of a query. Some become searches, whose entries are joined. grep checks
// the others on the texts of the candidates, which is faster.
import { type Conditions, isPlain, type QueryTerm } from '../query.js';
import { selectivityOf } from './line-search.js';

type Terms = Pick<Conditions, 'all_of' | 'any_of' | 'none_of'>;

export interface ConditionPlan {
  /** If there are no positive terms, all lines or quotes are candidates. */
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
 * Whether a decoded text shows if a term matches. U+FFFD in it can stand for invalid bytes. No
 * term matches these bytes, but a regular expression or U+FFFD itself would match U+FFFD.
 */
function isVerifiable(term: QueryTerm): boolean {
  return !isPlain(term) || (term.syntax !== 'regex' && !term.term.includes('\ufffd'));
}
