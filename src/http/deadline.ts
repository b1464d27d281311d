// When to stop working for a request: the client has left, or its time is up.
import type { ServerResponse } from 'node:http';
import { AppError } from '../errors.js';

/** A signal that aborts with `search_timeout` after so many milliseconds, and with an AbortError when the client leaves. */
export function requestSignal(response: ServerResponse, timeoutMs: number): AbortSignal {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(new AppError('search_timeout', `The search took longer than ${timeoutMs} ms.`));
  }, timeoutMs);
  const onClose = () => {
    clearTimeout(timer);
    controller.abort();
  };
  if (response.closed) onClose();
  else response.once('close', onClose);
  return controller.signal;
}
