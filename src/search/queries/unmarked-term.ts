import { AppError } from '../../errors.js';
import { assertRegexes } from '../pattern/assert-regex.js';
import { isPlain, type QueryTerm } from '../query.js';
import { removeMarks } from './marks.js';

/** Removes the combining marks of a term. Throws `invalid_request` if what is left can't match. */
export function unmarkedTerm(term: QueryTerm): QueryTerm {
  const unmarked = { ...term, term: removeMarks(term.term) };
  if (unmarked.term === '') {
    const field = term.field ?? 'term';
    throw new AppError('invalid_request', `"${field}" must have a character other than combining marks.`);
  }
  // Nothing may be left of what it repeats.
  if (isPlain(unmarked)) assertRegexes([unmarked]);
  return unmarked;
}
