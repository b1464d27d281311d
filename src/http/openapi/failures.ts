// Examples of failing requests, for the documentation.
import { AppError, type ErrorCode } from '../../errors.js';
import { renderErrorResponse } from '../error-response.js';

export interface Failure {
  title: string;
  request: object;
  status: number;
  answer: object;
}

/** Failures of `POST /api/v1/json`. */
export const failures: Failure[] = [
  failure(
    'an invalid value',
    { action: 'search', term: 'love', n_before: 101 },
    'invalid_request',
    '"n_before" must be an integer from 0 to 100, got 101.',
  ),
  failure(
    'an invalid regular expression',
    { action: 'search', dictionary: 'devils-dictionary.txt', term: '(', syntax: 'regex' },
    'invalid_request',
    '"term" must be a regular expression that grep accepts; grep reports: Unmatched ( or \\(. Try "\\(".',
  ),
  failure(
    'an unknown dictionary',
    { action: 'search', term: 'love', dictionary: 'nope.txt' },
    'unknown_dictionary',
    'There is no dictionary named "nope.txt".',
  ),
  failure(
    'a file instead of a folder',
    { action: 'list', folder: 'devils-dictionary.txt' },
    'not_a_folder',
    '"devils-dictionary.txt" is a file, not a folder.',
  ),
];

function failure(title: string, request: object, code: ErrorCode, message: string): Failure {
  const { status, body } = renderErrorResponse(new AppError(code, message));
  return { title, request, status, answer: JSON.parse(body) };
}
