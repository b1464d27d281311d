// When to stop working for a request: the client has left, or its time is up.
import type { ServerResponse } from 'node:http';
import { AppError } from '../errors.js';

/** A signal that aborts with an AbortError when the client leaves, and with `search_timeout` after so many milliseconds. */
export function searchSignal(response: ServerResponse, timeoutMs: number): AbortSignal {
  const controller = abortOnClose(response);
  const timer = setTimeout(() => {
    controller.abort(new AppError('search_timeout', `The search took longer than ${timeoutMs} ms.`));
  }, timeoutMs);
  controller.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  return controller.signal;
}

/** A controller that aborts when the client has left or has been answered. */
export function abortOnClose(response: ServerResponse): AbortController {
  const controller = new AbortController();
  if (response.closed) controller.abort();
  else response.once('close', () => controller.abort());
  return controller;
}
