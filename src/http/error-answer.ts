// What an error looks like to the caller, however it came about.
import type { AppError } from '../errors.js';
import { routes } from './routes.js';

export interface ErrorAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export function errorAnswer(error: AppError): ErrorAnswer {
  const { status, retryAfter, authenticate } = error.kind;
  return {
    status,
    headers: {
      'Content-Type': 'application/json; charset=utf-8',
      'X-Content-Type-Options': 'nosniff',
      ...(authenticate !== undefined && { 'WWW-Authenticate': authenticate }),
      ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }),
    },
    body: JSON.stringify({
      Code: status,
      message: `${error.message} See ${routes.instructions.path} for instructions.`,
    }),
  };
}
