// Rejects regular expressions that are valid for grep but are mistakes or too large.
import { AppError } from '../../errors.js';
import type { SearchQuery } from '../engine.js';
import { findMistake } from './regex-mistakes.js';
import { MAX_REGEX_SIZE, regexSize } from './regex-size.js';

/**
 * Throws `invalid_request` if the term is a regular expression that grep reads differently from
 * what its author means, or that expands to more than `MAX_REGEX_SIZE`. grep itself reports syntax
 * errors.
 */
export function assertRegex({ term, syntax }: Pick<SearchQuery, 'term' | 'syntax'>): void {
  if (syntax !== 'regex') return;
  const mistake = findMistake(term);
  if (mistake !== undefined) {
    const { fragment, position, problem, advice } = mistake;
    const message = `"term" must be a POSIX extended regular expression; ${fragment} at character ${position} ${problem}. ${advice}`;
    throw new AppError('invalid_request', message, { reason: `"term" has a mistake: ${mistake.kind}` });
  }
  const size = regexSize(term);
  if (size <= MAX_REGEX_SIZE) return;
  throw new AppError(
    'invalid_request',
    `"term" must be at most ${MAX_REGEX_SIZE} characters long after its repetitions are expanded, got ${size}.`,
  );
}
