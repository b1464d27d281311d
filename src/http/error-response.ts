// Renders an error as an HTTP response, with Koa or without.
import type { AppError } from '../errors.js';
import { routes } from './routes.js';

/** The maximum length of a message, which may quote a path or grep's output (UTF-16 code units). */
const MAX_MESSAGE_LENGTH = 2_000;

export interface ErrorResponse {
  status: number;
  /** An array is sent as several header lines with the same name. */
  headers: Record<string, string | string[]>;
  body: string;
}

/** Renders an error as the status, headers and JSON body that every caller gets. */
export function renderErrorResponse(error: AppError): ErrorResponse {
  const { status, retryAfter, authenticate } = error.kind;
  return {
    status,
    headers: {
      'Content-Type': 'application/json; charset=utf-8',
      'X-Content-Type-Options': 'nosniff',
      ...(authenticate !== undefined && { 'WWW-Authenticate': [...authenticate] }),
      ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }),
    },
    body: JSON.stringify({
      Code: status,
      message: `${shorten(error.message)} See ${routes.instructions.path} for instructions.`,
    }),
  };
}

/** Truncates a message to the maximum length. */
export function shorten(message: string): string {
  return message.length > MAX_MESSAGE_LENGTH ? `${message.slice(0, MAX_MESSAGE_LENGTH)}…` : message;
}
