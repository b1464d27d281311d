// Rejects regular expressions that are valid for grep but are mistakes or too large.
import { AppError } from '../../errors.js';
import type { Term } from '../engine.js';
import { correctRegex, renderCorrection } from './correct-regex.js';
import { findMistake } from './regex-mistakes.js';
import { MAX_REGEX_SIZE, regexSize } from './regex-size.js';

/**
 * Throws `invalid_request` if the term is a regular expression that grep reads differently from
 * what its author means, or that expands to more than `MAX_REGEX_SIZE`. grep itself reports syntax
 * errors.
 */
export function assertRegex({ term, syntax }: Pick<Term, 'term' | 'syntax'>): void {
  assertRegexes([{ term, syntax, field: 'term' }]);
}

/** Like `assertRegex` for the terms of a query. The sum of their sizes is limited, too. */
export function assertRegexes(terms: readonly (Pick<Term, 'term' | 'syntax'> & { field?: string })[]): void {
  let total = 0;
  for (const { term, field = 'term' } of terms.filter(({ syntax }) => syntax === 'regex')) {
    const mistake = findMistake(term);
    if (mistake !== undefined) {
      const { fragment, position, problem, advice } = mistake;
      const correction = correctRegex(term);
      const message = `"${field}" must be a POSIX extended regular expression; ${fragment} at character ${position} ${problem}. ${advice}${renderCorrection(correction)}`;
      const reason = `"${field}" has a mistake: ${mistake.kind}`;
      throw new AppError('invalid_request', message, { reason, invalidField: { name: field, correction } });
    }
    const size = regexSize(term);
    const room = MAX_REGEX_SIZE - total;
    if (size > room) {
      const others = total === 0 ? '' : ` together with the regular expressions before it, which take ${total}`;
      const message = `"${field}" must be at most ${MAX_REGEX_SIZE} characters long after its repetitions are expanded${others}, got ${size}.`;
      throw new AppError('invalid_request', message);
    }
    total += size;
  }
}
