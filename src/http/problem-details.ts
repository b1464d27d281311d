// Problem details for HTTP APIs (RFC 9457), for clients that ask for them.
import type { AppError } from '../errors.js';
import { shorten } from './error-response.js';
import { routes } from './routes.js';

export const PROBLEM_TYPE = 'application/problem+json';

/** @param instance identifies the failed request, as a URI reference */
export function renderProblemDetails(error: AppError, instance: string): string {
  const { status, when } = error.kind;
  return JSON.stringify({
    type: problemTypeUrl(error.code),
    title: titleOf(when),
    status,
    detail: shorten(error.message),
    instance,
    code: error.code,
  });
}

/** The instructions describe each kind of error under this URL. */
export function problemTypeUrl(code: string): string {
  return `${routes.instructions.path}#${code}`;
}

function titleOf(when: string): string {
  const text = when.replaceAll('`', '');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
